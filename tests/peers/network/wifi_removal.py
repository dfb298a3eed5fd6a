"""Look for what a network has left, and remove it, on the machine where this runs; cables for radios.

``python -m tests.peers.network.wifi_removal left|remove|profiles`` prints the answer as JSON.
"""

import asyncio
import json
import sys

from kit.network.wifi.removal import Kind, Removal

CABLES = Kind(
    profile="802-3-ethernet", files=frozenset({"ethernet", "802-3-ethernet"}), devices=frozenset({20})
)


async def answer(asked: str) -> object:
    removal = Removal(kind=CABLES)
    if asked == "profiles":
        return await removal.profiles()
    return sorted(await (removal.left() if asked == "left" else removal.remove()))


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(answer(sys.argv[1]))))
