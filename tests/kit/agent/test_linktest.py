"""The agent and its link tests: what staff sees of one, what is kept, and what the function test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace

from kit.config import KitConfig
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.linktest import LinkTried, LinkTrying, StopTryingLink, TrialEnd, TryLink
from kit.ipc.network import LinkAdvice, LinkFigures, Verdict
from kit.ipc.state import Condition, KitState
from kit.visit import events as ev
from kit.visit.model import Check, CheckResult, Step
from tests.kit.agent.conftest import Bench, Engine, Screen

FINE = LinkFigures(up_kbps=2000, down_kbps=2000, round_trip_ms=40, jitter_ms=2, longest_gap_ms=40)
NARROW = replace(FINE, up_kbps=90)
NOTHING = replace(FINE, up_kbps=10, loss_percent=60.0)


@pytest.fixture
async def answering(config: KitConfig) -> AsyncIterator[Bench]:
    """An agent whose region takes connections."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    meeting = replace(config.meeting, allowed_hosts=(f"127.0.0.1:{port}",))
    bench = await asyncio.to_thread(Bench, replace(config, meeting=meeting))
    await bench.start()
    yield bench
    await bench.die()
    server.close()
    await server.wait_closed()


def of_network(state: KitState) -> CheckResult:
    return dict(state.visit.checks)[Check.NETWORK]


async def ready(bench: Bench) -> tuple[Screen, Engine]:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.sees(lambda s: s.devices.camera.condition is Condition.OK)
    return screen, engine


async def begun(bench: Bench) -> tuple[Screen, Engine]:
    screen, engine = await ready(bench)
    await screen.touch(cmd.TestLink())
    await engine.is_told(TryLink)
    return screen, engine


async def test_a_test_goes_to_the_echo_room_of_the_region_and_shows_how_far_it_has_come(bench: Bench) -> None:
    screen, engine = await ready(bench)
    await screen.touch(cmd.TestLink())
    order: TryLink = await engine.is_told(TryLink)
    assert [(room.host, room.alias) for room in order.rooms] == [("meet.example", "eko")]
    assert order.allowed_hosts == ("meet.example",)
    await engine.tells(LinkTrying(0.5))
    state = await screen.sees(lambda s: s.devices.network.test and s.devices.network.test.progress == 0.5)
    assert state.devices.network.test is not None
    assert state.devices.network.test.running


@pytest.mark.parametrize(
    ("figures", "verdict", "advice"),
    [
        (FINE, Verdict.GOOD, LinkAdvice.NONE),
        (NARROW, Verdict.POOR, LinkAdvice.SOUND_ONLY),
        (NOTHING, Verdict.POOR, LinkAdvice.PHONE),
    ],
)
async def test_figures_become_a_word_and_what_to_do(
    bench: Bench, figures: LinkFigures, verdict: Verdict, advice: LinkAdvice
) -> None:
    screen, engine = await begun(bench)
    await engine.tells(LinkTried(TrialEnd.MEASURED, figures))
    state = await screen.sees(lambda s: s.devices.network.test and not s.devices.network.test.running)
    test = state.devices.network.test
    assert test is not None
    assert (test.verdict, test.figures, test.unreachable) == (verdict, figures, False)
    # Whether this machine is on a Wi-Fi with a weak signal is not the test's to say.
    assert test.advice in {advice, LinkAdvice.MOVE}


async def test_a_region_that_does_not_answer_is_said_apart_from_how_the_link_is(bench: Bench) -> None:
    screen, engine = await begun(bench)
    await engine.tells(LinkTried(TrialEnd.UNREACHABLE, FINE))
    state = await screen.sees(lambda s: s.devices.network.test and s.devices.network.test.unreachable)
    test = state.devices.network.test
    assert test is not None
    assert test.verdict is Verdict.GOOD
    assert bench.agent.reporter.counters.snapshot() == {"link_test_unreachable": 1}


async def test_a_test_that_is_not_waited_for_is_stopped_and_its_late_outcome_is_nothing(bench: Bench) -> None:
    screen, engine = await begun(bench)
    await screen.sees(lambda s: s.devices.network.test)
    await screen.touch(cmd.StopLinkTest())
    await engine.is_told(StopTryingLink)
    await screen.sees(lambda s: s.devices.network.test is None)
    await engine.tells(LinkTried(TrialEnd.MEASURED, FINE), ng.ChatSent(1, delivered=True))
    await screen.touch(cmd.TestLink())
    await engine.is_told(TryLink)
    state = await screen.sees(lambda s: s.devices.network.test)
    assert state.devices.network.test is not None
    assert state.devices.network.test.verdict is None


async def test_an_engine_that_dies_ends_its_test(bench: Bench) -> None:
    screen, engine = await begun(bench)
    await screen.sees(lambda s: s.devices.network.test)
    await engine.link.close()
    await bench.engine()
    await screen.sees(lambda s: s.devices.network.test is None)


@pytest.mark.parametrize(
    ("tried", "result"),
    [
        (LinkTried(TrialEnd.MEASURED, FINE), CheckResult.PASSED),
        (LinkTried(TrialEnd.MEASURED, NOTHING), CheckResult.FAILED),
        (LinkTried(TrialEnd.SILENT), CheckResult.FAILED),
        (LinkTried(TrialEnd.UNREACHABLE), CheckResult.FAILED),
        (LinkTried(TrialEnd.UNREACHABLE, FINE), CheckResult.FAILED),
        (LinkTried(TrialEnd.NO_ROOM), CheckResult.PASSED),
        (LinkTried(TrialEnd.STOPPED), CheckResult.PASSED),
    ],
)
async def test_the_function_test_says_what_the_link_test_found(
    answering: Bench, tried: LinkTried, result: CheckResult
) -> None:
    screen, engine = await ready(answering)
    await screen.touch(ev.StartCheck())
    await engine.is_told(TryLink)
    state = await screen.sees(lambda s: s.devices.network.test)
    assert of_network(state) is CheckResult.RUNNING
    await engine.tells(tried)
    state = await screen.sees(lambda s: s.visit.checks and of_network(s) is not CheckResult.RUNNING)
    assert of_network(state) is result


async def test_a_verdict_that_still_holds_is_not_asked_for_again(answering: Bench) -> None:
    screen, engine = await begun(answering)
    await engine.tells(LinkTried(TrialEnd.MEASURED, FINE))
    await screen.sees(lambda s: s.devices.network.test and s.devices.network.test.verdict is Verdict.GOOD)
    await screen.touch(ev.StartCheck())
    await screen.sees(lambda s: s.visit.checks and of_network(s) is CheckResult.PASSED)


async def test_without_an_engine_it_is_enough_that_the_region_answers(answering: Bench) -> None:
    screen = await answering.screen()
    await screen.touch(ev.StartCheck())
    await screen.sees(lambda s: s.visit.checks and of_network(s) is CheckResult.PASSED)


async def test_there_is_no_test_during_a_meeting(bench: Bench) -> None:
    screen, engine = await begun(bench)
    await screen.touch(cmd.JoinEcho())
    await screen.sees(lambda s: s.visit.step is Step.JOINING)
    await engine.is_told(StopTryingLink)
    await screen.touch(cmd.TestLink(), cmd.Mute(muted=True))
    state = await screen.sees(lambda s: s.call.muted)
    assert state.devices.network.test is None
