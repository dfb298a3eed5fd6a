"""What a room asks at its door, and what it writes of what is said: real agent, real engine, the test room.

Nothing of it (PINs, numbers, tokens, addresses, what was said) is in a log or a file of the kit.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from kit.ipc.commands import ShowCaptions, SubmitInvitation
from kit.ipc.state import KitState
from kit.ipc.wire import Link, Peer, agent_socket, connect
from kit.visit import events as ev
from kit.visit.model import DoorState, PinState, Step
from tests.kit.agent.conftest import Screen
from tests.kit.meeting.pexip.certificates import Certificates
from tests.kit.meeting.test_login import Backend, backend
from tests.peers.media.conftest import Node, certificates, node, pulse, until
from tests.peers.media.kit import write_config
from tests.peers.media.pulse import Pulse

__all__ = ["backend", "certificates", "node", "pulse"]

pytestmark = pytest.mark.timeout(240)
PATIENCE_S = 60.0
NUMBER, WRONG_NUMBER, PIN, WRONG_PIN, SAID = "4711", "86420975", "5678", "97531864", "Kanariefågel i köket"
SETTINGS = """
[policy]
checks = []
confirmations = []

[meeting.login]
shown = "{phones}"
collect = "{kits}"
"""


class Whole(Struct):
    """Agent and engine, and a finger on the screen. ``tokens``: everything that the room gave out."""

    screen: Screen
    folder: Path
    node: Node
    tokens: list[str]
    processes: list[asyncio.subprocess.Process]

    async def sees(self, expected: Callable[[KitState], Any]) -> KitState:
        """Wait as long as a busy machine may take."""
        async with asyncio.timeout(PATIENCE_S):
            while not expected(self.screen.state):
                state = await self.screen.link.receive()
                assert state is not None
                self.screen.state = state
        return self.screen.state

    async def to_the_door(self, alias: str) -> None:
        """From the start screen to the room."""
        await self.screen.touch(SubmitInvitation(f"https://{self.node.host}/webapp/m/{alias}"))
        await self.sees(lambda s: s.visit.step is Step.PREPARE)
        await self.screen.touch(ev.Proceed())
        await self.sees(lambda s: s.visit.step is Step.CONFIRM)
        await self.screen.touch(ev.Proceed())

    async def until_in(self) -> None:
        """Wait for the room to let the kit in."""
        await self.sees(lambda s: s.visit.step in {Step.WAITING, Step.IN_CALL})

    async def keeps_nothing_of(self, *canaries: str) -> None:
        """End both processes, and look for canaries and tokens in every byte that they wrote."""
        await self.end()
        assert self.tokens
        written = b"".join(
            path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and path.name != "kit.toml"
        )
        assert b"started" in written
        assert b"Traceback" not in written
        assert b"ResourceWarning" not in written
        assert [canary for canary in (*canaries, *self.tokens) if canary.encode() in written] == []

    async def end(self) -> None:
        """As the system does when it goes down."""
        for process in self.processes:
            if process.returncode is None:
                process.terminate()
            await process.wait()
        await self.screen.link.close()


def _configure(path: Path, backend: Backend) -> None:
    """The kit's own key is one that the region's backend knows."""
    made = backend.certificates
    text = path.read_text()
    for name, value in (("ca", made.ca), ("certificate", made.certificate), ("key", made.key)):
        text = text.replace(f'{name} = "none"', f'{name} = "{value}"', 1)
    path.write_text(text + SETTINGS.format(phones=backend.phones, kits=backend.kits))


async def _screen(run_dir: Path) -> Screen:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                link: Link[KitState] = await connect(agent_socket(run_dir), Peer.SCREEN, KitState)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return Screen(link)


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every token that the room, which runs here, will have given out."""
    given: list[str] = []

    def remembered(make: Callable[..., str]) -> Callable[..., str]:
        def token(*size: int) -> str:
            given.append(make(*size))
            return given[-1]

        return token

    monkeypatch.setattr(secrets, "token_urlsafe", remembered(secrets.token_urlsafe))
    return given


