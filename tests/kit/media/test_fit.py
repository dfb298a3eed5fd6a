"""Forwarded pictures in simulated time: a publisher that nobody tells of a narrow way."""

from collections.abc import Callable

import pytest

from bench.calls.link import Impairment, Link
from kit.media.fit import Fitting, Way
from kit.media.rtp.congestion.queueing import QueueingDelay
from kit.meeting.janus.leg import Fit

STEP_S, LOOK_S = 0.001, 0.25
PICTURE_BPS, SMALL_BPS, SOUND_BPS, SIZE = 2_200_000, 200_000, 50_000, 1200


class Room:
    """Sends pictures as they are asked for, and sound always; notes what came of the sound."""

    def __init__(self, impairment: Impairment, *, layered: bool = False, seed: int = 1) -> None:
        self.link: Link[tuple[int, float, bool]] = Link(impairment, seed)
        self.impairment = impairment
        self.fitting, self.queueing = Fitting(), QueueingDelay()
        self.up_bps = 60_000.0
        self.changes: list[tuple[float, Fit]] = []
        self.sound: list[tuple[float, bool]] = []
        self._layered = layered
        self._sent = self._received = self._bytes = 0
        self._now = self._picture_at = self._sound_at = self._look_at = 0.0
        self._heard: set[int] = set()
        self._spoken: list[float] = []

    def run(self, until: float, changes: dict[float, Callable[[], None]] | None = None) -> None:
        waiting = dict(changes or {})
        while self._now < until:
            for at in [at for at in waiting if at <= self._now]:
                waiting.pop(at)()
            self._step()
            self._now += STEP_S

    def set_rate(self, kbps: float | None) -> None:
        self.impairment = self.impairment._replace(rate_kbps=kbps)
        self.link.change(self.impairment)

    def sound_lost(self, begin: float, end: float) -> float:
        spoken = [number for number, at in enumerate(self._spoken) if begin <= at < end]
        return 1 - sum(number in self._heard for number in spoken) / len(spoken)

    def share_of(self, fit: Fit, begin: float, end: float) -> float:
        """Share of the time between two moments with so much of the pictures."""
        held, since, now = 0.0, 0.0, Fit.ALL
        for at, after in [*self.changes, (end, Fit.ALL)]:
            if now is fit:
                held += max(0.0, min(at, end) - max(since, begin))
            since, now = at, after
        return held / (end - begin)

    def _step(self) -> None:
        now = self._now
        rate = {Fit.ALL: PICTURE_BPS, Fit.SMALL: SMALL_BPS * self._layered, Fit.NONE: 0}[self.fitting.fit]
        if rate and now >= self._picture_at:
            self.link.offer(now, SIZE, (self._sent, now, False))
            self._sent += 1
            self._picture_at = max(now, self._picture_at) + SIZE * 8 / rate
        if now >= self._sound_at:
            self.link.offer(now, 125, (len(self._spoken), now, True))
            self._spoken.append(now)
            self._sound_at += 0.02
        for number, sent, is_sound in self.link.due(now):
            if is_sound:
                self._heard.add(number)
                continue
            self._received += 1
            self._bytes += SIZE
            self.queueing.add(now, now - sent)
        if now >= self._look_at:
            self._look_at += LOOK_S
            way = Way(self._sent, self._received, self._bytes, self.queueing.latest, self.up_bps)
            before = self.fitting.fit
            if self.fitting.look(now, way) is not before:
                self.changes.append((now, self.fitting.fit))


@pytest.mark.parametrize("kbps", [150, 300, 500, 1500])
def test_pictures_that_do_not_fit_leave_sound_whole(kbps: float) -> None:
    room = Room(Impairment())
    room.run(60, {10.0: lambda: room.set_rate(kbps)})
    assert room.changes[0][0] < 12.0
    assert room.share_of(Fit.ALL, 12, 60) < 0.15
    assert room.sound_lost(12, 60) < 0.06


def test_it_is_tried_again_and_again_but_more_rarely() -> None:
    room = Room(Impairment(rate_kbps=400))
    room.run(300)
    tried = [at for at, fit in room.changes if fit is Fit.ALL]
    assert 4 <= len(tried) <= 9
    assert tried[-1] - tried[-2] > 50
    assert room.sound_lost(20, 300) < 0.02


def test_pictures_come_back_when_the_way_is_wide_again() -> None:
    room = Room(Impairment())
    room.run(90, {10.0: lambda: room.set_rate(300), 40.0: lambda: room.set_rate(None)})
    assert room.fitting.fit is Fit.ALL
    assert room.changes[-1][0] < 40 + 25


def test_they_come_back_sooner_when_the_way_up_is_wide_again() -> None:
    room = Room(Impairment())

    def widen() -> None:
        room.set_rate(None)
        room.up_bps = 2_000_000

    room.run(60, {10.0: lambda: room.set_rate(300), 40.0: widen})
    assert room.changes[-1][0] < 40 + 6


def test_who_sends_a_small_size_too_is_still_seen() -> None:
    room = Room(Impairment(rate_kbps=500), layered=True)
    room.run(60)
    assert room.share_of(Fit.SMALL, 5, 60) > 0.85
    assert room.sound_lost(5, 60) < 0.04


def test_not_even_the_small_size_where_it_does_not_fit() -> None:
    room = Room(Impairment(rate_kbps=110), layered=True)
    room.run(120)
    assert room.share_of(Fit.NONE, 20, 120) > 0.6
    assert room.sound_lost(20, 120) < 0.1


@pytest.mark.parametrize(
    "impairment",
    [
        Impairment(),
        Impairment(loss=0.1),
        Impairment(loss=0.05, burst=8),
        Impairment(delay_ms=60, jitter_ms=20, reorder=0.01),
        Impairment(rate_kbps=2600),
    ],
)
def test_a_way_that_only_loses_or_jitters_keeps_its_pictures(impairment: Impairment) -> None:
    room = Room(impairment)
    room.run(60)
    assert not room.changes


def test_half_a_second_of_nothing_changes_nothing() -> None:
    room = Room(Impairment())
    room.run(30, {10.0: lambda: room.set_rate(0), 10.5: lambda: room.set_rate(None)})
    assert not room.changes
