"""A kit's reporter in a process of its own: reports numbers, and prints each once it is kept."""

import asyncio
import sys
from pathlib import Path

from msgspec.structs import replace

from fleet.contract import Health
from kit.config import load
from kit.health import Reporter, Seen
from kit.health.window import Resend
from kit.log import configure
from tests.peers.mqtt.timing import QUICK

EVERY_S = 0.02


async def main(config: Path, first: int) -> None:
    configure("kit")
    reporter = Reporter(load(config), Seen, timing=replace(QUICK, resend=Resend(first_s=0.5, most_s=1)))
    await reporter.open()
    running = asyncio.create_task(reporter.run())
    number = first
    while not running.done():
        await reporter.report(Health(load=number))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1
        await asyncio.sleep(EVERY_S)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
