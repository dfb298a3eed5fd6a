"""``python -m kit.agent --config kit.toml``: run the agent until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from kit.agent.agent import Agent
from kit.config import ConfigInvalid, load
from kit.log import configure, log, loop_error
from kit.network.wifi.radio import of_machine


async def serve(agent: Agent) -> None:
    """Run until SIGTERM or SIGINT; then say goodbye to the fleet and go."""
    running = asyncio.current_task()
    assert running is not None
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(loop_error)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    await agent.run()


def main(config: Annotated[Path, typer.Option(help="The kit's configuration (TOML).")]) -> None:
    """The process that owns the visit."""
    configure("agent")
    try:
        loaded = load(config)
        loaded.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        loaded.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        asyncio.run(serve(Agent(loaded, time.time, patient_wifi=of_machine(loaded.wifi_probe))))
    except ConfigInvalid as invalid:
        log.error("configuration_invalid", detail=str(invalid))
        sys.exit(2)
    except asyncio.CancelledError:
        pass


if __name__ == "__main__":
    typer.run(main)
