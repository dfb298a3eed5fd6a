import functools
from collections.abc import Callable

import pytest

from bench.calls.link import Impairment
from kit.media.rtp.allocation import FLOOR_BPS
from kit.media.rtp.congestion.aimd import Aimd
from kit.media.rtp.congestion.estimator import Limits, SendSideEstimator
from kit.media.rtp.congestion.groups import ArrivalGroups
from kit.media.rtp.congestion.loss import LossBound
from kit.media.rtp.congestion.probes import Prober
from kit.media.rtp.congestion.queueing import Slowdown
from kit.media.rtp.congestion.throughput import LastSecond
from kit.media.rtp.congestion.trendline import Trendline, Usage
from tests.kit.media.rtp.world import World


def test_on_a_free_link_the_ceiling_is_reached_within_two_seconds() -> None:
    run = World(Impairment()).run(8)
    assert (run.reached(0.9 * Limits().ceiling, 0.0) or 99) < 2
    assert run.mean_target(3, 8) > 0.95 * Limits().ceiling


@pytest.mark.parametrize("kbps", [300, 500, 1000, 2000])
def test_a_bottleneck_is_used_without_a_standing_queue(kbps: int) -> None:
    run = World(Impairment(rate_kbps=kbps)).run(30)
    assert 0.75 < run.mean_target(6, 30) / (kbps * 1000) < 1.0
    assert run.delay(0.5, 6, 30) < 0.08
    assert run.delay(0.95, 6, 30) < 0.18


def test_when_the_other_way_has_fallen_less_is_sent_until_feedback_is_there_again() -> None:
    lost = []
    for suspected in (False, True):
        world = World(Impairment(rate_kbps=2000))

        changes: dict[float, Callable[[], None]] = {
            12.0: functools.partial(world.set_rate, 300),
            12.001: functools.partial(world.delay_feedback, 0.425),
        }
        if suspected:
            changes[12.25] = functools.partial(world.estimator.suspect, 12.25, 300_000)
        world.run(14, changes)
        lost.append(world.link.dropped)
    assert lost[1] < 0.85 * lost[0]


def test_suspicion_takes_nothing_from_a_link_that_is_as_it_was() -> None:
    world = World(Impairment(rate_kbps=2000))
    every = {10 + step / 2: lambda: world.estimator.suspect(world.now, 300_000) for step in range(20)}
    run = world.run(20, every)
    assert run.mean_target(10, 20) > 1_500_000
    before = sum(size for at, size in run.offered if 5 < at < 10)
    assert sum(size for at, size in run.offered if 12 < at < 17) > 0.9 * before


def test_when_the_link_falls_far_the_queue_is_gone_within_a_second_and_the_rate_back_in_ten() -> None:
    world = World(Impairment(rate_kbps=2000))
    run = world.run(34, {12.0: lambda: world.set_rate(300), 22.0: lambda: world.set_rate(2000)})
    assert run.delay(0.95, 13.0, 14.0) < 0.2
    assert 0.7 < run.mean_target(15, 22) / 300_000 < 1.0
    assert (run.reached(0.8 * 2_000_000, 22) or 99) < 10


@pytest.mark.parametrize(("loss", "burst"), [(0.02, 1), (0.05, 1), (0.1, 1), (0.05, 8)])
def test_loss_of_the_radio_does_not_take_the_rate(loss: float, burst: float) -> None:
    run = World(Impairment(loss=loss, burst=burst)).run(20)
    assert run.mean_target(8, 20) > 1_500_000


def test_loss_and_a_bottleneck_together_are_told_apart() -> None:
    run = World(Impairment(loss=0.1, rate_kbps=500)).run(30)
    assert 0.6 < run.mean_target(10, 30) / 500_000 < 1.05
    assert run.delay(0.95, 10, 30) < 0.2


def test_after_an_outage_the_rate_is_back_within_two_seconds() -> None:
    world = World(Impairment())
    run = world.run(20, {8.0: lambda: world.set_rate(0), 11.0: lambda: world.set_rate(None)})
    assert (run.reached(0.8 * Limits().ceiling, 11.0) or 99) < 2


