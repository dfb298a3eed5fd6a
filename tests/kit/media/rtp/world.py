"""A sender in simulated time: estimator, pacer and allocation as in a call, over the link of the bench."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.calls.link import Impairment, Link
from kit.media.rtp.allocation import FLOOR_BPS, Allocation, Shares
from kit.media.rtp.congestion.estimator import Limits, SendSideEstimator
from kit.media.rtp.feedback import ArrivalLog, FeedbackReader
from kit.media.rtp.pacer import Pacer

STEP_S = 0.001
TICK_S = 0.05
FEEDBACK_S = 0.065
PACKET = 1200
HEADERS = 78
PADDING = 302
KEYFRAME_FACTOR = 5


class Arrival(NamedTuple):
    """A packet that came through."""

    sent: float
    arrived: float
    size: int
    sound: bool


class Moment(NamedTuple):
    """The estimate, every 50 ms."""

    at: float
    target: float
    queue_s: float


class Way(NamedTuple):
    """A packet on the link."""

    number: int
    sent: float
    size: int
    sound: bool


@dataclass
class Far:
    """How the other side reports, and how its reports fare."""

    every_s: float = FEEDBACK_S
    lost: float = 0.0
    """Share of reports that are lost."""


@dataclass
class Run:
    """What happened."""

    arrivals: list[Arrival] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    offered: list[tuple[float, int]] = field(default_factory=list)
    skipped: int = 0

    def mean_target(self, begin: float, end: float) -> float:
        """Mean estimate between two times."""
        targets = [moment.target for moment in self.moments if begin <= moment.at < end]
        return sum(targets) / len(targets)

    def reached(self, bps: float, after: float) -> float | None:
        """Seconds from a time until the estimate is at least this."""
        return next((m.at - after for m in self.moments if m.at > after + 0.3 and m.target >= bps), None)

    def delay(self, share: float, begin: float, end: float) -> float:
        """Quantile of the way's seconds."""
        delays = sorted(a.arrived - a.sent for a in self.arrivals if begin <= a.sent < end)
        return delays[int(share * (len(delays) - 1))]

    def sound_share(self, begin: float, end: float) -> float:
        """Share of the sound packets sent (50 or 25 a second) that arrived, by what the link could carry."""
        sound = [a for a in self.arrivals if a.sound and begin <= a.sent < end]
        return len(sound) / max(1.0, 50 * (end - begin))


class World:
    """Steps of a millisecond; call :meth:`run`."""

    def __init__(
        self, impairment: Impairment, seed: int = 3, *, way_back_s: float = 0.025, far: Far | None = None
    ) -> None:
        self.far = far or Far()
        self.link: Link[Way] = Link(impairment, seed)
        self.impairment = impairment
        self.estimator = SendSideEstimator(Limits(floor=FLOOR_BPS))
        self.allocation = Allocation()
        self.pacer: Pacer[int] = Pacer(lambda size: size)
        self.log, self.reader = ArrivalLog(), FeedbackReader()
        self.run_ = Run()
        self.now = 0.0
        self._rng, self._fate = random.Random(seed), random.Random(seed)
        self._back: list[tuple[float, bytes]] = []
        self._way_back_s = way_back_s
        self._shares: Shares = self.allocation.share(0.0, 300_000, 0.0, 0.0, 0.0)
        self._due = {"sound": 0.0, "frame": 0.0, "tick": 0.0, "feedback": 0.0}
        self._frames = 0

    def run(self, seconds: float, changes: dict[float, Callable[[], None]] | None = None) -> Run:
        """Let time pass; ``changes`` happen at their times."""
        waiting = dict(changes or {})
        while self.now < seconds:
            for at in [at for at in waiting if at <= self.now]:
                waiting.pop(at)()
            self._send()
            self._receive()
            self.now += STEP_S
        return self.run_

    def set_rate(self, kbps: float | None) -> None:
        """Change the bottleneck."""
        self.impairment = self.impairment._replace(rate_kbps=kbps)
        self.link.change(self.impairment)

    def delay_feedback(self, seconds: float) -> None:
        """Change the way back."""
        self._way_back_s = seconds

    def _elapsed(self, what: str, every: float) -> bool:
        if self.now < self._due[what]:
            return False
        self._due[what] += every
        return True

    def _send(self) -> None:
        sound = self._shares.sound
        if self._elapsed("sound", sound.packet_ms / 1000):
            self._leave(int(sound.link_bps * sound.packet_ms / 8000), 0, sound=True)
        if self._elapsed("frame", 1 / 30):
            self._frame()
        if self._elapsed("tick", TICK_S):
            self.estimator.on_tick(self.now)
            self._share()
            moment = Moment(self.now, self.estimator.target, self.estimator.queueing.smoothed)
            self.run_.moments.append(moment)
        self._pace()

    def _share(self) -> None:
        queued = self.estimator.queueing.smoothed
        self.pacer.set_target(self.estimator.target)
        self._shares = self.allocation.share(
            self.now, self.estimator.target, self.estimator.loss, 0.0, queued
        )

    def _frame(self) -> None:
        self._frames += 1
        if not self._shares.video:
            return
        if self.pacer.queue_s > 0.15 or self.estimator.congested:
            self.run_.skipped += 1
            return
        size = self._shares.video / 240 * self._rng.uniform(0.75, 1.25)
        size *= KEYFRAME_FACTOR if self._frames % 200 == 1 else 1
        while size > 0:
            self.pacer.push(int(min(PACKET, size)) + HEADERS)
            size -= PACKET

    def _pace(self) -> None:
        if self.estimator.last_feedback is not None and self._frames:
            self.estimator.begin_probing(self.now)
            if not self.pacer.probing and (probe := self.estimator.take_probe()) is not None:
                self.pacer.probe(probe, self.now)
        while (departure := self.pacer.take(self.now)) is not None:
            size = departure.item if departure.item is not None else PADDING
            self._leave(size, departure.cluster, sound=False)
            if departure.item is None:
                self.pacer.sent_in_cluster(size, self.now)

    def _leave(self, size: int, cluster: int, *, sound: bool) -> None:
        number = self.estimator.on_sent(self.now, size, cluster)
        self.run_.offered.append((self.now, size))
        self.link.offer(self.now, size, Way(number, self.now, size, sound))

    def _receive(self) -> None:
        for way in self.link.due(self.now):
            self.log.add(way.number, self.now)
            self.run_.arrivals.append(Arrival(way.sent, self.now, way.size, way.sound))
        fci = self.log.build() if self._elapsed("feedback", self.far.every_s) else None
        if fci is not None and self._fate.random() >= self.far.lost:
            self._back.append((self.now + self._way_back_s, fci))
        while self._back and self._back[0][0] <= self.now:
            reports = self.reader.read(self._back.pop(0)[1])
            self.estimator.on_feedback(self.now, reports, self.reader.missed)
            self._share()
