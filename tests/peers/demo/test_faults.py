"""Faults in the whole system by the demo's own harness: real broker, room, agent, engine, screen, taps."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from demo.fleet import Counted, Fleet, count, numbered
from demo.kiosk import Kiosk
from demo.kits import VISITING
from demo.ready import port_open, until
from demo.world import World, running
from kit.ipc.state import FaultState, NoticeKind
from kit.visit.model import EndReason, Refusal, Step

SOON_S = 30.0
RETURN_S = 120.0
"""To a broker that is back: waits between attempts are random, below 5, 10, 20, 40 s (kit.health.backoff)."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with running(tmp_path / "demo", kit_ids=(VISITING,)) as started:
        yield started


@pytest.fixture
async def kiosk(world: World) -> AsyncIterator[Kiosk]:
    found = Kiosk(world, VISITING)
    watching = asyncio.create_task(found.run())
    await found.finger.wait_for("home.join", SOON_S)
    yield found
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching


async def into_the_echo_room(kiosk: Kiosk) -> None:
    await kiosk.finger.tap("home.join")
    await kiosk.finger.tap("meeting.echo")
    await kiosk.finger.wait_for("call.mute", SOON_S)
    await kiosk.pictures.wait_for_remote(SOON_S)


@pytest.mark.timeout(300)
async def test_a_broker_that_goes_and_comes_back_loses_nothing(world: World, kiosk: Kiosk) -> None:
    await kiosk.until(lambda state: state.devices.network.region_reachable is True, SOON_S, "the broker")
    broker = await world.supervisor.stop("broker")
    await kiosk.until(lambda state: NoticeKind.BROKER_AWAY in state.notices, SOON_S, "the notice")
    await kiosk.finger.tap("home.fault")
    await kiosk.finger.tap("fault.sound")
    await kiosk.finger.tap("fault.send")
    await kiosk.until(
        lambda state: state.fault is not None and state.fault.state is FaultState.QUEUED, SOON_S, "queued"
    )
    await world.supervisor.start(broker)
    await until(port_open(world.ports.broker), SOON_S, "the broker")
    await kiosk.until(
        lambda state: state.fault is not None and state.fault.state is FaultState.RECEIVED,
        RETURN_S,
        "received",
    )
    assert (await reports(world)).lost == 0


async def test_a_room_that_goes_in_mid_call_is_said_and_can_be_left(world: World, kiosk: Kiosk) -> None:
    await into_the_echo_room(kiosk)
    await world.supervisor.stop("room")
    await kiosk.until(lambda state: NoticeKind.ROOM_AWAY in state.notices, SOON_S, "the notice")
    await kiosk.finger.tap("call.leave")
    await kiosk.finger.tap("hangup.leave")
    await kiosk.finger.wait_for("ended.next")
    await kiosk.finger.tap("ended.next")
    await kiosk.tidy_away()
    assert len(world.supervisor.starts(world.visiting.process("engine"))) == 1


async def test_an_agent_killed_in_the_call_ends_it_and_leads_to_tidying_up(
    world: World, kiosk: Kiosk
) -> None:
    await into_the_echo_room(kiosk)
    world.supervisor.send(world.visiting.process("agent"), signal.SIGKILL)
    await kiosk.until(
        lambda state: state.visit.step is Step.TIDY and state.visit.end_reason is EndReason.RESTARTED,
        SOON_S,
        "tidying up",
    )
    await kiosk.finger.wait_for("tidy.next", SOON_S)
    await kiosk.tidy_away()
    await kiosk.finger.wait_for("home.join")


async def test_rooms_that_cannot_be_joined_are_refused_in_words(world: World, kiosk: Kiosk) -> None:
    await kiosk.finger.tap("home.join")
    await kiosk.type_meeting("finnsinte")
    await kiosk.test_everything()
    await kiosk.confirm_everything()
    assert await refused(kiosk) is Refusal.ROOM_UNKNOWN
    async with httpx.AsyncClient(trust_env=False) as lab:
        (await lab.post(f"{world.lab}maintenance", json={"on": True})).raise_for_status()
    assert await refused(kiosk) is Refusal.ROOM_MAINTENANCE


async def refused(kiosk: Kiosk) -> Refusal | None:
    """Try to go in from the confirmations; return what the screen says, and dismiss it."""
    await kiosk.finger.tap("confirm.next")
    await kiosk.finger.wait_for("refusal.dismiss", SOON_S)
    said = kiosk.state.refused.reason if kiosk.state and kiosk.state.refused else None
    await kiosk.finger.tap("refusal.dismiss")
    await kiosk.finger.wait_for("confirm.next")
    return said


async def reports(world: World) -> Counted:
    """Count both sides, the agent ended: nobody else can read its outbox while it runs."""
    await world.supervisor.stop(world.visiting.process("agent"))
    async with Fleet(world.dashboard) as fleet:
        return count(await fleet.streams(), numbered(world.visiting.folder / "state"))
