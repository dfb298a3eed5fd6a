"""`python -m bench.handovers.far ADDRESS NAME CA CERTIFICATE KEY [voice]`: the test room, and a tone in it.

Runs in the world beyond the kit's uplinks; says ``ready`` when it is heard, and stays until it is ended.
``voice``: for a slow machine; who sings has no client of its own, and the room's picture is small.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from kit.meeting.pexip.api import trust
from kit.meeting.testroom import PictureConfig, TestRoomServer, Tls, default_config
from kit.meeting.testroom.media.mixer import STEP
from kit.meeting.testroom.rooms.participant import Role
from tests.peers.media.other import Other

ROOM = "oppet"
_SMALL = PictureConfig(width=320, height=180, fps=5, max_bitrate=100_000)
_PERIODS = 9
"""Of the tone in 20 ms: whole ones, so that it has no seams when they are said again and again."""


async def main(address: str, name: str, ca: Path, certificate: Path, key: Path, *, voice: bool) -> None:
    """Serve until cancelled."""
    config = replace(default_config(), picture=_SMALL) if voice else default_config()
    server = TestRoomServer(config, tls=Tls((address, 443), certificate, key))
    await server.start()
    if voice:
        _sing(server)
        await _stay()
    async with Other(name, ROOM, trust(ca), pin=None):
        await _stay()


def _sing(server: TestRoomServer) -> None:
    """Let somebody in the room say the same 20 ms in each step, as loud as :class:`Other`."""
    conference = server.rooms.meeting_for(server.rooms.rooms[ROOM])
    singer, notices = conference.meeting.join("Sjuksköterska Norr", Role.CHAIR, time.time())
    conference.publish([*notices, *conference.meeting.change(singer.uuid, has_media=True)])
    wave = 8000 / 32768 * np.sin(2 * np.pi * _PERIODS * np.arange(STEP) / STEP)
    conference.bridge.leg(singer.uuid).sound = wave.astype(np.float32)


async def _stay() -> None:
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    where, called, *files = sys.argv[1:6]
    asyncio.run(main(where, called, *[Path(file) for file in files], voice="voice" in sys.argv[6:]))
