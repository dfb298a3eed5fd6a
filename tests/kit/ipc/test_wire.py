"""The socket between the three processes: typed, bounded, and not ended by a bad message."""

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from kit.ipc import commands, engine, state
from kit.ipc.wire import MAX_FRAME, FrameTooLong, Hello, Link, Peer, accept, agent_socket, connect
from kit.visit.events import AnswerCheck
from kit.visit.model import Check


class Agent:
    def __init__(self) -> None:
        self.links: asyncio.Queue[tuple[Hello | None, Link[commands.Command]]] = asyncio.Queue()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await accept(reader, writer)
        await self.links.put((hello, Link(reader, writer, commands.Command)))


@pytest.fixture
async def agent(tmp_path: Path) -> AsyncIterator[Agent]:
    agent = Agent()
    server = await asyncio.start_unix_server(agent.connected, agent_socket(tmp_path))
    yield agent
    server.close()


async def test_the_agent_knows_who_connects_and_what_was_touched(agent: Agent, tmp_path: Path) -> None:
    screen = await connect(agent_socket(tmp_path), Peer.SCREEN, state.KitState)
    hello, link = await agent.links.get()
    assert hello is not None
    assert hello.peer is Peer.SCREEN
    await screen.send(AnswerCheck(Check.CAMERA, passed=True))
    assert await link.receive() == AnswerCheck(Check.CAMERA, passed=True)
    await link.send(state.KitState(unit_name="Enhet 07"))
    assert await screen.receive() == state.KitState(unit_name="Enhet 07")
    await screen.close()
    assert await link.receive() is None


async def test_a_message_that_does_not_fit_is_counted_and_the_next_one_is_read(
    agent: Agent, tmp_path: Path
) -> None:
    screen = await connect(agent_socket(tmp_path), Peer.SCREEN, state.KitState)
    _, link = await agent.links.get()
    await screen.send(engine.ChatReceived("x" * 10, "not a command"))
    await screen.send(commands.SendChat("x" * 2001))
    await screen.send(commands.JoinEcho())
    assert await link.receive() == commands.JoinEcho()
    assert link.refused == 2


async def test_an_endless_frame_ends_the_connection(agent: Agent, tmp_path: Path) -> None:
    _, writer = await asyncio.open_unix_connection(agent_socket(tmp_path))
    hello = msgspec.msgpack.encode(Hello(Peer.SCREEN, 1))
    writer.write(struct.pack(">I", len(hello)) + hello + struct.pack(">I", MAX_FRAME + 1))
    _, link = await agent.links.get()
    with pytest.raises(FrameTooLong):
        await link.receive()
    writer.close()


async def test_a_stranger_without_hello_is_not_accepted(agent: Agent, tmp_path: Path) -> None:
    _, writer = await asyncio.open_unix_connection(agent_socket(tmp_path))
    writer.write(struct.pack(">I", MAX_FRAME + 1))
    hello, _ = await agent.links.get()
    assert hello is None
    writer.close()
