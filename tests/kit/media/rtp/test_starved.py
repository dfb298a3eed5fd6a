"""A machine that stands still is not taken for a network that fell."""

import random

import pytest

from bench.calls.link import Impairment
from kit.media.rtp.congestion.estimator import Limits
from kit.media.rtp.congestion.queueing import Slowdown
from tests.kit.media.rtp.world import World


class _Starved(World):
    """Sender, receiver or both stand still about once a second; what waited is then taken at once."""

    def __init__(self, impairment: Impairment, who: tuple[str, ...], length_s: float, seed: int) -> None:
        super().__init__(impairment, seed)
        self._moments = random.Random(seed)
        self._length_s = length_s
        self._until = dict.fromkeys(who, 0.0)
        self._next = {side: 5.0 + self._moments.random() for side in who}

    def _stands_still(self, side: str) -> bool:
        if self.now >= self._next.get(side, float("inf")):
            self._until[side] = self.now + self._length_s * self._moments.uniform(0.5, 1.5)
            self._next[side] = self._until[side] + self._moments.uniform(0.2, 0.8)
        return self.now < self._until.get(side, 0.0)

    def _send(self) -> None:
        if not self._stands_still("sender"):
            super()._send()

    def _receive(self) -> None:
        if self._stands_still("receiver"):
            return
        unread: list[tuple[float, bytes]] = []
        if self.now < self._until.get("sender", 0.0):
            unread, self._back = self._back, unread
        super()._receive()
        self._back = unread + self._back


@pytest.mark.parametrize("who", ["receiver", "sender", "both"])
@pytest.mark.parametrize("length_s", [0.1, 0.15, 0.3])
@pytest.mark.parametrize("seed", [2, 3])
def test_a_starved_machine_and_loss_do_not_take_the_rate(who: str, length_s: float, seed: int) -> None:
    sides = {"both": ("sender", "receiver")}.get(who, (who,))
    world = _Starved(Impairment(loss=0.05), sides, length_s, seed)
    run = world.run(14)
    assert world.estimator.cliffs == 0
    assert min(moment.target for moment in run.moments if moment.at > 8) > 1_200_000


def test_a_sender_that_stood_still_for_a_second_has_not_heard_silence() -> None:
    world = _Starved(Impairment(), ("sender",), 1.0, 1)
    run = world.run(14)
    assert min(moment.target for moment in run.moments if moment.at > 5) > 0.83 * Limits().ceiling


def test_one_gap_is_told_from_packets_that_come_one_by_one() -> None:
    stood, slow = Slowdown(), Slowdown()
    for number in range(8):
        sent = number * 0.004
        stood.add(sent, sent if number < 2 else 0.13 + number * 0.0001, 1200)
        slow.add(sent, number * 0.018, 1200)
    assert stood.one_gap()
    assert not slow.one_gap()
    assert not Slowdown().one_gap()
