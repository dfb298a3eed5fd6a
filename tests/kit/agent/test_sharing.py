"""Showing a still picture or a second camera: what staff sees, and what the engine is told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kit.agent import sharing
from kit.agent.call import CallBook
from kit.config import KitConfig
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.call import Call, Capabilities, Floor, PresentSource, Still
from kit.ipc.state import Panel
from kit.visit import events as ev
from kit.visit.model import Policy, Step
from tests.kit.agent.conftest import HOST, LINK, ME, Bench, Engine, Screen

STILL, SECOND, NONE = PresentSource.STILL, PresentSource.SECOND_CAMERA, PresentSource.NONE
ABLE = CallBook(shown=Call(capabilities=Capabilities(present=True)))


@pytest.fixture
def config(config: KitConfig) -> KitConfig:
    return replace(config, policy=Policy(confirmations=(), checks=()))


async def in_call(bench: Bench) -> tuple[Screen, Engine]:
    screen, engine = await bench.screen(), await bench.engine()
    await screen.touch(cmd.SubmitInvitation(LINK), ev.Proceed(), ev.Proceed())
    await engine.is_told(ng.JoinRoom)
    await engine.tells(
        ng.RoomJoined(waiting=False),
        ng.Roster((ME, HOST)),
        ng.CallCapabilities(Capabilities(present=True)),
    )
    await screen.sees(lambda state: state.visit.step is Step.IN_CALL and state.call.capabilities.present)
    return screen, engine


async def take(screen: Screen, engine: Engine) -> None:
    await screen.touch(cmd.OpenPanel(Panel.SHARE))
    assert await engine.is_told(ng.Aim) == ng.Aim(STILL)
    await screen.sees(lambda state: state.call.aim is STILL)
    await screen.touch(cmd.TakeStill())
    await engine.is_told(ng.TakeStill)
    await screen.sees(lambda state: state.call.still is Still.TAKING)
    await engine.tells(ng.StillTaken(taken=True))
    await screen.sees(lambda state: state.call.still is Still.TAKEN)


@pytest.mark.parametrize(
    ("panel", "less"), [(Panel.CHAT, Capabilities(chat=False)), (Panel.SHARE, Capabilities())]
)
async def test_a_panel_of_what_the_room_cannot_do_closes_and_does_not_open(
    bench: Bench, panel: Panel, less: Capabilities
) -> None:
    screen, engine = await in_call(bench)
    await screen.touch(cmd.OpenPanel(panel))
    await screen.sees(lambda state: state.panel is panel)
    await engine.tells(ng.CallCapabilities(less))
    await screen.sees(lambda state: state.panel is Panel.NONE)
    await screen.touch(cmd.OpenPanel(panel), cmd.ShowSelfView(False))
    state = await screen.sees(lambda state: not state.call.self_view)
    assert state.panel is Panel.NONE


async def test_a_picture_is_taken_looked_at_shown_and_ended(bench: Bench) -> None:
    screen, engine = await in_call(bench)
    await take(screen, engine)
    await screen.touch(cmd.Present(STILL))
    assert await engine.is_told(ng.Present) == ng.Present(STILL)
    await engine.tells(ng.FloorChanged(mine=True))
    state = await screen.sees(lambda state: state.call.floor is Floor.MINE)
    assert (state.panel, state.call.presenting) == (Panel.NONE, STILL)
    await screen.touch(cmd.Present(NONE))
    assert await engine.is_told(ng.Present) == ng.Present(NONE)
    await screen.sees(lambda state: state.call.floor is Floor.FREE and state.call.still is Still.NONE)


async def test_a_panel_that_is_closed_forgets_the_picture(bench: Bench) -> None:
    screen, engine = await in_call(bench)
    await take(screen, engine)
    await screen.touch(cmd.OpenPanel(Panel.NONE))
    assert await engine.is_told(ng.Aim) == ng.Aim(NONE)
    await screen.sees(lambda state: state.call.still is Still.NONE)


async def test_a_room_that_gives_no_floor_leaves_the_picture_to_try_again(bench: Bench) -> None:
    screen, engine = await in_call(bench)
    await take(screen, engine)
    await screen.touch(cmd.Present(STILL))
    await engine.tells(ng.FloorChanged(mine=False))
    state = await screen.sees(lambda state: state.call.floor is Floor.DENIED)
    assert (state.panel, state.call.still, state.call.presenting) == (Panel.SHARE, Still.TAKEN, NONE)


async def test_who_takes_the_floor_ends_what_the_kit_shows_and_the_screen_says_so(bench: Bench) -> None:
    screen, engine = await in_call(bench)
    await take(screen, engine)
    await screen.touch(cmd.Present(STILL))
    await engine.tells(ng.FloorChanged(mine=True), ng.FloorChanged(mine=False))
    state = await screen.sees(lambda state: state.call.floor is Floor.LOST)
    assert (state.call.presenting, state.call.still) == (NONE, Still.NONE)


async def test_a_picture_that_could_not_be_taken_is_said(bench: Bench) -> None:
    screen, engine = await in_call(bench)
    await screen.touch(cmd.OpenPanel(Panel.SHARE), cmd.TakeStill())
    await engine.tells(ng.StillTaken(taken=False))
    await screen.sees(lambda state: state.call.still is Still.FAILED)


@pytest.mark.parametrize(
    ("policy", "source", "allowed"),
    [
        (Policy(), STILL, True),
        (Policy(), SECOND, True),
        (Policy(still_pictures=False), STILL, False),
        (Policy(still_pictures=False), SECOND, True),
        (Policy(second_camera=False), SECOND, False),
        (Policy(still_pictures=False, second_camera=False), NONE, True),
    ],
)
def test_the_region_decides_what_may_be_shown(policy: Policy, source: PresentSource, allowed: bool) -> None:
    assert sharing.may_show(ABLE, source, policy) is allowed


def test_nothing_is_shown_to_a_room_that_takes_no_presentation() -> None:
    assert not sharing.may_show(CallBook(), STILL, Policy())


def test_a_word_about_the_floor_is_taken_away_after_a_while() -> None:
    book = sharing.floor_changed(sharing.asked(ABLE, STILL), mine=True, at=0)
    lost = sharing.floor_changed(book, mine=False, at=10)
    assert sharing.ticked(lost, 11).shown.floor is Floor.LOST
    assert sharing.ticked(lost, 10 + sharing.SAID_S).shown.floor is Floor.FREE


def test_without_a_picture_there_is_nothing_to_show() -> None:
    assert not sharing.has(ABLE, STILL)
    assert sharing.has(ABLE, SECOND)
