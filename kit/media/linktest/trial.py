"""Media over one connected leg, watched: at most ten seconds, at most :data:`MAX_BYTES`."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable

from kit.ipc.network import LinkFigures
from kit.media.leg import MediaLeg
from kit.media.linktest.load import Noise
from kit.media.linktest.way import Numbered, Reported, Way
from kit.media.rtp.feedback import Reports
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.serial import Unwrapper
from kit.network.linktest import beyond_doubt

DURATION_S = 10.0
WARM_UP_S = 2.5
"""The estimator finds the link's rate; what its first probes cost is not the link's fault."""
CLEAR_AFTER_S = 5.5
NOTHING_S = 4.0
"""Nothing has come back: waiting longer would tell nothing else."""
MAX_BYTES = 7_000_000
"""Both ways together. What is under way when it is reached still comes, and stays below 8 MB."""
MOST_BPS = 1_500_000
"""Of the generated pictures: more than a call needs to be called good."""
MOST_TOLD_BPS = 5_000_000
"""More says nothing: no call uses it."""
_HEADERS = 28
"""Bytes of IPv4 and UDP."""
_TICK_S, _TOLD_S = 0.05, 0.25
_CLOCK_STEPS = 1 << 18
"""A second of abs-send-time, which is 6.18 fixed point and wraps at 24 bits."""


class Witness:
    """Both ways of a leg. Implements the transport's ``Witness``."""

    def __init__(self) -> None:
        self.up, self.down = Way(), Way()
        self.lost_up, self.lost_down = Reported(), Numbered()
        self.counting = False
        self.numbered = False
        """The room takes part in transport-wide feedback: without it nobody tells what has arrived there."""
        self._left: dict[int, tuple[float, int]] = {}
        self._clock = Unwrapper(24)
        self._whole_numbers = False

    def left(self, sequence: int, size: int, now: float) -> None:
        """Remember when and how large."""
        self.numbered = True
        if self.counting:
            self._left[sequence] = (now, size)

    def reported(self, reports: Reports) -> None:
        """Count what the other side has, and what it misses."""
        for sequence, arrived in reports:
            left = self._left.get(sequence)
            if left is None:
                continue
            self.lost_up.add(sequence, arrived=arrived is not None)
            if arrived is not None:
                del self._left[sequence]
                self.up.add(left[0], arrived, left[1])

    def came(self, packet: RtpPacket) -> None:
        """Count what came; in rooms without transport-wide numbers each stream by its own."""
        if not self.counting:
            return
        sent = None
        if packet.send_time is not None:
            sent = self._clock(round(packet.send_time * _CLOCK_STEPS)) / _CLOCK_STEPS
        self.down.add(sent, packet.arrival, packet.size_on_link)
        if packet.transport_sequence is not None:
            self._whole_numbers = True
            self.lost_down.add(0, packet.transport_sequence)
        elif not self._whole_numbers:
            self.lost_down.add(packet.ssrc, packet.sequence_number)


class Silence:
    """The longest time in which nothing came, while this machine itself was awake."""

    def __init__(self) -> None:
        self.longest_s = self._now_s = 0.0
        self._heard: float | None = None

    def tick(self, heard: float | None, seconds: float) -> None:
        """``heard`` is when something came last; ``seconds`` have passed since the tick before."""
        self._now_s = 0.0 if heard != self._heard else self._now_s + min(seconds, 2 * _TICK_S)
        self._heard = heard
        self.longest_s = max(self.longest_s, self._now_s)


class Trial:
    """One run."""

    def __init__(self, leg: MediaLeg, told: Callable[[float], None], *, looped: bool = False) -> None:
        """``told`` takes the progress, 0 to 1. ``looped``: what goes up is what comes down, nothing else."""
        self._leg = leg
        self._told = told
        self._looped = looped
        self._witness = Witness()
        self._silence = Silence()
        self._round_trips: list[float] = []
        self.spent = 0
        """Bytes of both ways, with the headers of IP and UDP."""

    async def run(self) -> LinkFigures | None:
        """Send and watch until the answer is clear; None when nothing came back at all."""
        leg = self._leg
        leg.transport.witness = self._witness
        feeding = asyncio.create_task(Noise().feed(leg.camera, leg.microphone))
        try:
            await self._watch()
        finally:
            feeding.cancel()
            leg.transport.witness = None
        if not self._witness.numbered:
            self._round_trips = [(await leg.counters()).current_round_trip_time or 0.0]
        return self.figures() if self._came_back else None

    def figures(self) -> LinkFigures:
        """What has been met so far. Of a room that tells nothing of the way up: what it allows (REMB)."""
        seen = self._witness
        ways = (seen.up,) if self._looped else (seen.up, seen.down)
        losses = (seen.lost_up.loss,) if self._looped else (seen.lost_up.loss, seen.lost_down.loss)
        down = seen.up if self._looped else seen.down
        return LinkFigures(
            up_kbps=_kbps(seen.up.bps if seen.numbered else self._leg.transport.estimator.target),
            down_kbps=_kbps(down.bps),
            round_trip_ms=_ms(statistics.median(self._round_trips or [0.0])),
            jitter_ms=_ms(max(way.jitter_s for way in ways)),
            loss_percent=round(100 * max(losses), 1),
            longest_gap_ms=_ms(max(self._silence.longest_s, seen.up.gap_s)),
        )

    @property
    def _came_back(self) -> bool:
        witness = self._witness
        up = witness.up.heard or not witness.numbered
        return up and (self._looped or witness.down.heard)

    async def _watch(self) -> None:
        began = before = time.monotonic()
        said = 0.0
        while True:
            await asyncio.sleep(_TICK_S)
            now = time.monotonic()
            passed = now - began
            self._look(now - before, passed)
            before = now
            if self._is_clear(passed):
                self._told(1.0)
                return
            if passed - said >= _TOLD_S:
                said = passed
                self._told(passed / DURATION_S)

    def _look(self, seconds: float, passed: float) -> None:
        transport = self._leg.transport
        stats = transport.totals
        self.spent = stats.bytesSent + stats.bytesReceived
        self.spent += _HEADERS * (stats.packetsSent + stats.packetsReceived)
        self._witness.counting = self._witness.counting or passed >= WARM_UP_S
        self._silence.tick(transport.last_received, seconds)
        if self._witness.counting and transport.estimator.last_feedback is not None:
            self._round_trips.append(transport.estimator.round_trip)

    def _is_clear(self, passed: float) -> bool:
        if passed >= DURATION_S or self.spent >= MAX_BYTES or self._leg.broken:
            return True
        if passed >= WARM_UP_S + NOTHING_S and not self._came_back:
            return True
        return passed >= CLEAR_AFTER_S and self._came_back and beyond_doubt(self.figures())


def _ms(seconds: float) -> int:
    """Of what the other side says its clock showed: it may say anything."""
    return int(1000 * min(max(seconds, 0.0), DURATION_S))


def _kbps(bps: float) -> int:
    return int(min(bps, MOST_TOLD_BPS) / 1000)
