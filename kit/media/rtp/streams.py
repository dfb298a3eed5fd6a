"""Outgoing streams: numbers, history and copies. Sans-io; the transport sends what they make."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from kit.media.rtp.history import History
from kit.media.rtp.packet import RtpPacket, wrap_rtx

PADDING = 224


@dataclass(slots=True)
class Counters:
    """Totals since the stream began, as W3C's outbound-rtp names them."""

    packets_sent: int = 0
    bytes_sent: int = 0
    header_bytes_sent: int = 0
    retransmitted_packets_sent: int = 0
    retransmitted_bytes_sent: int = 0
    nack_count: int = 0
    pli_count: int = 0
    frames_encoded: int = 0
    key_frames_encoded: int = 0
    frames_skipped: int = 0
    total_encode_s: float = 0.0


class Timeline:
    """Keeps a stream's media time going when its source is replaced and begins anew, or jumps."""

    def __init__(self, clock_rate: int) -> None:
        self._clock_rate = clock_rate
        self._shift = 0
        self._last: tuple[int, float] | None = None

    def at(self, units: int, now: float) -> int:
        """Media time for a frame dated ``units`` by its source; over a jump it follows the clock."""
        if self._last is not None:
            last, when = self._last
            expected = last + round((now - when) * self._clock_rate)
            wanted = units + self._shift
            if wanted <= last or abs(wanted - expected) > self._clock_rate // 2:
                self._shift = expected - units
        self._last = (units + self._shift, now)
        return units + self._shift


class OutgoingStream:
    """One SSRC and, when retransmission was negotiated, its second one (RFC 4588).

    The sequence number starts in the lower half of its range: SRTP derives its roll-over counter from it.
    """

    def __init__(self, ssrc: int, rtx_ssrc: int, mid: bytes) -> None:
        self.ssrc, self.rtx_ssrc, self.mid = ssrc, rtx_ssrc, mid
        self.rtx_type: int | None = None
        self.forwarded = False
        """The other side hands packets on as they come. Janus then drops retransmissions that it did not ask
        for, but takes a packet itself whenever it comes for the first time (RFC 3711, 3.3.2).
        """
        self.history = History()
        self.counters = Counters()
        self._next = secrets.randbits(15)
        self._next_rtx = secrets.randbits(15)
        self.anchor: tuple[int, float] | None = None
        """RTP timestamp and monotonic second of the last capture."""
        self.leaving: int | None = None
        """Timestamp of the last packet that left: its frame must be completed."""

    def captured(self, timestamp: int, at: float) -> None:
        """Note a capture: sender reports tie a timestamp to that moment, not to when it left."""
        self.anchor = (timestamp, at)

    def number(self, packet: RtpPacket, now: float) -> None:
        """Give a packet its sequence number as it leaves, unless it has one."""
        counters = self.counters
        counters.packets_sent += 1
        counters.bytes_sent += len(packet.payload)
        counters.header_bytes_sent += 28 + packet.padding
        if packet.ssrc == self.rtx_ssrc or packet.repeated:
            counters.retransmitted_packets_sent += 1
            counters.retransmitted_bytes_sent += len(packet.payload)
        if packet.ssrc == self.rtx_ssrc:
            packet.sequence_number = self._next_rtx
            self._next_rtx = (self._next_rtx + 1) & 0xFFFF
        elif not packet.repeated:
            packet.sequence_number = self._next
            self._next = (self._next + 1) & 0xFFFF
            self.leaving = packet.timestamp
            self.history.add(packet, now)

    def copy(self, packet: RtpPacket) -> RtpPacket | None:
        """Make a retransmission of a packet that has left; None where that was not negotiated."""
        return None if self.rtx_type is None else wrap_rtx(packet, self.rtx_type, self.rtx_ssrc)

    def copy_unasked(self, packet: RtpPacket, now: float) -> RtpPacket | None:
        """Make a copy that nobody has asked for, in the form that the other side takes."""
        if self.forwarded:
            return replace(packet, repeated=True, transport_sequence=None)
        self.history.note_copy(packet, now)
        return self.copy(packet)

    @property
    def pads(self) -> bool:
        """Whether there can be padding: it goes with the repetitions, after the first media."""
        return self.rtx_type is not None and self.leaving is not None

    def padding(self) -> RtpPacket | None:
        """Make a packet that only fills the link, for probing; None where there can be none."""
        if self.rtx_type is None or self.leaving is None:
            return None
        return RtpPacket(self.rtx_type, False, 0, self.leaving, self.rtx_ssrc, b"", padding=PADDING)
