"""A real agent on real sockets, with an engine and a screen that speak its wire."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from kit.agent.agent import Agent
from kit.config import Broker, KitConfig, Meeting
from kit.ipc import engine as ng
from kit.ipc.call import Participant, Role
from kit.ipc.commands import Command
from kit.ipc.state import Condition, Device, KitState
from kit.ipc.wire import Link, Peer, agent_socket, connect

OK = Device(condition=Condition.OK, simulated=True)
ME = Participant(uuid="1", name="Enhet 07", me=True)
HOST = Participant(uuid="2", name="Vårdsamordnare", role=Role.HOST)
LINK = "https://meet.example/webapp/m/norr"
DEADLINE_S = 10.0


class Screen:
    """A screen: touches, and waits until the snapshot shows what is expected."""

    def __init__(self, link: Link[KitState]) -> None:
        self.link = link
        self.state = KitState()

    async def touch(self, *commands: Command) -> None:
        for command in commands:
            await self.link.send(command)

    async def sees(self, expected: Callable[[KitState], Any]) -> KitState:
        async with asyncio.timeout(DEADLINE_S):
            while not expected(self.state):
                state = await self.link.receive()
                assert state is not None
                self.state = state
        return self.state


class Engine:
    """An engine: takes orders, tells events."""

    def __init__(self, link: Link[ng.Order]) -> None:
        self.link = link

    async def tells(self, *events: ng.Event) -> None:
        for event in events:
            await self.link.send(event)

    async def is_told(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(DEADLINE_S):
            async for order in self.link:
                if isinstance(order, kind):
                    return order
        raise AssertionError("the agent closed the connection")


class Bench:
    """The agent under test, and connections to it."""

    def __init__(self, config: KitConfig, root: Path = Path("/")) -> None:
        self.config = config
        self.agent = Agent(config, time.time, root)
        self._running: asyncio.Task[None] | None = None
        self._links: list[Link[Any]] = []

    async def start(self) -> None:
        self._running = asyncio.create_task(self.agent.run())
        async with asyncio.timeout(DEADLINE_S):
            while not agent_socket(self.config.run_dir).exists():
                assert not self._running.done(), self._running.exception()
                await asyncio.sleep(0.01)

    async def forgets_the_open_visit(self) -> None:
        """Wait until the next start would find no visit open."""
        async with asyncio.timeout(DEADLINE_S):
            while (self.config.run_dir / "visit-open").exists():  # noqa: ASYNC110 - a file has no event
                await asyncio.sleep(0.01)

    async def restart(self) -> None:
        """Die and come back with an empty memory."""
        await self.die()
        self.agent = await asyncio.to_thread(Agent, self.config, time.time)
        await self.start()

    async def die(self) -> None:
        """End the agent as SIGTERM does: of a visit nothing is tidied but a patient's network."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
        for link in self._links:
            await link.close()
        agent_socket(self.config.run_dir).unlink(missing_ok=True)

    async def _connect(self, peer: Peer, kind: Any) -> Link[Any]:
        """As screen and engine do: the socket is there a moment before it listens."""
        while True:
            try:
                return await connect(agent_socket(self.config.run_dir), peer, kind)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)

    async def screen(self) -> Screen:
        link: Link[KitState] = await self._connect(Peer.SCREEN, KitState)
        self._links.append(link)
        return Screen(link)

    async def engine(self) -> Engine:
        link: Link[ng.Order] = await self._connect(Peer.ENGINE, ng.Order)
        self._links.append(link)
        engine = Engine(link)
        await engine.tells(ng.EngineReady(OK, OK, OK, "libx264"))
        return engine


@pytest.fixture
def config(tmp_path: Path) -> KitConfig:
    """A kit whose broker is away."""
    (tmp_path / "run").mkdir()
    (tmp_path / "state").mkdir()
    nothing = tmp_path / "none.pem"
    return KitConfig(
        kit_id="kit-0007",
        run_dir=tmp_path / "run",
        state_dir=tmp_path / "state",
        broker=Broker(host="localhost", port=1, ca=nothing, certificate=nothing, key=nothing),
        meeting=Meeting(allowed_hosts=("meet.example",)),
    )


@pytest.fixture
async def bench(config: KitConfig) -> AsyncIterator[Bench]:
    bench = await asyncio.to_thread(Bench, config)
    await bench.start()
    yield bench
    await bench.die()