@pytest.mark.parametrize("crossed", [(), (12_900,), (12_500, 12_700, 12_900)])
def test_what_an_outage_kept_and_spilled_says_nothing_of_the_link_that_is_back(
    crossed: tuple[int, ...],
) -> None:
    world, losses = World(Impairment(queue_ms=1000)), []
    world.link.follow([*range(0, 8_000, 10), *crossed, *range(13_050, 30_000, 10)], 0, 0.0)
    run = world.run(18, {12 + step / 20: lambda: losses.append(world.estimator.loss) for step in range(100)})
    assert max(losses) < 0.02
    assert (run.reached(0.8 * 1_200_000, 13.05) or 99) < 2


@pytest.mark.parametrize(("queue_ms", "seconds"), [(1000, 3.0), (400, 2.0), (1000, 1.5)])
def test_what_was_lost_when_the_link_fell_does_not_hold_it_down(queue_ms: float, seconds: float) -> None:
    world, losses = World(Impairment(rate_kbps=2000, queue_ms=queue_ms)), []
    changes: dict[float, Callable[[], None]] = {
        8.0: functools.partial(world.set_rate, 0),
        7.5 + seconds: functools.partial(world.set_rate, 60),
        8.0 + seconds: functools.partial(world.set_rate, 2000),
    }
    listen = {9 + seconds + step / 20: lambda: losses.append(world.estimator.loss) for step in range(100)}
    run = world.run(18, changes | listen)
    assert max(losses) < 0.02
    assert (run.reached(0.7 * 2_000_000, 8 + seconds) or 99) < 3


def test_never_below_the_floor_and_sound_goes_on_at_a_link_too_narrow_for_pictures() -> None:
    world = World(Impairment(rate_kbps=70, queue_ms=600))
    run = world.run(25)
    assert min(moment.target for moment in run.moments) >= FLOOR_BPS
    assert world.allocation.video_stopped
    late = [a for a in run.arrivals if a.sound and a.sent > 10]
    assert len(late) > 0.97 * 15 * 25
    assert run.delay(0.95, 10, 25) < 0.2


def test_jitter_that_keeps_the_order_is_not_taken_for_a_narrow_link() -> None:
    run = World(Impairment(delay_ms=60, jitter_ms=20, reorder=0.01)).run(20)
    assert run.mean_target(8, 20) > 700_000


def test_remb_is_followed_until_transport_wide_feedback_comes() -> None:
    estimator = SendSideEstimator(Limits())
    estimator.on_remb(0.0, 200_000)
    assert estimator.target == 200_000
    number = estimator.on_sent(1.0, 1200)
    estimator.on_feedback(1.1, [(number, 1.05)])
    before = estimator.target
    estimator.on_remb(1.2, 50_000)
    assert estimator.target == before


def test_feedback_about_packets_never_sent_changes_nothing() -> None:
    estimator = SendSideEstimator(Limits())
    estimator.on_feedback(1.0, [(number, 1.0) for number in range(500)])
    assert estimator.last_feedback is None
    assert estimator.target == Limits().start


def test_what_is_remembered_of_sent_packets_stays_bounded() -> None:
    estimator = SendSideEstimator(Limits())
    for step in range(20_000):
        number = estimator.on_sent(step / 1000, 1200)
        if step % 50 == 0:
            estimator.on_feedback(step / 1000, [(number, step / 1000 + 0.02)])
    assert len(estimator.flight._sent) < 4100


def test_a_packet_reported_lost_that_comes_after_all_is_no_loss() -> None:
    estimator = SendSideEstimator(Limits())
    numbers = [estimator.on_sent(step / 100, 1200) for step in range(100)]
    estimator.on_feedback(1.1, [(n, None if n % 2 else 1.0 + n / 1000) for n in numbers])
    assert estimator.loss > 0.4
    estimator.on_feedback(1.2, [(n, 1.1 + n / 1000) for n in numbers if n % 2])
    assert estimator.loss == 0


def test_a_growing_delay_is_overuse_and_a_falling_one_is_not() -> None:
    groups, trend = ArrivalGroups(), Trendline()
    usages = []
    for step in range(120):
        queue = max(0, step - 60) * 0.004
        arrival = step * 0.01 + 0.02 + queue
        spacing = groups.add(step * 0.01, arrival)
        if spacing is not None:
            usages.append(trend.update(spacing, arrival))
    assert Usage.OVER not in usages[:55]
    assert Usage.OVER in usages[60:75]


def test_overuse_takes_the_rate_below_what_arrives() -> None:
    aimd = Aimd(1_000_000, 50_000, 2_000_000)
    aimd.decrease(600_000, 1.0)
    assert aimd.rate == 0.85 * 600_000
    assert not aimd.may_decrease(1.05, 580_000)


