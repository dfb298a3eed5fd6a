"""The agent's end of the wire: a real socket that sends snapshots and keeps the commands that come."""

import asyncio
from pathlib import Path

from kit.ipc.commands import Command
from kit.ipc.state import KitState
from kit.ipc.wire import Link, Peer, accept, agent_socket


class Agent:
    """Listens where the agent does. ``show`` sends a snapshot to every screen, now and on connecting."""

    def __init__(self, run_dir: Path, state: KitState) -> None:
        self._path = agent_socket(run_dir)
        self._state = state
        self._links: list[Link[Command]] = []
        self._server: asyncio.Server | None = None
        self.commands: asyncio.Queue[Command] = asyncio.Queue()
        self.connections = 0

    async def start(self) -> None:
        """Begin to listen."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        """Be gone, as after a crash."""
        if self._server is not None:
            self._server.close()
        for link in self._links:
            await link.close()
        self._links.clear()
        self._path.unlink(missing_ok=True)

    async def show(self, state: KitState) -> None:
        """Send a snapshot."""
        self._state = state
        for link in self._links:
            await link.send(state)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await accept(reader, writer)
        if hello is None or hello.peer is not Peer.SCREEN:
            writer.close()
            return
        link: Link[Command] = Link(reader, writer, Command)
        self._links.append(link)
        self.connections += 1
        await link.send(self._state)
        async for command in link:
            self.commands.put_nowait(command)
        if link in self._links:
            self._links.remove(link)
