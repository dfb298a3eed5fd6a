import itertools

from hypothesis import given
from hypothesis import strategies as st

from kit.hw.thermal import Warmth
from kit.media.encoders.governor import Governor
from kit.media.encoders.ladder import CAMERA, SCREEN, Ladder

PICTURE_S = 1 / 30
TOP = len(CAMERA) - 1


class Machine:
    """Simulated time: encodes at 30 fps, and looks at its sensors every 2 s."""

    def __init__(self) -> None:
        self.ladder = Ladder(CAMERA)
        self.now = 0.0
        self.looked = -10.0

    def run(
        self, seconds: float, encode_s: float = 0.005, warmth: Warmth = Warmth.NORMAL, cpu: float = 0.3
    ) -> int:
        """Return the height at the end."""
        end = self.now + seconds
        while self.now < end:
            self.now += PICTURE_S
            if self.now - self.looked > 2:
                self.looked = self.now
                self.ladder.on_machine(warmth, cpu, self.now)
            rung = self.ladder.choose(3e6, self.now)
            self.ladder.on_encoded(encode_s, self.now)
        return rung.height


def test_a_machine_with_time_to_spare_stays_at_the_top() -> None:
    machine = Machine()
    assert machine.run(600) == 720
    assert not machine.ladder.limited_by_machine


def test_slow_pictures_lower_the_ladder_before_the_interval_is_full() -> None:
    machine = Machine()
    assert machine.run(1.5, encode_s=0.028) == 720
    assert machine.run(2.0, encode_s=0.028) == 540
    assert machine.ladder.limited_by_machine


def test_one_slow_picture_lowers_nothing() -> None:
    machine = Machine()
    for _ in range(20):
        machine.run(1.0)
        machine.run(PICTURE_S, encode_s=0.2)
    assert machine.run(0.1) == 720


def test_heat_lowers_step_by_step_and_gives_each_step_time() -> None:
    machine = Machine()
    assert machine.run(3, warmth=Warmth.HOT) == 540
    assert machine.run(10, warmth=Warmth.HOT) == 540
    assert machine.run(8, warmth=Warmth.HOT) == 360
    assert machine.run(120, warmth=Warmth.HOT) == CAMERA[0].height


def test_heat_before_the_machine_switches_itself_off_goes_to_the_bottom() -> None:
    assert Machine().run(3, warmth=Warmth.CRITICAL) == CAMERA[0].height


def test_a_process_that_has_every_processor_lowers_the_ladder() -> None:
    machine = Machine()
    assert machine.run(3, cpu=0.8) == 720
    assert machine.run(6, cpu=0.97) <= 540


def test_it_goes_up_again_after_rest_one_rung_at_a_time() -> None:
    machine = Machine()
    machine.run(3, encode_s=0.03)
    assert machine.run(8) == 540
    assert machine.run(9) == 720
    assert not machine.ladder.limited_by_machine


def test_between_calm_and_busy_nothing_moves_for_ever() -> None:
    machine = Machine()
    machine.run(3, encode_s=0.03)
    heights = {machine.run(5, encode_s=0.022) for _ in range(4)}
    assert heights == {540}


def test_each_failed_step_up_makes_the_next_wait_longer() -> None:
    governor, now, raised = Governor(TOP), 0.0, []
    while now < 1500:
        now += PICTURE_S
        before = governor.highest
        # Only the top is too much for this machine.
        governor.on_encoded(0.95 if governor.highest == TOP else 0.4, governor.highest, now)
        if governor.highest > before:
            raised.append(now)
    waits = [round(b - a) for a, b in itertools.pairwise(raised)]
    assert len(waits) >= 3
    assert waits == sorted(waits)
    assert waits[-1] > 3 * waits[0]


def test_steps_count_from_the_rung_that_the_link_allows() -> None:
    ladder = Ladder(CAMERA)
    for number in range(100):
        assert ladder.choose(300_000, number / 30).height == 360 or number > 60
        ladder.on_encoded(0.03, number / 30)
    assert ladder.choose(300_000, 3.5).height == 270


@given(
    st.lists(
        st.tuples(st.floats(0, 3), st.sampled_from(list(Warmth)), st.floats(0, 1), st.floats(0, 5)),
        max_size=200,
    )
)
def test_whatever_happens_there_is_a_rung(
    events: list[tuple[float, Warmth, float, float]],
) -> None:
    ladder, now = Ladder(SCREEN), 0.0
    for share, warmth, cpu, pause in events:
        now += pause
        ladder.on_machine(warmth, cpu, now)
        assert ladder.choose(500_000, now) in SCREEN
        ladder.on_encoded(share / 5, now)


def test_slides_give_up_pictures_before_lines() -> None:
    rungs = [Ladder(SCREEN).choose(bps, 0.0) for bps in (100_000, 200_000, 400_000, 1_000_000, 2_000_000)]
    assert [rung.fps for rung in rungs] == [2, 3, 3, 8, 15]
    assert all(rung.screen for rung in rungs)
    assert [rung.height for rung in rungs] == [540, 720, 1080, 1080, 1080]
