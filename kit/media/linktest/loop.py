"""Where the region's server is away: the kit's own media over the region's relay and back to the kit.

Both ends use the relay only, so each packet crosses the kit's link upwards and downwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from msgspec.structs import replace

from kit.media.ice import configuration, in_order, trust_relay
from kit.media.leg import CLOSE_S, MediaLeg
from kit.media.linktest.trial import MOST_BPS
from kit.media.rtp import KitReceiver
from kit.meeting.room import IceServers

CONNECT_S = 5.0


class Mirror:
    """The leg's other end: takes what comes, and reports it."""

    def __init__(self, servers: IceServers, tls: ssl.SSLContext | None) -> None:
        self._pc = RTCPeerConnection(configuration(servers))
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._pc.on("track", self._consume)

    async def answer(self, offer: str) -> str:
        """Answer the leg's offer."""
        await self._pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for line in self._pc.getTransceivers():
            receiver = line.receiver
            assert isinstance(receiver, KitReceiver)
            trust_relay(receiver.transport.transport, self._tls)
        await self._pc.setLocalDescription(await self._pc.createAnswer())
        return str(self._pc.localDescription.sdp)

    async def close(self) -> None:
        """End it. Never raises."""
        for task in self._tasks:
            task.cancel()
        closing = asyncio.ensure_future(asyncio.gather(self._pc.close(), return_exceptions=True))
        await asyncio.wait({closing}, timeout=CLOSE_S)

    def _consume(self, track: MediaStreamTrack) -> None:
        task = asyncio.create_task(_drop(track))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextlib.asynccontextmanager
async def looped(relays: IceServers, tls: ssl.SSLContext | None) -> AsyncIterator[MediaLeg | None]:
    """Give a leg that is connected with the kit itself over the first relay that works; None: none does."""
    async with contextlib.AsyncExitStack() as ended:
        for servers in in_order(relays) if relays.turn else ():
            leg, mirror = _ends(replace(servers, relay_only=True), tls)
            ended.push_async_callback(leg.close)
            ended.push_async_callback(mirror.close)
            if await _connect(leg, mirror):
                yield leg
                return
        yield None


def _ends(servers: IceServers, tls: ssl.SSLContext | None) -> tuple[MediaLeg, Mirror]:
    return MediaLeg(servers, Nobody(), MOST_BPS, tls), Mirror(servers, tls)


async def _connect(leg: MediaLeg, mirror: Mirror) -> bool:
    try:
        async with asyncio.timeout(CONNECT_S):
            await leg.answer(await mirror.answer(await leg.offer()), None)
            return await leg.connected(CONNECT_S)
    except (TimeoutError, ValueError, ConnectionError):
        return False


async def _drop(track: MediaStreamTrack) -> None:
    with contextlib.suppress(MediaStreamError):
        while True:
            await track.recv()


class Nobody:
    """Looks at what comes back. Implements :class:`kit.media.leg.Sink`."""

    def picture(self, picture: object) -> None:
        """See it go."""

    def slide(self, picture: object) -> None:
        """See it go."""
