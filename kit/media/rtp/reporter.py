"""What this side tells the other of what arrives: transport-wide feedback, and the brake's limit. Sans-io."""

from __future__ import annotations

from kit.media.rtp import rtcp
from kit.media.rtp.congestion.brake import Brake
from kit.media.rtp.feedback import ArrivalLog
from kit.media.rtp.packet import RtpPacket

_FEEDBACK_S = (0.05, 0.1)
_FEEDBACK_SHARE, _FEEDBACK_BITS = 0.05, 90 * 8
_LIMIT_EVERY_S = 0.2
_NO_LIMIT_BPS = 50_000_000
_STALL_S = 0.1
"""Ticks of 50 ms that are this far apart show that the machine stood still."""


class Reporter:
    """Each call returns the RTCP messages to send now."""

    def __init__(self) -> None:
        self.ssrc = 1
        """Who reports."""
        self.brake = Brake()
        self.arrivals = ArrivalLog()
        """Of the packets that have a transport-wide number."""
        self._feedback_at = 0.0
        self._feedback_every = _FEEDBACK_S[1]
        self._limited_at = self._ticked_at = float("-inf")
        self._received_bytes = 0
        self._received_bps = 300_000.0
        self._media_ssrc = 0

    def on_packet(self, packet: RtpPacket, size: int, now: float) -> list[bytes]:
        """Take in a packet and its size in bytes."""
        messages = []
        if packet.send_time is not None and self.brake.add(packet.send_time, now, packet.size_on_link):
            messages.append(self._limit(now))
        if packet.transport_sequence is None:
            return messages
        self.arrivals.add(packet.transport_sequence, now)
        self._received_bytes += size
        self._media_ssrc = packet.ssrc
        return messages + self._feedback_when_due(now)

    def on_tick(self, now: float) -> list[bytes]:
        """About every 50 ms: repeat the limit, and for a while that there is none; a message can be lost."""
        before, self._ticked_at = self._ticked_at, now
        if now - before > _STALL_S:
            self.brake.on_stall(now)
        self.brake.on_tick(now)
        remind = self.brake.limited_lately(now) and now - self._limited_at > _LIMIT_EVERY_S
        return ([self._limit(now)] if remind else []) + self._feedback_when_due(now)

    def _limit(self, now: float) -> bytes:
        self._limited_at = now
        limit = _NO_LIMIT_BPS if self.brake.limit is None else int(self.brake.limit)
        return rtcp.remb(self.ssrc, limit, (self._media_ssrc,))

    def _feedback_when_due(self, now: float) -> list[bytes]:
        """Spend about 5 % of what is received on it, as libwebrtc does."""
        if now - self._feedback_at <= self._feedback_every:
            return []
        seconds = max(0.01, now - self._feedback_at)
        self._feedback_at = now
        rate, self._received_bytes = self._received_bytes * 8 / seconds, 0
        self._received_bps += 0.2 * (rate - self._received_bps)
        shortest, longest = _FEEDBACK_S
        wanted = _FEEDBACK_BITS / (_FEEDBACK_SHARE * max(self._received_bps, 10_000.0))
        self._feedback_every = min(longest, max(shortest, wanted))
        fci = self.arrivals.build()
        return [] if fci is None else [rtcp.transport_wide(self.ssrc, self._media_ssrc, fci)]
