"""What RFC 3550 counts of a received stream: loss, jitter, and the report blocks made of them."""

from __future__ import annotations

from kit.media.rtp.rtcp import ReportBlock, SenderReport
from kit.media.rtp.serial import Unwrapper


class Reception:
    """One SSRC."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc = ssrc
        self.packets = self.octets = 0
        self._clock_rate = clock_rate
        self._unwrap = Unwrapper(16)
        self._base: int | None = None
        self._highest = 0
        self._jitter = 0.0
        self._transit: float | None = None
        self._last_timestamp: int | None = None
        self._prior = (0, 0)
        self._sender_report: tuple[int, float] | None = None

    def add(self, sequence: int, timestamp: int, size: int, arrival: float) -> None:
        """Count a packet."""
        number = self._unwrap(sequence)
        self._base = number if self._base is None else min(self._base, number)
        self.packets += 1
        self.octets += size
        if number <= self._highest:
            return
        self._highest = number
        transit = arrival * self._clock_rate - timestamp
        if self._transit is not None and timestamp != self._last_timestamp:
            change = abs(transit - self._transit)
            if change < self._clock_rate * 10:
                self._jitter += (change - self._jitter) / 16
        self._transit, self._last_timestamp = transit, timestamp

    def on_sender_report(self, report: SenderReport, now: float) -> None:
        """Note what the next block answers."""
        self._sender_report = (report.ntp >> 16 & 0xFFFFFFFF, now)

    @property
    def lost(self) -> int:
        """Packets that never came; negative when some came twice."""
        return 0 if self._base is None else self._highest - self._base + 1 - self.packets

    @property
    def jitter_s(self) -> float:
        """Interarrival jitter in seconds."""
        return self._jitter / self._clock_rate

    def block(self, now: float) -> ReportBlock:
        """Make the block since the last one."""
        expected = 0 if self._base is None else self._highest - self._base + 1
        new = expected - self._prior[0]
        missing = new - (self.packets - self._prior[1])
        self._prior = (expected, self.packets)
        last, when = self._sender_report or (0, now)
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=max(0, min(255, (missing << 8) // new)) if new > 0 else 0,
            packets_lost=self.lost,
            highest_sequence=self._highest & 0xFFFFFFFF,
            jitter=int(self._jitter),
            last_sender_report=last,
            delay_since=int((now - when) * 65536) if last else 0,
        )
