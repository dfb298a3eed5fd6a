"""What one direction did to the packets of a link test. Sans-io; seconds and bytes come in.

The clocks of the two sides are not the same: only differences of one clock are used.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import NamedTuple

from kit.media.rtp.serial import Unwrapper

WINDOW_S = 0.5
RUN = 5
"""Packets in a row whose pace is compared: a probe has so many, and a picture often has."""
_SHORTEST_S = 0.002
_FULL_S = 0.1
"""Where even the fastest packet of half a second comes so much later than ever, all waited."""
_FULL_SHARE = 0.3
_FASTEST = 0.97
_STRAYED = 0.05


class _Packet(NamedTuple):
    sent: float
    arrived: float
    size: int


class Way:
    """Packets that arrived, in the order in which they did."""

    def __init__(self) -> None:
        self._windows: dict[int, int] = defaultdict(int)
        self._fastest: dict[int, float] = {}
        """The least delay in each window."""
        self._run: deque[_Packet] = deque(maxlen=RUN)
        self._paces: list[float] = []
        self._delays: list[float] = []
        self._gap = 0.0

    def add(self, sent: float | None, arrived: float, size: int) -> None:
        """Take a packet; ``sent`` is by the sender's clock, None when that is not known."""
        window = int(arrived / WINDOW_S)
        self._windows[window] += size
        if sent is None:
            return
        self._delays.append(arrived - sent)
        self._fastest[window] = min(arrived - sent, self._fastest.get(window, arrived - sent))
        last = self._run[-1] if self._run else None
        if last is not None and arrived < last.arrived:
            return
        if last is not None:
            # What the sender itself let pass is no gap of the way.
            self._gap = max(self._gap, (arrived - last.arrived) - (sent - last.sent))
        self._run.append(_Packet(sent, arrived, size))
        self._measure_run()

    @property
    def heard(self) -> bool:
        """Whether anything arrived."""
        return bool(self._windows)

    @property
    def jitter_s(self) -> float:
        """How far delay strays: half the range in which nine of ten packets lie.

        RFC 3550's mean change from packet to packet hardly sees a way that delays whole bursts alike.
        """
        return (_quantile(self._delays, 1 - _STRAYED) - _quantile(self._delays, _STRAYED)) / 2

    @property
    def gap_s(self) -> float:
        """The longest time without anything, less what the sender paused."""
        return self._gap

    @property
    def bps(self) -> float:
        """What it carries: while a queue stands on the way, what came in most half seconds.

        Without a queue the sender had no more to send. Then it is how fast the fastest packets in a row both
        left and came, which is at most what the way carries.
        """
        whole = [self._windows[at] * 8 / WINDOW_S for at in sorted(self._windows)[1:-1]]
        if self._is_full:
            return _quantile(whole, 0.25)
        return max(_quantile(self._paces, _FASTEST), _quantile(whole, 0.5))

    @property
    def _is_full(self) -> bool:
        fastest = self._fastest.values()
        waited = min(fastest, default=0.0) + _FULL_S
        return sum(delay > waited for delay in fastest) > _FULL_SHARE * len(fastest)

    def _measure_run(self) -> None:
        if len(self._run) < RUN:
            return
        first, last = self._run[0], self._run[-1]
        octets = sum(packet.size for packet in self._run) - first.size
        seconds = max(last.sent - first.sent, last.arrived - first.arrived)
        if seconds > _SHORTEST_S:
            self._paces.append(octets * 8 / seconds)


class Reported:
    """What the other side says of what was sent. What no report that came was about is not counted."""

    def __init__(self) -> None:
        self._arrived: set[int] = set()
        self._missed: set[int] = set()

    def add(self, number: int, *, arrived: bool) -> None:
        """Take one packet's report; a late packet is reported again."""
        if arrived:
            self._arrived.add(number)
            self._missed.discard(number)
        elif number not in self._arrived:
            self._missed.add(number)

    @property
    def loss(self) -> float:
        """Share that did not arrive."""
        known = len(self._arrived) + len(self._missed)
        return len(self._missed) / known if known else 0.0


class Numbered:
    """What the numbers of received packets (16 bits) tell of those between them."""

    def __init__(self) -> None:
        self._seen: dict[int, set[int]] = defaultdict(set)
        self._whole: dict[int, Unwrapper] = defaultdict(lambda: Unwrapper(16))

    def add(self, stream: int, number: int) -> None:
        """Take a packet."""
        self._seen[stream].add(self._whole[stream](number))

    @property
    def loss(self) -> float:
        """Share that did not arrive, of those between each stream's first and last."""
        expected = sum(max(seen) - min(seen) + 1 for seen in self._seen.values())
        return 1 - sum(map(len, self._seen.values())) / expected if expected else 0.0


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))] if values else 0.0
