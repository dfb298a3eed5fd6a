"""The real agent in a namespace, with the test at the screen's end of its socket."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit.ipc.network import Uplink, UplinkState
from kit.ipc.state import KitState, Network
from kit.ipc.wire import Link, Peer, agent_socket, connect
from kit.network.networkmanager import CARRYING
from tests.peers.network.namespace import LIMIT_S, Namespace, python, until

REGION = "203.0.113.1"
"""An address of the world's own, which every router there leads to."""
_CONFIG = """
kit_id = "kit-0007"
run_dir = "run"
state_dir = "state"

[broker]
host = "{region}"
port = 8883
ca = "none"
certificate = "none"
key = "none"

[meeting]
allowed_hosts = ["{host}"]
{more}
"""
ENGINE = """
ca = "{ca}"
[camera]
source = "generated"
width = 640
height = 360
[sound]
playback = "pulse"
capture = "pulse"
"""
"""More of the configuration, for an engine in a call: whom it trusts, and devices without hardware."""
_LISTEN = """
import socket, sys
server = socket.create_server((sys.argv[1], 443))
while True:
    server.accept()[0].close()
"""


def region(namespace: Namespace) -> None:
    """Give the world the region's address."""
    namespace.run(f"ip address add {REGION}/32 dev lo", world=True)


def listens(namespace: Namespace) -> None:
    """Let something take connections where the region's meeting server would be."""
    namespace.start(*python("-c", _LISTEN, REGION), world=True)


class Inside:
    """``async with Inside(...)`` runs the agent; ``state`` is the newest snapshot."""

    def __init__(
        self,
        namespace: Namespace,
        folder: Path,
        host: str = REGION,
        more: str = "",
        environment: dict[str, str] | None = None,
    ) -> None:
        self.config = folder / "kit.toml"
        self.run_dir = folder / "run"
        self.run_dir.mkdir()
        self.config.write_text(_CONFIG.format(region=REGION, host=host, more=more), encoding="utf-8")
        self.state = KitState()
        self.screen: Link[KitState] | None = None
        self._namespace = namespace
        self._environment = environment
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._agent: subprocess.Popen[str] | None = None

    async def __aenter__(self) -> Inside:
        self._agent = self.start("kit.agent")
        self.screen = await self.connect(Peer.SCREEN, KitState)
        self._reading = asyncio.create_task(self._read(self.screen))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
        if self.screen is not None:
            await self.screen.close()

    def start(self, program: str) -> subprocess.Popen[str]:
        """Start one of the kit's processes with its configuration."""
        words = python("-m", program, "--config", str(self.config))
        return self._namespace.start(*words, environment=self._environment)

    async def connect(self, peer: Peer, kind: Any) -> Link[Any]:
        """Connect as screen or engine."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            try:
                return await connect(agent_socket(self.run_dir), peer, kind)
            except OSError:
                assert self._agent is not None
                assert self._agent.poll() is None, "the agent has ended"
                assert time.monotonic() < deadline, "the agent does not listen"
                await asyncio.sleep(0.05)

    async def sees(self, condition: Callable[[KitState], object], limit_s: float = LIMIT_S) -> float:
        """Wait until a snapshot is so; seconds that it took."""
        began = time.monotonic()
        async with asyncio.timeout(limit_s):
            while not condition(self.state):
                self._changed.clear()
                await self._changed.wait()
        return time.monotonic() - began

    async def carried_by(self, uplink: Uplink) -> float:
        """Wait until an uplink carries the kit; seconds that it took."""
        return await self.sees(lambda state: state.devices.network.uplink is uplink)

    async def settled(self) -> None:
        """Wait until mobile broadband stands by, and the cable was made to carry before it."""
        standing = (Uplink.MOBILE, UplinkState.READY)
        await self.sees(lambda _: standing in [(view.uplink, view.state) for view in self.network.uplinks])
        until(lambda: f"metric {CARRYING[Uplink.CABLE]}" in self._namespace.run("ip route"))
        await self.carried_by(Uplink.CABLE)

    @property
    def network(self) -> Network:
        """What the screen was told last."""
        return self.state.devices.network

    async def _read(self, screen: Link[KitState]) -> None:
        async for state in screen:
            self.state = state
            self._changed.set()
