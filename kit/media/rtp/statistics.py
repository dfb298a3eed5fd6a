"""Statistics in the words of W3C's webrtc-stats, beside those that aiortc gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiortc.stats import RTCInboundRtpStreamStats, RTCOutboundRtpStreamStats, RTCTransportStats

# The names are those of the standard.
# ruff: noqa: N815


@dataclass
class InboundStats(RTCInboundRtpStreamStats):
    """Received stream. Durations in seconds; video leaves the audio fields 0 and the other way round."""

    bytesReceived: int = 0
    nackCount: int = 0
    pliCount: int = 0
    retransmittedPacketsReceived: int = 0
    framesReceived: int = 0
    framesDecoded: int = 0
    keyFramesDecoded: int = 0
    framesDropped: int = 0
    frameWidth: int = 0
    frameHeight: int = 0
    framesPerSecond: float = 0.0
    freezeCount: int = 0
    totalFreezesDuration: float = 0.0
    totalDecodeTime: float = 0.0
    totalSamplesReceived: int = 0
    concealedSamples: int = 0
    silentConcealedSamples: int = 0
    concealmentEvents: int = 0
    recoveredSamples: int = 0
    insertedSamplesForDeceleration: int = 0
    removedSamplesForAcceleration: int = 0
    jitterBufferDelay: float = 0.0
    jitterBufferTargetDelay: float = 0.0
    jitterBufferEmittedCount: int = 0
    lipSyncOffset: float | None = None
    """Picture later than its sound is positive; not of the standard."""


@dataclass
class OutboundStats(RTCOutboundRtpStreamStats):
    """Sent stream."""

    headerBytesSent: int = 0
    retransmittedPacketsSent: int = 0
    retransmittedBytesSent: int = 0
    nackCount: int = 0
    pliCount: int = 0
    framesEncoded: int = 0
    keyFramesEncoded: int = 0
    framesSkipped: int = 0
    totalEncodeTime: float = 0.0
    targetBitrate: float = 0.0
    frameWidth: int = 0
    frameHeight: int = 0
    encoderImplementation: str = ""
    qualityLimitationReason: str = "none"
    stoppedDuration: float = 0.0
    """Seconds without pictures, which did not fit beside the sound; not of the standard."""
    roundTripTime: float | None = None
    fractionLost: float = 0.0


@dataclass
class TransportStats(RTCTransportStats):
    """One bundle."""

    availableOutgoingBitrate: float = 0.0
    currentRoundTripTime: float | None = None
    packetLoss: float = 0.0
    queueingDelay: float = 0.0
    refusedPackets: int = 0
    refusedByKind: dict[str, int] = field(default_factory=dict)
    """Not of the standard; see :class:`kit.media.rtp.guard.Refused`."""
    lastPacketReceived: float | None = None
    """Seconds since anything came."""


class Freezes:
    """Counts freezes as the standard does: a gap above 3 mean intervals and above the mean plus 150 ms."""

    def __init__(self) -> None:
        self.count = 0
        self.total_s = 0.0
        self._last: float | None = None
        self._intervals: list[float] = []

    def on_picture(self, now: float) -> None:
        """Note a picture as it is shown."""
        last, self._last = self._last, now
        if last is None:
            return
        interval = now - last
        known = self._intervals
        mean = sum(known) / len(known) if known else interval
        if known and interval > max(3 * mean, mean + 0.15):
            self.count += 1
            self.total_s += interval
            return
        known.append(interval)
        del known[:-30]

    @property
    def frames_per_second(self) -> float:
        """Of the last 30 intervals without freezes."""
        return len(self._intervals) / sum(self._intervals) if sum(self._intervals) > 0 else 0.0
