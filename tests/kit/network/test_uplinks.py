"""Which uplink carries the kit, in traces of a visit and in whatever else may happen."""

from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st

from kit.ipc.call import Quality
from kit.ipc.network import Uplink, UplinkState
from kit.network import uplinks
from kit.network.uplinks import Carrying, Choice, Seen, answered, decide

CABLE, CARE, MOBILE, PATIENT, NONE = (
    Uplink.CABLE,
    Uplink.CARE_WIFI,
    Uplink.MOBILE,
    Uplink.PATIENT_WIFI,
    Uplink.NONE,
)


class Trace:
    """A second at a time; the region's server answers through what ``answers`` names."""

    def __init__(self, *ready: Uplink) -> None:
        self.now = 1000.0
        self.ready = set(ready)
        self.phones: set[Uplink] = set()
        self.answers = set(uplinks.ORDER)
        self.carried = Carrying.WELL
        self.choice = Choice()
        self.carriers: list[Uplink] = []

    def seen(self) -> Mapping[Uplink, Seen]:
        return {
            uplink: Seen(
                state=UplinkState.READY if uplink in self.ready else UplinkState.DOWN,
                hotspot=uplink in self.phones,
            )
            for uplink in uplinks.ORDER
        }

    def decide(self) -> Uplink:
        self.choice = decide(self.choice, self.seen(), self.carried, self.now)
        if self.carriers[-1:] != [self.choice.carrier]:
            self.carriers.append(self.choice.carrier)
            self.carried = Carrying.WELL
        for uplink in self.choice.ask:
            self.choice = answered(self.choice, uplink, self.now, well=uplink in self.answers)
        return self.choice.carrier

    def run(self, seconds: float) -> Uplink:
        until = self.now + seconds
        while self.now < until:
            self.now += 1
            self.decide()
        return self.choice.carrier

    def plugged(self, uplink: Uplink) -> Uplink:
        self.ready.add(uplink)
        return self.decide()

    def lost(self, uplink: Uplink) -> Uplink:
        self.ready.discard(uplink)
        return self.decide()

    def until(self, carrier: Uplink, limit_s: float = 2000) -> float:
        began = self.now
        while self.run(1) is not carrier:
            assert self.now - began < limit_s, self.carriers
        return self.now - began


def test_the_first_that_is_there_carries_at_once_and_the_best_of_several() -> None:
    trace = Trace()
    assert trace.decide() is NONE
    assert trace.plugged(MOBILE) is MOBILE
    assert Trace(MOBILE, CARE, CABLE).decide() is CABLE
    assert Trace(PATIENT, MOBILE).decide() is MOBILE


def test_a_lost_uplink_gives_way_at_once_to_the_next() -> None:
    trace = Trace(CABLE, CARE, MOBILE)
    trace.run(60)
    assert trace.lost(CABLE) is CARE
    assert trace.lost(CARE) is MOBILE
    assert trace.lost(MOBILE) is NONE
    assert trace.plugged(MOBILE) is MOBILE


def test_a_cable_comes_back_when_it_has_been_stable() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.run(60)
    trace.lost(CABLE)
    trace.run(100)
    trace.plugged(CABLE)
    assert uplinks.STABLE_S <= trace.until(CABLE) <= uplinks.STABLE_S + 2


def test_a_cable_that_flaps_is_left_alone_for_longer_and_longer() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.run(60)
    waits = []
    for _ in range(4):
        trace.lost(CABLE)
        trace.plugged(CABLE)
        waits.append(trace.until(CABLE))
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


def test_a_cable_that_comes_and_goes_while_another_carries_changes_nothing() -> None:
    trace = Trace(MOBILE)
    trace.run(1)
    for _ in range(20):
        trace.plugged(CABLE)
        trace.run(uplinks.STABLE_S - 2)
        trace.lost(CABLE)
        trace.run(3)
    assert trace.carriers == [MOBILE]


def test_an_uplink_that_is_up_and_carries_nothing_gives_way_at_once() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.run(60)
    trace.carried = Carrying.DEAD
    assert trace.decide() is MOBILE
    assert trace.until(CABLE) >= uplinks.BAD_WAIT_S - 1


def test_a_poor_uplink_gives_way_after_some_seconds_and_a_burst_is_outlived() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.run(60)
    trace.carried = Carrying.POOR
    assert trace.run(uplinks.POOR_S - 1) is CABLE
    trace.carried = Carrying.WELL
    trace.run(1)
    trace.carried = Carrying.POOR
    assert trace.run(uplinks.POOR_S) is CABLE
    assert trace.run(1) is MOBILE


def test_where_nothing_carries_well_the_kit_does_not_run_around() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.run(60)
    for _ in range(120):
        trace.carried = Carrying.POOR
        trace.run(1)
    assert len(trace.carriers) <= 4


