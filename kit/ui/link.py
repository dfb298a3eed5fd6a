"""The screen's connection to the agent: snapshots in, commands out; connects again by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from kit.ipc.commands import Command
from kit.ipc.state import KitState
from kit.ipc.wire import FrameTooLong, Link, Peer, connect
from kit.ui import log

RETRY_S = 0.3
WAITING_COMMANDS = 32
"""Commands that wait to be sent; what is touched while there are more is dropped."""


class AgentLink:
    """Runs for as long as the screen. ``on_state`` gets each snapshot, and None when the agent is gone."""

    def __init__(self, path: Path, on_state: Callable[[KitState | None], None]) -> None:
        """``path`` is the agent's socket."""
        self._path = path
        self._on_state = on_state
        self._outgoing: asyncio.Queue[Command] = asyncio.Queue(WAITING_COMMANDS)
        self._connected = False

    def post(self, command: Command) -> None:
        """Send a command soon. Without an agent it is dropped: what was touched belongs to what was shown."""
        if not self._connected or self._outgoing.full():
            log.warning("command_dropped", connected=self._connected)
            return
        self._outgoing.put_nowait(command)

    async def run(self) -> None:
        """Keep the connection up until cancelled."""
        while True:
            try:
                link: Link[KitState] = await connect(self._path, Peer.SCREEN, KitState)
            except OSError:
                await asyncio.sleep(RETRY_S)
                continue
            await self._serve(link)
            self._on_state(None)
            await asyncio.sleep(RETRY_S)

    async def _serve(self, link: Link[KitState]) -> None:
        self._connected = True
        sender = asyncio.create_task(self._send(link))
        try:
            async for state in link:
                self._on_state(state)
        except FrameTooLong:
            log.warning("snapshot_too_long")
        finally:
            self._connected = False
            sender.cancel()
            self._outgoing = asyncio.Queue(WAITING_COMMANDS)
            await link.close()
            log.info("agent_gone", snapshots_refused=link.refused)

    async def _send(self, link: Link[KitState]) -> None:
        try:
            while True:
                await link.send(await self._outgoing.get())
        except ConnectionError:
            """The reading side notices too."""