def test_loss_that_does_not_depend_on_the_rate_is_learnt_and_the_rate_restored() -> None:
    bound, now = LossBound(1_000_000, 50_000, 3_000_000), 0.0
    for _ in range(200):
        now += 0.065
        bound.add(now, 20, 3)
        bound.update(now, 0.05, 3_000_000, queueing=False)
    assert bound.inherent == pytest.approx(0.15, abs=0.02)
    assert bound.rate > 1_000_000


def test_loss_with_a_queue_is_never_taken_for_the_radio() -> None:
    bound, now = LossBound(1_000_000, 50_000, 3_000_000), 0.0
    for _ in range(100):
        now += 0.065
        bound.add(now, 20, 3)
        bound.update(now, 0.05, 3_000_000, queueing=True)
    assert bound.inherent == 0
    assert bound.rate < 300_000


def test_a_cluster_measures_the_link_that_it_saturates() -> None:
    prober = Prober()
    prober.want(4_000_000)
    probe = prober.take()
    assert probe is not None
    result = None
    for _ in range(8):
        prober.on_sent(probe.cluster)
    for step in range(8):
        sent = step * 1200 * 8 / 4_000_000
        arrived = 1 + step * 1200 * 8 / 1_000_000
        result = prober.on_arrived(probe.cluster, sent, arrived, 1200, 0.0) or result
    assert result is not None
    assert result.saturated
    assert result.bps == pytest.approx(0.95 * 1_000_000, rel=0.02)


def test_a_way_whose_feedback_stays_away_is_presumed_to_have_fallen_like_the_other() -> None:
    estimator = SendSideEstimator(Limits(start=1_600_000))
    for step in range(100):
        number = estimator.on_sent(step / 100, 1200)
        if step < 60:
            estimator.on_feedback(step / 100 + 0.05, [(number, step / 100 + 0.025)])
    target = estimator.target
    estimator.suspect(1.0, 300_000)
    estimator.on_tick(1.05)
    assert estimator.target < 300_000 < target
    assert estimator.cliffs == 1
    assert not estimator.congested, "what filled the link before is written off"


def test_a_fall_of_the_other_way_changes_nothing_while_feedback_comes() -> None:
    estimator = SendSideEstimator(Limits(start=1_600_000))
    for step in range(100):
        number = estimator.on_sent(step / 100, 1200)
        estimator.on_feedback(step / 100 + 0.05, [(number, step / 100 + 0.025)])
    target = estimator.target
    estimator.suspect(1.05, 300_000)
    estimator.on_tick(1.1)
    assert estimator.target == target
    assert estimator.cliffs == 0


def test_the_rate_of_packets_that_were_not_held_up_says_nothing_of_the_link() -> None:
    slowdown = Slowdown()
    for step in range(5):
        slowdown.add(step * 0.02, 0.3 + step * 0.02, 150)
    assert slowdown.just_now() is None
    for step in range(5):
        slowdown.add(0.1 + step * 0.007, 0.4 + step * 0.032, 1200)
    found = slowdown.just_now()
    assert found is not None
    assert found[0] == pytest.approx(300_000, rel=0.01)


def test_the_last_second_forgets_what_is_older() -> None:
    last = LastSecond()
    for step in range(21):
        last.add(step / 10, 1000)
    assert last.covered_s == pytest.approx(1.0)
    assert last.bps == pytest.approx(88_000, rel=0.1)
    last.reset()
    assert (last.bps, last.covered_s) == (0.0, 0.0)


@pytest.mark.parametrize("seed", [1, 2, 3, 8])
def test_at_five_percent_loss_a_rate_that_fell_comes_back(seed: int) -> None:
    world = World(Impairment(loss=0.05), seed)
    run = world.run(28, {8.0: lambda: world.set_rate(200), 14.0: lambda: world.set_rate(None)})
    assert run.mean_target(22, 28) > 1_500_000


def test_loss_that_grows_with_the_rate_is_not_grown_into() -> None:
    run = World(Impairment(rate_kbps=1000, queue_ms=20), 2).run(30)
    offered = [size for at, size in run.offered if at > 10]
    came = [arrival for arrival in run.arrivals if arrival.sent > 10]
    assert 1 - len(came) / len(offered) < 0.08
