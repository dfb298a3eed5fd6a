"""What the sender makes of reports that are rare or lost."""

import struct

import pytest

from bench.calls.link import Impairment
from kit.media.rtp.congestion.hearing import Hearing
from kit.media.rtp.feedback import ArrivalLog, FeedbackReader
from tests.kit.media.rtp.world import Far, World


@pytest.mark.parametrize("lost", [0.5, 0.8])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lost_reports_are_not_taken_for_a_link_that_carries_nothing(lost: float, seed: int) -> None:
    far = Far(every_s=0.2, lost=lost)
    run = World(Impairment(rate_kbps=500), seed, way_back_s=0.425, far=far).run(40)
    assert run.mean_target(15, 40) > 300_000
    assert run.delay(0.95, 15, 40) < 0.35


@pytest.mark.parametrize("seed", [1, 2])
def test_a_queue_on_the_way_back_from_a_server_holds_nothing_back(seed: int) -> None:
    world = World(Impairment(), seed, far=Far(every_s=0.2))
    run = world.run(40, {15.0: lambda: world.delay_feedback(0.9)})
    assert run.mean_target(15, 40) > 1_900_000
    assert run.skipped < 0.03 * 30 * 40


def test_a_link_that_falls_is_followed_though_reports_are_lost() -> None:
    world = World(Impairment(), 2, far=Far(every_s=0.2, lost=0.7))
    run = world.run(40, {15.0: lambda: world.set_rate(300)})
    assert run.mean_target(20, 40) < 330_000
    assert run.delay(0.9, 22, 40) < 0.45


def test_silence_of_the_other_side_lowers_the_rate_however_many_reports_were_lost_before() -> None:
    world = World(Impairment(), 2, far=Far(every_s=0.2, lost=0.6))
    run = world.run(25, {15.0: lambda: world.set_rate(0)})
    assert run.moments[-1].target < 0.3 * run.mean_target(10, 15)


def test_reports_in_order_and_in_time_leave_the_window_as_it_is() -> None:
    hearing = Hearing()
    assert all(hearing.on_report(0.1 * n, 0) < 0.2 for n in range(100))
    assert hearing.pause_s == pytest.approx(0.0, abs=1e-9)
    assert not hearing.apart


def test_a_pause_with_lost_reports_is_no_silence() -> None:
    hearing = Hearing()
    for number in range(50):
        hearing.on_report(0.1 * number, 0)
    assert hearing.on_report(4.9 + 1.0, 9) < 0.2
    assert hearing.apart
    assert hearing.pause_s > 0.2
    assert hearing.on_report(5.9 + 1.0, 0) > 0.9


def test_reports_that_were_lost_are_counted_over_the_wrap_of_their_number() -> None:
    log, reader, missed = ArrivalLog(), FeedbackReader(), []
    for number in range(600):
        log.add(number & 0xFFFF, 0.02 * number)
        fci = log.build()
        assert fci is not None
        if number % 7 not in (3, 4):
            reader.read(fci)
            missed.append(reader.missed)
    assert sum(missed) == sum(number % 7 in (3, 4) for number in range(597))
    assert set(missed) == {0, 2}


def test_a_report_that_was_overtaken_is_not_two_hundred_lost_ones() -> None:
    reader = FeedbackReader()
    for count in (5, 7, 6, 8):
        reader.read(struct.pack("!HH", 10, 1) + bytes((0, 0, 0, count)) + struct.pack("!H", 1))
        assert reader.missed in (0, 1)
