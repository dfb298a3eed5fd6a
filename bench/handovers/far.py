"""`python -m bench.handovers.far ADDRESS NAME CA CERTIFICATE KEY`: the test room, and a tone in it.

Runs in the world beyond the kit's uplinks; says ``ready`` when it is heard, and stays until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from kit.meeting.pexip.api import trust
from kit.meeting.testroom import TestRoomServer, Tls
from tests.peers.media.other import Other

ROOM = "oppet"


async def main(address: str, name: str, ca: Path, certificate: Path, key: Path) -> None:
    """Serve until cancelled."""
    server = TestRoomServer(tls=Tls((address, 443), certificate, key))
    await server.start()
    async with Other(name, ROOM, trust(ca), pin=None):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    where, called, *files = sys.argv[1:6]
    asyncio.run(main(where, called, *[Path(file) for file in files]))
