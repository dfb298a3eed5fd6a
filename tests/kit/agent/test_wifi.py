"""The desk of the patient's Wi-Fi in a real agent: from what is touched to the radio, visit and fleet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import structlog
from msgspec.structs import replace

from kit.agent import wifi as desk
from kit.agent.agent import Agent
from kit.agent.wifi_flow import OFFER_AFTER_S, TRIES_BEFORE_STUCK
from kit.config import KitConfig
from kit.health.connection import GOODBYE_S
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc import wifi
from kit.ipc.network import WifiStep, WifiTrouble
from kit.ipc.scan import CodeRead, ScanCodes
from kit.ipc.state import KitState, Page
from kit.ipc.state import Network as NetworkState
from kit.network.guard.client import ANSWER_S
from kit.network.wifi.process import END_S
from kit.visit import events as ev
from kit.visit.model import Check, CheckResult, Policy, Refusal, Step, TidyTask
from tests.kit.agent.conftest import DEADLINE_S, LINK, Bench, Screen
from tests.kit.agent.radio import KEY, NAME, Radio
from tools.tree import ROOT

UNIT = ROOT / "images/rootfs/usr/lib/systemd/system/kit-agent.service"
NAMES_S = 3 * 2 * 2 * 2
"""A name that nobody answers: three servers, each twice for two seconds, for the name and in a domain."""
CODE = f"WIFI:T:WPA;S:{NAME};P:{KEY};;"


class WifiBench(Bench):
    """An agent on a machine without any network, with a radio and a clock that can be moved on."""

    def __init__(self, config: KitConfig, root: Path) -> None:
        self.ahead = 0.0
        self.radio = Radio()
        super().__init__(replace(config, policy=Policy(wifi_limit_s=900)), root)
        self.agent = self.make(root)

    def make(self, root: Path) -> Agent:
        return Agent(self.config, lambda: time.time() + self.ahead, root, self.radio)

    def stored(self) -> bytes:
        """Everything that the kit has kept on its disk."""
        files = [file for file in self.config.state_dir.rglob("*") if file.is_file()]
        return b"".join(file.read_bytes() for file in files)

    async def keeps(self, words: bytes) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while words not in await asyncio.to_thread(self.stored):  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.02)


@pytest.fixture
async def alone(config: KitConfig, tmp_path: Path) -> AsyncIterator[WifiBench]:
    bench = await asyncio.to_thread(WifiBench, config, tmp_path / "machine")
    await bench.start()
    yield bench
    await bench.die()


def at(step: WifiStep, trouble: WifiTrouble = WifiTrouble.NONE) -> Callable[[KitState], bool]:
    def is_there(state: KitState) -> bool:
        patient = state.devices.network.patient
        return (patient.step, patient.trouble) == (step, trouble)

    return is_there


async def is_offered(bench: WifiBench, screen: Screen) -> None:
    await screen.touch(cmd.SubmitInvitation(LINK))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    bench.ahead += OFFER_AFTER_S
    await screen.sees(lambda s: s.devices.network.patient.offered)


async def to_the_list(bench: WifiBench, screen: Screen) -> None:
    await is_offered(bench, screen)
    await screen.touch(wifi.BeginWifi(), *(wifi.AnswerWifi(step, yes=True) for step in list(WifiStep)[1:3]))
    await screen.sees(lambda s: [n.label for n in s.devices.network.patient.networks] == [NAME])


async def onto_it(bench: WifiBench, screen: Screen) -> None:
    await to_the_list(bench, screen)
    await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey(KEY))
    await screen.sees(at(WifiStep.ON))


async def test_from_the_questions_onto_the_network_and_off_it_with_the_visit(alone: WifiBench) -> None:
    screen = await alone.screen()
    with structlog.testing.capture_logs() as said:
        await onto_it(alone, screen)
        assert alone.radio.secrets == [True]
        assert alone.agent.visit.wifi_since is not None
        await screen.touch(ev.HangUp())
        state = await screen.sees(lambda s: s.visit.wifi_removed)
        assert (state.visit.tidy, alone.radio.on) == (TidyTask.WIFI, False)
        await alone.keeps(b"patient_wifi_removed")
    traces = alone.stored() + repr((said, alone.agent.wifi._flow, screen.state)).encode()
    assert NAME.encode() not in traces
    assert KEY.encode() not in traces


async def test_what_waited_for_a_network_goes_on_by_itself(alone: WifiBench) -> None:
    screen = await alone.screen()
    await to_the_list(alone, screen)
    await screen.sees(lambda s: dict(s.visit.checks)[Check.NETWORK] is CheckResult.FAILED)
    alone.radio.may_join.clear()
    await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey(KEY))
    await screen.sees(at(WifiStep.JOINING))
    alone.radio.may_join.set()
    state = await screen.sees(at(WifiStep.ON))
    assert dict(state.visit.checks)[Check.NETWORK] is not CheckResult.UNTESTED
    await screen.sees(lambda s: dict(s.visit.checks)[Check.NETWORK] is CheckResult.FAILED)


async def test_a_wrong_password_is_asked_for_again(alone: WifiBench) -> None:
    screen = await alone.screen()
    alone.radio.answers = [WifiTrouble.KEY_WRONG]
    await to_the_list(alone, screen)
    await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey("fel-losenord"))
    await screen.sees(at(WifiStep.KEY, WifiTrouble.KEY_WRONG))
    await screen.touch(wifi.EnterWifiKey(KEY))
    await screen.sees(at(WifiStep.ON))
    assert alone.radio.secrets == [False, True]
    assert alone.radio.asked[-3:] == ["join", "remove", "join"]


async def test_a_joining_that_is_stopped_leaves_nothing_behind(alone: WifiBench) -> None:
    screen = await alone.screen()
    await to_the_list(alone, screen)
    alone.radio.may_join.clear()
    await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey(KEY))
    await screen.sees(at(WifiStep.JOINING))
    await screen.touch(wifi.BackWifi())
    await screen.sees(at(WifiStep.CHOOSE))
    await screen.touch(wifi.CloseWifi())
    await screen.sees(lambda s: s.devices.network.patient.offered)
    assert not alone.radio.on
    assert alone.radio.asked[-1] == "remove"


async def test_staff_removes_it_with_one_touch_and_is_shown_that_it_is_gone(alone: WifiBench) -> None:
    screen = await alone.screen()
    await onto_it(alone, screen)
    await screen.touch(wifi.RemoveWifiNow())
    await screen.sees(at(WifiStep.REMOVED))
    assert alone.agent.visit.wifi_since is None
    await alone.keeps(b'"cause":"by_hand"')


async def test_a_network_that_goes_away_is_removed_and_said(alone: WifiBench) -> None:
    screen = await alone.screen()
    await onto_it(alone, screen)
    alone.radio.gone(WifiTrouble.OUT_OF_REACH)
    await screen.sees(at(WifiStep.REMOVED, WifiTrouble.OUT_OF_REACH))
    await alone.keeps(b'"cause":"lost"')


async def test_the_time_limit_removes_it_after_a_warning(alone: WifiBench) -> None:
    screen = await alone.screen()
    await onto_it(alone, screen)
    limit_s = alone.config.policy.wifi_limit_s
    alone.ahead += limit_s - 200
    await screen.sees(lambda s: s.devices.network.patient.ends_soon)
    alone.ahead += 200
    await screen.sees(at(WifiStep.REMOVED, WifiTrouble.TIME_OVER))
    await alone.keeps(b'"cause":"time_limit"')


async def test_a_removal_that_fails_holds_the_visit_in_tidy_until_it_is_verified(alone: WifiBench) -> None:
    screen = await alone.screen()
    await onto_it(alone, screen)
    alone.radio.verified = False
    await screen.touch(ev.HangUp())
    await screen.sees(lambda s: s.devices.network.patient.stuck)
    assert alone.radio.asked.count("remove") >= TRIES_BEFORE_STUCK
    await screen.touch(ev.NextTidy())
    await alone.keeps(b'"verified":false')
    assert alone.agent.visit.step is Step.TIDY
    alone.radio.verified = True
    await screen.sees(lambda s: s.visit.wifi_removed and not s.devices.network.patient.stuck)


async def test_an_agent_that_ends_has_it_removed_first_and_the_fleet_told(alone: WifiBench) -> None:
    screen = await alone.screen()
    await onto_it(alone, screen)
    await alone.die()
    assert (alone.radio.on, alone.radio.asked[-1]) == (False, "remove")
    assert b"patient_wifi_removed" in await asyncio.to_thread(alone.stored)


async def test_an_agent_that_ends_while_it_joins_removes_what_that_has_begun(alone: WifiBench) -> None:
    screen = await alone.screen()
    await to_the_list(alone, screen)
    alone.radio.may_join.clear()
    await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey(KEY))
    await screen.sees(at(WifiStep.JOINING))
    await alone.die()
    assert (alone.radio.on, alone.radio.asked[-1]) == (False, "remove")


async def test_an_agent_that_ends_without_one_asks_for_nothing(alone: WifiBench) -> None:
    screen = await alone.screen()
    await to_the_list(alone, screen)
    asked = list(alone.radio.asked)
    await alone.die()
    assert alone.radio.asked == asked


async def test_an_agent_ends_though_the_removal_cannot_be_verified(
    alone: WifiBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "LEAVE_S", 0.1)
    screen = await alone.screen()
    await onto_it(alone, screen)
    alone.radio.verified = False
    with structlog.testing.capture_logs() as said:
        await alone.die()
    assert "patient_wifi_not_verified_at_end" in [line["event"] for line in said]


def test_systemd_waits_longer_than_a_removal_and_a_goodbye_may_take() -> None:
    [line] = [line for line in UNIT.read_text().splitlines() if line.startswith("TimeoutStopSec=")]
    assert desk.LEAVE_S > END_S + ANSWER_S
    assert int(line.partition("=")[2]) >= desk.LEAVE_S + 2 * GOODBYE_S + NAMES_S


async def test_what_a_crash_left_behind_is_swept_at_the_start_and_told(
    config: KitConfig, tmp_path: Path
) -> None:
    bench = await asyncio.to_thread(WifiBench, config, tmp_path / "machine")
    bench.radio.left_behind = 1
    await bench.start()
    await bench.keeps(b'"cause":"after_crash"')
    assert bench.radio.asked[:2] == ["sweep", "remove"]
    await bench.die()


async def test_a_code_on_the_page_of_codes_waits_for_a_meeting_and_both_questions(alone: WifiBench) -> None:
    screen, engine = await alone.screen(), await alone.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    await engine.is_told(ScanCodes)
    await engine.tells(CodeRead(CODE))
    await screen.sees(lambda s: s.page is Page.MEETING and s.devices.network.patient.code_waiting)
    await screen.touch(cmd.SubmitInvitation(LINK))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    alone.ahead += OFFER_AFTER_S
    await screen.sees(at(WifiStep.REASON))
    await screen.touch(
        wifi.AnswerWifi(WifiStep.REASON, yes=True), wifi.AnswerWifi(WifiStep.CONSENT, yes=True)
    )
    await screen.sees(at(WifiStep.ON))


async def test_a_code_is_read_in_the_middle_of_a_visit(alone: WifiBench) -> None:
    screen, engine = await alone.screen(), await alone.engine()
    await to_the_list(alone, screen)
    await screen.touch(wifi.ReadWifiCode(on=True))
    assert (await engine.is_told(ScanCodes)).on
    await engine.tells(CodeRead("https://meet.example/webapp/m/annat"))
    await screen.sees(at(WifiStep.CHOOSE, WifiTrouble.CODE_INVALID))
    await engine.tells(CodeRead(CODE))
    await screen.sees(at(WifiStep.ON))
    assert not (await engine.is_told(ScanCodes)).on


async def test_a_wifis_code_is_refused_while_another_link_carries(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.Open(Page.SCAN))
    await engine.is_told(ScanCodes)
    await engine.tells(CodeRead(CODE))
    state = await screen.sees(lambda s: s.refused)
    assert state.refused is not None
    assert state.refused.reason is Refusal.CODE_WIFI


async def test_without_a_radio_it_is_never_offered_and_a_visit_ends_all_the_same(bench: Bench) -> None:
    screen = await bench.screen()
    await screen.touch(cmd.SubmitInvitation(LINK))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    await screen.touch(wifi.BeginWifi(), ev.HangUp())
    state = await screen.sees(lambda s: s.visit.step is Step.IDLE)
    assert state.devices.network.patient == NetworkState().patient
    await bench.forgets_the_open_visit()


async def test_an_engine_that_comes_back_looks_for_the_code_again(alone: WifiBench) -> None:
    screen, engine = await alone.screen(), await alone.engine()
    await to_the_list(alone, screen)
    await screen.touch(wifi.ReadWifiCode(on=True))
    await engine.is_told(ScanCodes)
    await engine.link.close()
    engine = await alone.engine()
    order: ng.Order = await engine.is_told(ScanCodes)
    assert order == ScanCodes(on=True)
