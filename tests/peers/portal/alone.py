"""``python -m tests.peers.portal.alone FILE``: a portal's session in a process that can be killed."""

import asyncio
import json
import sys
from pathlib import Path

from kit.portal.session import Session
from tests.peers.portal.desk import PLACE, around, portal
from tests.peers.portal.server import World


async def main() -> None:
    """Open the portal and stay."""
    told = json.loads(await asyncio.to_thread(Path(sys.argv[1]).read_text))
    world = World(ca=Path(told["ca"]), port=told["port"], untrusted_port=9)
    session = Session(portal("/"), around(world, told["screen"]), lambda _: None)
    session.place(PLACE)
    await session.run()


asyncio.run(main())
