"""The others see who is with the kit and who gives the care; the kit forgets the name with the visit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from kit.config import KitConfig
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.visit import events as ev
from kit.visit.model import Policy, Refusal, Step
from tests.kit.agent.conftest import LINK, Bench
from tests.kit.agent.test_entrance import desired, tell

NAME = "Förnamn Efternamn, undersköterska"


@pytest.fixture
def config(config: KitConfig) -> KitConfig:
    return replace(config, policy=Policy(checks=()))


async def test_who_is_there_is_named_to_the_others_with_the_care_giver_and_forgotten(
    bench: Bench, config: KitConfig, capfd: pytest.CaptureFixture[str]
) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    tell(bench, desired(place="Hemsjukvården Norr"))
    await screen.touch(cmd.SubmitInvitation(LINK), ev.Proceed())
    state = await screen.sees(lambda state: state.visit.step is Step.CONFIRM)
    await screen.touch(cmd.Introduce(NAME))
    await screen.sees(lambda state: state.call.staff == NAME)
    confirmed = [ev.Confirm(confirmation, given=True) for confirmation, _ in state.visit.confirmations]
    await screen.touch(*confirmed, ev.Proceed())
    shown = (await engine.is_told(ng.JoinRoom)).display_name
    assert shown == f"{NAME} · Hemsjukvården Norr · Norrkommunen"
    await screen.touch(ev.HangUp())
    state = await screen.sees(lambda state: state.visit.step is Step.IDLE)
    assert state.call.staff == ""
    await screen.touch(cmd.JoinEcho())
    shown = (await engine.is_told(ng.JoinRoom)).display_name
    assert shown == "Enhet 07 · Hemsjukvården Norr · Norrkommunen"
    kept = await asyncio.to_thread(everything, config.state_dir, config.run_dir)
    assert "Efternamn" not in "".join(capfd.readouterr())
    assert b"Efternamn" not in kept


def everything(*folders: Path) -> bytes:
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return b"".join(file.read_bytes() for file in files)


async def test_nobody_is_named_outside_a_visit_and_a_personal_number_is_nobodys_name(bench: Bench) -> None:
    screen = await bench.screen()
    await screen.touch(cmd.Introduce(NAME), cmd.SubmitInvitation(LINK))
    state = await screen.sees(lambda state: state.visit.step is Step.PREPARE or state.call.staff)
    assert state.call.staff == ""
    await screen.touch(cmd.Introduce("Förnamn 19121212-1212"))
    state = await screen.sees(lambda state: state.refused)
    assert state.refused is not None
    assert state.refused.reason is Refusal.CODE_PERSONAL
    assert state.call.staff == ""
