"""The agent's socket ends with the agent, whoever is still connected."""

from __future__ import annotations

import asyncio

from kit.config import KitConfig
from kit.ipc import engine as ng
from kit.ipc.state import KitState
from kit.ipc.wire import Peer, agent_socket, connect
from tests.kit.agent.conftest import DEADLINE_S, Bench


async def test_screen_and_engine_hear_that_the_agent_has_ended(bench: Bench, config: KitConfig) -> None:
    screen = await connect(agent_socket(config.run_dir), Peer.SCREEN, KitState)
    engine = await connect(agent_socket(config.run_dir), Peer.ENGINE, ng.Order)
    await screen.receive()
    await bench.die()
    async with asyncio.timeout(DEADLINE_S):
        while await screen.receive() is not None:
            pass
        while await engine.receive() is not None:
            pass
    for link in (screen, engine):
        await link.close()
