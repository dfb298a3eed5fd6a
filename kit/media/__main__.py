"""``python -m kit.media --config kit.toml``: the engine process. Ends cleanly on SIGTERM and SIGINT."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from kit.config import ConfigInvalid, load
from kit.log import configure, log, loop_error
from kit.media.engine import Engine
from kit.media.leftovers import configure_heap

CONFIG_ERROR = 2


def main(arguments: list[str]) -> int:
    """Run until told to end; 2 when the configuration does not fit."""
    parser = argparse.ArgumentParser(
        prog="python -m kit.media", description="camera, sound and call of a kit"
    )
    parser.add_argument("--config", type=Path, required=True, help="the kit's TOML file")
    parser.add_argument(
        "--measure", type=Path, metavar="FILE", help="append figures of each call, as JSON lines"
    )
    given = parser.parse_args(arguments)
    configure_heap()
    configure("engine")
    try:
        config = load(given.config)
    except ConfigInvalid as invalid:
        log.error("config_invalid", what=str(invalid))
        return CONFIG_ERROR
    asyncio.run(_run(Engine(config, given.measure)))
    return 0


async def _run(engine: Engine) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(loop_error)
    running = asyncio.ensure_future(engine.run())
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
