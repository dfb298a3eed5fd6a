"""How good the call is, in the words of W3C's webrtc-stats: rates of the last seconds, freezes of it all."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kit.ipc.call import Limitation, Quality
from kit.media.rtp.statistics import InboundStats, OutboundStats, TransportStats

_WINDOW_S = 3.0


class Counters(Struct, frozen=True, kw_only=True):
    """Totals of one leg at one moment; None where nothing is known yet. Durations in seconds."""

    bytes_sent: int = 0
    bytes_received: int = 0
    audio_packets_sent: int = 0
    audio_packets_received: int = 0
    audio_packets_lost: int = 0
    video_packets_sent: int = 0
    video_packets_received: int = 0
    video_packets_lost: int = 0
    frames_encoded: int = 0
    total_encode_time: float = 0.0
    frames_decoded: int = 0
    frames_dropped: int = 0
    """Of those received: they could not be decoded, or not in time."""
    packets_refused: int = 0
    freeze_count: int = 0
    total_freezes_duration: float = 0.0
    total_samples_received: int = 0
    concealed_samples: int = 0
    jitter_buffer_delay: float = 0.0
    jitter_buffer_emitted_count: int = 0
    nack_count: int = 0
    pli_count: int = 0
    current_round_trip_time: float | None = None
    available_outgoing_bitrate: float | None = None
    encoder_implementation: str = ""
    quality_limitation_reason: str = "none"
    lip_sync_offset: float | None = None
    frame_height: int = 0
    """Of what is sent."""
    video_stopped: bool = False
    """Pictures are not sent: they do not fit beside the sound."""
    their_video_stopped: bool = False
    """Nor are all received, for the same reason."""

    @property
    def packets_received(self) -> int:
        """Sound and pictures; retransmissions are not counted."""
        return self.audio_packets_received + self.video_packets_received

    @property
    def packets_lost(self) -> int:
        """Sound and pictures, as they came the first time."""
        return self.audio_packets_lost + self.video_packets_lost


def received(counters: Counters, sound: InboundStats | None, pictures: InboundStats | None) -> Counters:
    """Return the counters with what was received; None: no packet of that kind has come."""
    if sound is not None:
        counters = replace(
            counters,
            audio_packets_received=sound.packetsReceived,
            audio_packets_lost=sound.packetsLost,
            total_samples_received=sound.totalSamplesReceived,
            concealed_samples=sound.concealedSamples,
            jitter_buffer_delay=sound.jitterBufferDelay,
            jitter_buffer_emitted_count=sound.jitterBufferEmittedCount,
            lip_sync_offset=sound.lipSyncOffset,
        )
    if pictures is not None:
        counters = replace(
            counters,
            video_packets_received=pictures.packetsReceived,
            video_packets_lost=pictures.packetsLost,
            frames_decoded=pictures.framesDecoded,
            frames_dropped=pictures.framesDropped,
            freeze_count=pictures.freezeCount,
            total_freezes_duration=pictures.totalFreezesDuration,
            nack_count=pictures.nackCount,
            pli_count=pictures.pliCount,
        )
    return counters


def sent(
    counters: Counters, sound: OutboundStats, pictures: OutboundStats, transport: TransportStats
) -> Counters:
    """Return the counters with what was sent, and over which path."""
    return replace(
        counters,
        bytes_sent=transport.bytesSent,
        bytes_received=transport.bytesReceived,
        packets_refused=transport.refusedPackets,
        audio_packets_sent=sound.packetsSent,
        video_packets_sent=pictures.packetsSent,
        frames_encoded=pictures.framesEncoded,
        total_encode_time=pictures.totalEncodeTime,
        encoder_implementation=pictures.encoderImplementation,
        quality_limitation_reason=pictures.qualityLimitationReason,
        frame_height=pictures.frameHeight,
        current_round_trip_time=transport.currentRoundTripTime or sound.roundTripTime,
        available_outgoing_bitrate=transport.availableOutgoingBitrate,
    )


class DevicesLost(NamedTuple):
    """What the devices have lost in the call."""

    xruns: int = 0
    pictures: int = 0


NOTHING_LOST = DevicesLost()


class _Whole(NamedTuple):
    """What is counted over the whole call."""

    freezes: int = 0
    frozen_s: float = 0.0
    undecoded: int = 0
    refused: int = 0

    def and_(self, leg: Counters) -> _Whole:
        return _Whole(
            self.freezes + leg.freeze_count,
            self.frozen_s + leg.total_freezes_duration,
            self.undecoded + leg.frames_dropped,
            self.refused + leg.packets_refused,
        )


class Meter:
    """From totals to rates over a sliding window. Legs come and go; what is counted is of the whole call."""

    def __init__(self) -> None:
        self._history: deque[tuple[float, Counters]] = deque()
        self._former = _Whole()
        """Of the legs before this one."""

    def restart(self) -> None:
        """Totals begin at zero again: a new leg."""
        self._former = self._whole()
        self._history.clear()

    def add(self, at: float, now: Counters) -> None:
        """Take the totals at ``at`` (seconds)."""
        self._history.append((at, now))
        while self._history[0][0] < at - _WINDOW_S:
            self._history.popleft()

    def quality(self, level_dbfs: float, devices: DevicesLost = NOTHING_LOST) -> Quality:
        """Return the rates; None where the window is too short."""
        rough = replace(self._counted(devices), level_dbfs=round(level_dbfs, 1))
        if len(self._history) < 2:
            return rough
        (began, then), (ended, now) = self._history[0], self._history[-1]
        seconds = max(ended - began, 1e-3)
        lost = now.packets_lost - then.packets_lost
        delay = now.jitter_buffer_delay - then.jitter_buffer_delay
        emitted = now.jitter_buffer_emitted_count - then.jitter_buffer_emitted_count
        encoded = now.frames_encoded - then.frames_encoded
        return replace(
            rough,
            send_fps=round(encoded / seconds, 1),
            receive_fps=round((now.frames_decoded - then.frames_decoded) / seconds, 1),
            send_kbps=_kbps(now.bytes_sent - then.bytes_sent, seconds),
            receive_kbps=_kbps(now.bytes_received - then.bytes_received, seconds),
            available_kbps=_scaled(now.available_outgoing_bitrate, 1e-3),
            round_trip_ms=_scaled(now.current_round_trip_time, 1000),
            packets_lost_percent=_percent(lost, now.packets_received - then.packets_received + lost),
            concealed_percent=_percent(
                now.concealed_samples - then.concealed_samples,
                now.total_samples_received - then.total_samples_received,
            ),
            jitter_buffer_ms=round(1000 * delay / emitted, 1) if emitted > 0 else None,
            encode_ms=_scaled((now.total_encode_time - then.total_encode_time) / encoded, 1000)
            if encoded > 0
            else None,
            lip_sync_ms=_scaled(now.lip_sync_offset, 1000),
            send_height=now.frame_height,
            nack_count=now.nack_count,
            pli_count=now.pli_count,
            encoder=now.encoder_implementation,
            limited_by=Limitation(now.quality_limitation_reason),
            video_stopped=now.video_stopped,
            their_video_stopped=now.their_video_stopped,
        )

    def posted(self) -> Mapping[str, Mapping[str, float | str]]:
        """Return what Pexip's ``statistics`` takes: kbit/s, percent, packets."""
        if len(self._history) < 2:
            return {}
        (began, then), (ended, now) = self._history[0], self._history[-1]
        seconds = max(ended - began, 1e-3)
        loss = _percent(
            now.video_packets_lost - then.video_packets_lost,
            now.video_packets_received - then.video_packets_received,
        )
        video: dict[str, float | str] = {
            "rx_bitrate": round(_kbps(now.bytes_received - then.bytes_received, seconds)),
            "tx_bitrate": round(_kbps(now.bytes_sent - then.bytes_sent, seconds)),
            "rx_fps": round((now.frames_decoded - then.frames_decoded) / seconds),
            "tx_fps": round((now.frames_encoded - then.frames_encoded) / seconds),
            "rx_packets_received": now.video_packets_received,
            "rx_packets_lost": now.video_packets_lost,
            "tx_packets_sent": now.video_packets_sent,
            "rx_windowed_packet_loss": loss or 0.0,
        }
        audio: dict[str, float | str] = {
            "rx_packets_received": now.audio_packets_received,
            "rx_packets_lost": now.audio_packets_lost,
            "tx_packets_sent": now.audio_packets_sent,
            "rx_codec": "opus",
            "tx_codec": "opus",
        }
        return {"audio": audio, "video": video}

    def _counted(self, devices: DevicesLost) -> Quality:
        whole = self._whole()
        return Quality(
            freeze_count=whole.freezes,
            freeze_seconds=round(whole.frozen_s, 2),
            xruns=devices.xruns,
            damaged_pictures=devices.pictures + whole.undecoded,
            refused_packets=whole.refused,
        )

    def _whole(self) -> _Whole:
        return self._former.and_(self._history[-1][1]) if self._history else self._former


def _kbps(octets: int, seconds: float) -> float:
    return round(octets * 8 / 1000 / seconds, 1)


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else round(value * factor, 1)


def _percent(part: int, whole: int) -> float | None:
    return None if whole <= 0 else round(100 * min(max(part, 0) / whole, 1.0), 2)
