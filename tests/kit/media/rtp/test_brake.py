from collections.abc import Callable

import pytest

from bench.calls.link import Impairment, Link
from kit.media.rtp.congestion.brake import Brake
from kit.media.rtp.patience import AT_ONCE, Patience
from tests.kit.media.rtp.patterns import dipping_trace

PACKET = 1200


class _Way:
    """A sender that obeys nothing but the brake, over the link of the bench."""

    def __init__(self, impairment: Impairment, bps: float) -> None:
        self.link: Link[tuple[float, int]] = Link(impairment, 3)
        self.impairment = impairment
        self.brake = Brake()
        self.bps = bps
        self.now, self._due, self._tick = 0.0, 0.0, 0.0
        self.limits: list[tuple[float, float]] = []

    def run(self, seconds: float, on_limit: Callable[[float], None] = lambda _: None) -> None:
        end = self.now + seconds
        while self.now < end:
            self._send()
            for sent, size in self.link.due(self.now):
                if self.brake.add((sent + 63) % 64, self.now, size):
                    limit = float("inf") if self.brake.limit is None else self.brake.limit
                    self.limits.append((self.now, limit))
                    on_limit(limit)
            if self.now >= self._tick:
                self._tick += 0.05
                self.brake.on_tick(self.now)
            self.now += 0.001

    def fall(self, kbps: float) -> None:
        self.link.change(self.impairment._replace(rate_kbps=kbps))

    def _send(self) -> None:
        while self.now >= self._due:
            self.link.offer(self.now, PACKET, (self.now, PACKET))
            self._due += PACKET * 8 / self.bps


def test_a_fall_is_seen_within_a_third_of_a_second_and_the_limit_lets_the_queue_drain() -> None:
    way = _Way(Impairment(rate_kbps=2000), 1_800_000)
    way.run(5)
    assert not way.limits
    way.fall(300)
    way.run(0.35)
    _, limit = way.limits[0]
    assert 80_000 < limit < 300_000 / 2.5, "a pacer at 2.5 times the limit must let the queue drain"
    assert way.brake.falls == 1
    assert way.brake.deep


def test_the_limit_is_lifted_by_itself_once_the_queue_is_gone() -> None:
    way = _Way(Impairment(rate_kbps=2000), 1_800_000)
    way.run(3)
    way.fall(300)

    def obey(limit: float) -> None:
        way.bps = limit

    way.run(2, obey)
    assert way.brake.limit is not None
    assert way.brake.queueing.latest < 0.05
    way.run(5, obey)
    assert way.brake.limit is None
    assert way.brake.falls == 1
    assert not way.brake.limited_lately(way.now)


@pytest.mark.parametrize("jitter_ms", [0, 20])
def test_delay_that_varies_and_a_burst_of_one_picture_are_no_fall(jitter_ms: float) -> None:
    way = _Way(Impairment(rate_kbps=1000, jitter_ms=jitter_ms, delay_ms=60), 600_000)
    way.run(5)
    for _ in range(10):
        way.link.offer(way.now, PACKET, (way.now, PACKET))
    way.run(5)
    assert not way.limits


def test_pictures_are_shown_at_once_on_a_link_without_loss() -> None:
    patience = Patience()
    patience.update(0.0, 0.0, 0.05)
    assert patience.delay == AT_ONCE
    assert AT_ONCE.least == 0


class _Lossy:
    """A sender's patience, told of the loss twenty times a second."""

    def __init__(self) -> None:
        self.patience = Patience()
        self._now = 0.0

    def after(self, seconds: float, loss: float, round_trip: float = 0.05) -> int:
        """Return the least that pictures wait then, in hundredths of a second."""
        for _ in range(round(seconds * 20)):
            self._now += 0.05
            self.patience.update(self._now, loss, round_trip)
        return self.patience.delay.least


def test_a_repetition_can_be_there_in_time_on_a_link_with_loss() -> None:
    link = _Lossy()
    assert link.after(0.5, 0.02) == 10
    assert link.after(0.5, 0.1) == 15
    assert link.after(0.5, 0.1, round_trip=0.5) == 15, "pictures would come too late for their sound"


def test_pictures_do_not_wait_for_what_was_only_overtaken() -> None:
    link = _Lossy()
    for _ in range(40):
        assert link.after(0.1, 0.03) == 0
        assert link.after(0.4, 0.0) == 0


def test_patience_stays_while_loss_comes_and_goes_and_ends_after_it() -> None:
    link = _Lossy()
    for _ in range(5):
        assert link.after(1, 0.05) > 0
        assert link.after(3, 0.0) > 0
    assert link.after(12, 0.0) == AT_ONCE.least


def test_a_machine_that_stood_still_is_not_taken_for_a_network_that_fell() -> None:
    way = _Way(Impairment(), 1_000_000)
    way.run(3)
    held: list[tuple[float, int]] = []
    for step in range(600):
        way.now += 0.001
        way._send()
        held += way.link.due(way.now)
        if step in (250, 599):
            way.brake.on_stall(way.now)
    for number, (sent, size) in enumerate(held):
        assert not way.brake.add((sent + 63) % 64, way.now + number * 0.004, size)
    way.now += len(held) * 0.004
    way.run(2)
    assert not way.limits


def test_a_deep_fall_is_seen_before_it_makes_a_long_queue() -> None:
    way = _Way(Impairment(rate_kbps=2000), 1_800_000)
    way.run(5)
    way.fall(300)
    way.run(0.2)
    assert way.limits, "within a fifth of a second"
    assert way.brake.deep
    assert 200_000 < way.brake.carried < 400_000


def test_after_the_queue_is_gone_the_limit_soon_allows_what_the_link_carries() -> None:
    way = _Way(Impairment(rate_kbps=2000), 1_800_000)
    way.run(3)
    way.fall(300)

    def obey(limit: float) -> None:
        way.bps = limit

    way.run(2.5, obey)
    assert way.brake.limit is not None
    assert way.brake.limit > 0.85 * way.brake.carried


def test_a_link_that_is_back_at_once_is_free_at_once() -> None:
    way = _Way(Impairment(queue_ms=1000), 1_200_000)
    way.link.follow(dipping_trace(20, 3000, [5.0], 0.3), 0, 0.0)
    way.run(5.3)
    assert way.limits, "it looked like a fall"
    way.run(0.3)
    assert way.brake.limit is None
    assert way.limits[-1][1] == float("inf"), "and the sender is told so"


def test_a_limit_below_what_the_sender_can_do_ends() -> None:
    way = _Way(Impairment(rate_kbps=1000, queue_ms=600), 500_000)
    way.run(4)
    way.fall(250)
    way.run(2)
    assert way.brake.limit is not None
    way.run(4)
    assert way.brake.limit is None


def test_a_queue_that_stands_is_taken_away_though_nothing_fell() -> None:
    way = _Way(Impairment(rate_kbps=500), 400_000)
    way.run(5)
    way.bps = 530_000
    way.run(3)
    assert not way.limits
    way.bps = 485_000
    way.run(2)
    assert way.brake.limit is not None
    assert way.brake.limit < 450_000
    assert way.brake.falls == 0
