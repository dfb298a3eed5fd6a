"""What is decided without a window: which screen, which meeting, which advice, how times are said."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from kit.ipc.call import Limitation, Quality
from kit.ipc.network import PatientWifi, Signal, Uplink, UplinkState, UplinkView, WifiStep
from kit.ipc.portal import PortalView
from kit.ipc.state import (
    Devices,
    KitState,
    Language,
    Lock,
    MeetingToday,
    Network,
    Page,
    Refused,
    VisitView,
)
from kit.ui import coach, moments, upcoming
from kit.ui.route import Screen, refusal_shown, screen_for
from kit.visit.model import PinState, Refusal, Step


def at(step: Step, **values: Any) -> KitState:
    return KitState(visit=VisitView(step=step, **values))


@pytest.mark.parametrize("page", Page)
def test_every_page_has_a_screen(page: Page) -> None:
    assert screen_for(KitState(page=page)) is Screen("start" if page is Page.HOME else page.value)


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.IDLE])
def test_a_visit_goes_before_pages_and_lock(step: Step) -> None:
    state = replace(at(step), page=Page.HELP, lock=Lock())
    expected = "call" if step in (Step.IN_CALL, Step.RECONNECTING) else step.value
    assert screen_for(state) is Screen(expected)


def test_without_an_agent_the_screen_says_so() -> None:
    assert screen_for(None) is Screen.AWAY


def test_a_lock_goes_before_pages() -> None:
    assert screen_for(KitState(page=Page.MEETING, lock=Lock())) is Screen.LOCKED


@pytest.mark.parametrize("wifi", WifiStep)
def test_the_patients_wifi_has_a_screen_of_its_own_in_a_visit_but_never_covers_a_call_that_is_on(
    wifi: WifiStep,
) -> None:
    devices = Devices(network=Network(patient=PatientWifi(step=wifi)))
    shown = wifi not in (WifiStep.CLOSED, WifiStep.ON)
    lost = replace(at(Step.RECONNECTING), devices=devices)
    assert screen_for(lost) is (Screen.WIFI if shown else Screen.CALL)
    assert screen_for(replace(at(Step.TIDY), devices=devices)) is Screen.TIDY
    assert screen_for(replace(KitState(), devices=devices)) is Screen.START
    browsing = replace(at(Step.IN_CALL), devices=devices, portal=PortalView(name="Portalen"))
    assert screen_for(browsing) is Screen.PORTAL
    if wifi in (WifiStep.REMOVING, WifiStep.REMOVED):
        assert screen_for(replace(at(Step.IN_CALL), devices=devices)) is Screen.CALL


@pytest.mark.parametrize("pin", [PinState.NEEDED, PinState.WRONG])
def test_a_room_that_wants_a_pin_gets_the_keypad(pin: PinState) -> None:
    assert screen_for(at(Step.JOINING, pin=pin)) is Screen.PIN


def test_a_wrong_pin_is_said_at_the_keypad_only() -> None:
    refused = Refused(reason=Refusal.PIN_WRONG)
    assert refusal_shown(replace(at(Step.JOINING, pin=PinState.WRONG), refused=refused)) is None
    assert refusal_shown(KitState(refused=refused)) is Refusal.PIN_WRONG
    assert refusal_shown(None) is None


def meeting(number: int, starts_at: float, joinable: bool = True) -> MeetingToday:
    return MeetingToday(number=number, title="SIP-möte", starts_at=starts_at, joinable=joinable)


@pytest.mark.parametrize(
    ("starts", "now", "number"),
    [
        ((1000,), 1000 - upcoming.BEFORE_S - 1, None),
        ((1000,), 1000 - upcoming.BEFORE_S, 0),
        ((1000,), 1000 + upcoming.AFTER_S, 0),
        ((1000,), 1000 + upcoming.AFTER_S + 1, None),
        ((1000, 2000), 1400, 0),
        ((1000, 2000), 1600, 1),
    ],
)
def test_the_meeting_whose_start_is_nearest_is_offered(
    starts: tuple[float, ...], now: float, number: int | None
) -> None:
    offered = upcoming.offered([meeting(n, start) for n, start in enumerate(starts)], now)
    assert (offered.number if offered else None) == number


def test_a_meeting_that_is_over_is_not_offered() -> None:
    assert upcoming.offered([meeting(0, 1000, joinable=False)], 1000) is None


def test_the_next_meeting_is_the_first_that_has_not_begun() -> None:
    later = upcoming.next_later([meeting(0, 900), meeting(1, 3000), meeting(2, 2000)], 1000)
    assert later is not None
    assert later.number == 2
    assert upcoming.next_later([], 1000) is None


@pytest.mark.parametrize(
    ("quality", "text"),
    [
        (Quality(), ""),
        (Quality(send_fps=25, receive_fps=25, packets_lost_percent=1, round_trip_ms=80), ""),
        (Quality(concealed_percent=8, packets_lost_percent=9), coach.SOUND),
        (Quality(packets_lost_percent=9, receive_fps=3), coach.LOSSY),
        (Quality(video_stopped=True, available_kbps=70, packets_lost_percent=9), coach.SOUND_ONLY),
        (Quality(their_video_stopped=True, packets_lost_percent=9), coach.THEIR_PICTURES_REST),
        (Quality(their_video_stopped=True, video_stopped=True), coach.SOUND_ONLY),
        (Quality(limited_by=Limitation.BANDWIDTH, available_kbps=200, send_fps=8), coach.NARROW),
        (Quality(limited_by=Limitation.BANDWIDTH, available_kbps=900, send_fps=30), ""),
        (Quality(send_fps=4, receive_fps=3), coach.OUR_PICTURE),
        (Quality(receive_fps=3), coach.THEIR_PICTURE),
        (Quality(receive_fps=0, send_fps=0), ""),
        (Quality(round_trip_ms=700), coach.DELAY),
    ],
)
def test_the_gravest_trouble_is_coached(quality: Quality, text: str) -> None:
    assert "".join(coach.advice(quality, Network())[:1]) == text


@pytest.mark.parametrize(
    ("uplink", "move"),
    [
        (Uplink.CABLE, coach.CHECK_CABLE),
        (Uplink.PATIENT_WIFI, coach.NEAR_ROUTER),
        (Uplink.MOBILE, coach.NEAR_WINDOW),
    ],
)
def test_what_helps_depends_on_what_carries_the_call(uplink: Uplink, move: str) -> None:
    lossy = Quality(packets_lost_percent=9)
    assert coach.advice(lossy, Network(uplink=uplink)) == (coach.LOSSY, move)


def test_a_weak_signal_is_told_before_the_call_suffers() -> None:
    weak = UplinkView(uplink=Uplink.MOBILE, state=UplinkState.IN_USE, signal=Signal.WEAK)
    network = Network(uplink=Uplink.MOBILE, uplinks=(weak,))
    assert coach.advice(Quality(), network) == (coach.WEAK, coach.NEAR_WINDOW)
    assert coach.advice(Quality(concealed_percent=9), network)[0] == coach.SOUND


@pytest.fixture
def stockholm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Stockholm")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("stockholm")
def test_times_are_said_in_the_kits_own_time_zone() -> None:
    assert moments.clock(1_795_167_720) == "10:42"
    assert moments.day(1_795_167_720, Language.SWEDISH) == "fredag 20 november"
    assert moments.day(1_795_167_720, Language.ENGLISH) == "Friday 20 November"


@pytest.mark.parametrize(("seconds", "said"), [(-3, "0:00"), (65, "1:05"), (3785, "1:03:05")])
def test_lengths_of_time_are_said_short(seconds: float, said: str) -> None:
    assert moments.duration(seconds) == said


def test_minutes_are_whole_and_never_negative() -> None:
    assert [moments.minutes(s) for s in (-5, 59, 60, 3599)] == [0, 0, 1, 59]