def test_a_cable_without_the_region_behind_it_does_not_take_over() -> None:
    trace = Trace(MOBILE)
    trace.run(60)
    trace.answers.discard(CABLE)
    trace.plugged(CABLE)
    assert trace.run(900) is MOBILE
    trace.answers.add(CABLE)
    trace.until(CABLE)


def test_a_cable_that_is_a_phone_goes_after_the_kits_own_mobile_broadband() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.phones.add(CABLE)
    assert trace.run(300) is MOBILE
    assert trace.lost(MOBILE) is CABLE


def test_the_patients_wifi_gives_way_to_whatever_comes_back() -> None:
    trace = Trace(PATIENT)
    assert trace.run(60) is PATIENT
    trace.plugged(MOBILE)
    trace.until(MOBILE)


def test_what_a_call_says_in_its_first_seconds_on_an_uplink_is_about_the_former() -> None:
    trace = Trace(CABLE, CARE, MOBILE)
    trace.run(60)
    trace.carried = Carrying.DEAD
    assert trace.decide() is CARE
    trace.carried = Carrying.DEAD
    assert trace.run(uplinks.NEW_S - 1) is CARE
    assert trace.run(2) is MOBILE


def test_the_screen_is_told_who_carries_and_who_failed() -> None:
    trace = Trace(CABLE, MOBILE)
    trace.run(60)
    trace.carried = Carrying.DEAD
    trace.decide()
    told = {
        view.uplink: view.state
        for view in uplinks.views(trace.choice, trace.seen(), Carrying.WELL, trace.now)
    }
    assert told[CABLE] is UplinkState.FAILED
    assert told[MOBILE] is UplinkState.IN_USE
    dead = uplinks.views(trace.choice, trace.seen(), Carrying.DEAD, trace.now)
    assert all(view.state is not UplinkState.IN_USE for view in dead)


def test_figures_of_a_call_are_judged() -> None:
    assert uplinks.carrying(Quality()) is Carrying.UNKNOWN
    assert uplinks.carrying(Quality(receive_kbps=0.0, send_kbps=300.0)) is Carrying.UNKNOWN
    assert uplinks.carrying(Quality(receive_kbps=40.0, packets_lost_percent=25.0)) is Carrying.POOR
    assert uplinks.carrying(Quality(receive_kbps=40.0, round_trip_ms=2000.0)) is Carrying.POOR
    assert uplinks.carrying(Quality(receive_kbps=40.0, video_stopped=True)) is Carrying.POOR
    assert uplinks.carrying(Quality(receive_kbps=40.0, their_video_stopped=True)) is Carrying.POOR
    well = Quality(receive_kbps=900.0, packets_lost_percent=3.0, round_trip_ms=80.0)
    assert uplinks.carrying(well) is Carrying.WELL


MOMENTS = st.lists(
    st.tuples(
        st.frozensets(st.sampled_from(uplinks.ORDER)),
        st.sampled_from(Carrying),
        st.floats(0.1, 30),
        st.frozensets(st.sampled_from(uplinks.ORDER)),
    ),
    max_size=60,
)


def told(moments: Iterable[tuple[frozenset[Uplink], Carrying, float, frozenset[Uplink]]]) -> Iterable[Trace]:
    trace = Trace()
    for ready, carried, seconds, answers in moments:
        trace.now += seconds
        trace.ready, trace.carried, trace.answers = set(ready), carried, set(answers)
        yield trace


@given(MOMENTS)
def test_whatever_happens_the_carrier_is_there_when_anything_is(
    moments: list[tuple[frozenset[Uplink], Carrying, float, frozenset[Uplink]]],
) -> None:
    for trace in told(moments):
        carrier = trace.decide()
        assert (carrier in trace.ready) if trace.ready else carrier is NONE


@given(MOMENTS)
def test_whatever_happens_nobody_leaves_an_uplink_that_carries_for_one_that_is_not_stable(
    moments: list[tuple[frozenset[Uplink], Carrying, float, frozenset[Uplink]]],
) -> None:
    since: dict[Uplink, float] = {}
    for trace in told(moments):
        since = {uplink: since.get(uplink, trace.now) for uplink in trace.ready}
        before, well = trace.choice, trace.carried in (Carrying.WELL, Carrying.UNKNOWN)
        carrier = trace.decide()
        if carrier is not before.carrier and before.carrier in trace.ready and well:
            assert trace.now - since[carrier] >= uplinks.STABLE_S
            assert before.record(carrier).answered_at >= trace.now - uplinks.ANSWER_HOLDS_S
            assert uplinks.ORDER.index(carrier) < uplinks.ORDER.index(before.carrier)