@pytest.fixture
async def whole(
    tmp_path: Path, tokens: list[str], certificates: Certificates, node: Node, pulse: Pulse, backend: Backend
) -> AsyncIterator[Whole]:
    folder = tmp_path / "kit"
    (folder / "state").mkdir(parents=True)
    path = write_config(folder, ca=certificates.ca, host=node.host)
    await asyncio.to_thread(_configure, path, backend)
    processes = []
    for module in ("kit.agent", "kit.media"):
        words = (sys.executable, "-X", "dev", "-m", module, "--config", str(path))
        with (folder / f"{module}.log").open("wb") as file:
            processes.append(
                await asyncio.create_subprocess_exec(
                    *words, env={**os.environ, **pulse.environment}, stdout=file, stderr=file
                )
            )
    made = Whole(await _screen(folder / "run"), folder, node, tokens, processes)
    try:
        yield made
    finally:
        await made.end()


async def test_a_reception_is_told_the_number_and_a_wrong_one_is_asked_again(whole: Whole) -> None:
    await whole.to_the_door("mottagning")
    await whole.sees(lambda s: s.visit.door is DoorState.EXTENSION)
    await whole.screen.touch(ev.EnterExtension(WRONG_NUMBER))
    await whole.sees(lambda s: s.visit.door is DoorState.EXTENSION_WRONG)
    await whole.screen.touch(ev.EnterExtension(NUMBER))
    await whole.until_in()
    assert len(whole.node.seats("bokat")) == 1
    await whole.keeps_nothing_of(WRONG_NUMBER, "mottagning")


async def test_a_wrong_pin_is_asked_again_and_no_pin_is_kept(whole: Whole) -> None:
    await whole.to_the_door("konsult")
    await whole.sees(lambda s: s.visit.pin is PinState.NEEDED)
    await whole.screen.touch(ev.EnterPin(WRONG_PIN))
    await whole.sees(lambda s: s.visit.pin is PinState.WRONG)
    await whole.screen.touch(ev.EnterPin(PIN))
    await whole.until_in()
    await whole.keeps_nothing_of(WRONG_PIN, "konsult")


async def test_a_login_on_a_phone_lets_the_kit_in(whole: Whole, backend: Backend) -> None:
    await whole.to_the_door("valbart")
    state = await whole.sees(lambda s: s.visit.door is DoorState.LOGIN and s.call.login_ways)
    ways = {way.name: way.id for way in state.call.login_ways}
    await whole.screen.touch(ev.ChooseLogin(ways["SITHS eID"]))
    state = await whole.sees(lambda s: s.call.login_url)
    async with httpx.AsyncClient(verify=False, follow_redirects=True) as phone:
        assert (await phone.get(state.call.login_url)).status_code == 200
        done = await phone.post(state.call.login_url)
    assert "Du är inloggad" in done.text
    await whole.until_in()
    assert not whole.screen.state.call.login_url
    await whole.keeps_nothing_of(state.call.login_url, state.call.login_url.rpartition("/")[2], "valbart")


def asked_for(node: Node, alias: str) -> bool:
    """Whether somebody in the room wants to read what is said."""
    people = [p for c in node.server.rooms.running(alias) for p in c.meeting.participants.values()]
    return any(person.show_live_captions for person in people)


async def test_what_is_said_is_written_for_who_asked_for_it_and_kept_nowhere(whole: Whole) -> None:
    await whole.to_the_door("textat")
    await whole.until_in()
    await whole.screen.touch(ShowCaptions(True))
    await until(lambda: asked_for(whole.node, "textat"))
    whole.node.server.lab.caption("textat", SAID)
    await whole.sees(lambda s: s.call.captions)
    assert whole.screen.state.call.captions[-1] == SAID
    await whole.screen.touch(ShowCaptions(False))
    await whole.sees(lambda s: not s.call.captions)
    await whole.keeps_nothing_of(SAID, "textat")
