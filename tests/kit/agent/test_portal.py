"""A visit whose room is a web page, as far as it goes without a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.config import Broker, KitConfig, Meeting
from kit.ipc import engine as ng
from kit.ipc.portal import ChoosePortal, PlacePortal, PortalBack, PortalChoice, PressPortal, RetryPortal
from kit.portal.site import Portal
from kit.visit import events as ev
from kit.visit.model import Policy, Refusal, Step
from tests.kit.agent.conftest import Bench, Screen

NOBODY = "https://localhost:9"
"""The port of "discard": nothing listens there."""


@pytest.fixture
async def portals(tmp_path: Path) -> AsyncIterator[Bench]:
    none = tmp_path / "none.pem"
    portal = Portal(
        name="Vårdportalen", address=f"{NOBODY}/", origins=(NOBODY,), phone="08-465 004 55", loopback=True
    )
    config = KitConfig(
        kit_id="kit-0007",
        run_dir=tmp_path,
        state_dir=tmp_path,
        broker=Broker(host="127.0.0.1", port=9, ca=none, certificate=none, key=none),
        meeting=Meeting(allowed_hosts=("meet.example",), portals=(portal,)),
        policy=Policy(checks=(), confirmations=()),
    )
    bench = Bench(config, tmp_path)
    await bench.start()
    yield bench
    await bench.die()


async def to_joining(screen: Screen) -> None:
    await screen.touch(ChoosePortal(0))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    await screen.touch(ev.Proceed())
    await screen.sees(lambda s: s.visit.step is Step.CONFIRM)
    await screen.touch(ev.Proceed())


async def test_the_screen_is_told_which_portals_there_are(portals: Bench) -> None:
    screen = await portals.screen()
    state = await screen.sees(lambda s: s.portals)
    assert state.portals == (PortalChoice(number=0, name="Vårdportalen", phone="08-465 004 55"),)


async def test_a_portal_goes_through_the_same_steps_and_camera_comes_back_where_it_fails(
    portals: Bench,
) -> None:
    screen, engine = await portals.screen(), await portals.engine()
    await to_joining(screen)
    state = await screen.sees(lambda s: s.refused)
    assert state.refused is not None
    assert state.refused.reason is Refusal.ROOM_UNREACHABLE
    assert (state.visit.step, state.portal) == (Step.CONFIRM, None)
    assert [(await engine.is_told(ng.Preview)).on for _ in range(3)] == [True, False, True]


async def test_touches_of_a_frame_that_is_not_there_do_nothing(portals: Bench) -> None:
    screen = await portals.screen()
    await screen.touch(PortalBack(), RetryPortal(), PlacePortal(width=5, height=5), ChoosePortal(7))
    await screen.touch(PressPortal("q", 1))
    await screen.touch(ChoosePortal(0))
    state = await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    assert state.portal is None


def test_a_key_is_not_told_by_what_carries_it() -> None:
    assert "q" not in f"{PressPortal('q', 1)!r} {PressPortal('q', 1)}"
