"""The connection to the agent, over a real socket."""

import asyncio
import struct
from pathlib import Path

from kit.ipc.commands import Open
from kit.ipc.state import KitState, Page
from kit.ipc.wire import Hello, Link, Peer, agent_socket
from kit.ui.link import WAITING_COMMANDS, AgentLink
from kit.ui.root import Root
from tests.kit.ui.agent import Agent
from tests.kit.ui.driver import Driver
from tests.kit.ui.states import HOME


class Screen:
    """A link that keeps the snapshots it gets."""

    def __init__(self, run_dir: Path) -> None:
        self.states: asyncio.Queue[KitState | None] = asyncio.Queue()
        self.link = AgentLink(agent_socket(run_dir), self.states.put_nowait)
        self.task = asyncio.create_task(self.link.run())

    async def next(self) -> KitState | None:
        async with asyncio.timeout(5):
            return await self.states.get()

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_snapshots_come_and_commands_go(tmp_path: Path) -> None:
    agent = Agent(tmp_path, HOME)
    await agent.start()
    screen = Screen(tmp_path)
    assert await screen.next() == HOME
    await agent.show(KitState(unit_name="Enhet 08"))
    shown = await screen.next()
    assert shown is not None
    assert shown.unit_name == "Enhet 08"
    screen.link.post(Open(Page.HELP))
    async with asyncio.timeout(5):
        assert await agent.commands.get() == Open(Page.HELP)
    await screen.close()
    await agent.stop()


async def test_an_agent_that_comes_later_or_again_is_found(tmp_path: Path) -> None:
    screen = Screen(tmp_path)
    screen.link.post(Open(Page.HELP))
    for _ in range(2):
        agent = Agent(tmp_path, HOME)
        await agent.start()
        assert await screen.next() == HOME
        await agent.stop()
        assert await screen.next() is None
        assert agent.commands.empty()
    await screen.close()


async def test_what_does_not_fit_is_refused_and_the_next_snapshot_is_shown(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await Link[Hello](reader, writer, Hello).receive()) is not None
        writer.write(struct.pack(">I", 3) + b"\xc1\xc1\xc1")
        await Link[Hello](reader, writer, Hello).send(HOME)
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(serve, agent_socket(tmp_path))
    screen = Screen(tmp_path)
    assert await screen.next() == HOME
    await screen.close()
    server.close()


async def test_a_frame_without_end_ends_the_connection_and_the_screen_comes_again(tmp_path: Path) -> None:
    hellos: asyncio.Queue[Hello | None] = asyncio.Queue()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hellos.put_nowait(await Link[Hello](reader, writer, Hello).receive())
        writer.write(b"\xff\xff\xff\xff")
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(serve, agent_socket(tmp_path))
    screen = Screen(tmp_path)
    async with asyncio.timeout(5):
        first, second = await hellos.get(), await hellos.get()
    assert first == second
    assert first is not None
    assert first.peer is Peer.SCREEN
    await screen.close()
    server.close()


async def test_commands_that_nobody_takes_are_dropped_not_heaped(tmp_path: Path) -> None:
    agent = Agent(tmp_path, HOME)
    await agent.start()
    screen = Screen(tmp_path)
    await screen.next()
    for _ in range(WAITING_COMMANDS * 3):
        screen.link.post(Open(Page.HELP))
    await asyncio.sleep(0.1)
    assert agent.commands.qsize() == WAITING_COMMANDS
    await screen.close()
    await agent.stop()


async def test_a_touch_reaches_the_agent(hands: Driver, tmp_path: Path) -> None:
    agent = Agent(tmp_path, HOME)
    await agent.start()
    screen = Screen(tmp_path)
    state = await screen.next()
    root: Root = hands.root
    root._post = screen.link.post
    hands.show(state)
    for target, command in (("home.join", Open(Page.MEETING)), ("home.network", Open(Page.NETWORK))):
        hands.tap(target)
        async with asyncio.timeout(5):
            assert await agent.commands.get() == command
    await screen.close()
    await agent.stop()
