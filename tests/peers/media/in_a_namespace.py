"""A call in a machine with two uplinks; collected only by name, from :mod:`tests.peers.media.test_links`."""

import asyncio
import ssl

from kit.ipc import engine as ng
from tests.peers.media.conftest import Node
from tests.peers.media.kit import Kit
from tests.peers.media.other import Other
from tests.peers.media.test_recovery import ROOM, in_call, moved, quiet_for


async def test_the_call_moves_once(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    async with Other(node.host, ROOM, tls, pin=None):
        me = await in_call(kit, node)
        unplugged = await asyncio.create_subprocess_exec("ip", "link", "set", "dev", "cable", "down")
        assert await unplugged.wait() == 0
        await moved(kit)
        await kit.order(ng.UplinkChanged())
        await quiet_for(kit, 4.0)
        assert [event.on for event in kit.events if isinstance(event, ng.PathChanging)] == [True, False]
        assert me in node.seats(ROOM)
