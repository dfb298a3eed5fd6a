"""A call over loopback of which one side does to the other whatever a test wants, beside honest sound."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import cast

import aioice.ice
import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from bench.calls import scene
from kit.media import rtp

CONNECT_S = 15.0
FLOW_FRAMES = 25


@dataclass
class HostileCall:
    """``victim`` hears the sound of ``enemy``, whose transport also sends what it is told."""

    victim: RTCPeerConnection
    enemy: RTCPeerConnection
    heard: int = 0
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def guarded(self) -> rtp.KitTransport:
        """The victim's transport."""
        return cast(rtp.KitTransport, self.victim.getSenders()[0].transport)

    @property
    def hand(self) -> rtp.KitTransport:
        """The enemy's transport."""
        return cast(rtp.KitTransport, self.enemy.getSenders()[0].transport)

    def receiver(self, kind: str) -> rtp.KitReceiver:
        """One of the victim's receivers."""
        receivers = (cast(rtp.KitReceiver, receiver) for receiver in self.victim.getReceivers())
        return next(receiver for receiver in receivers if receiver.kind == kind)

    def payload_type(self, kind: str, codec: str) -> int:
        """What both agreed on for a codec."""
        return next(t for t, c in self.receiver(kind)._codecs.items() if c.name.lower() == codec)

    async def send(self, datagrams: Iterable[bytes]) -> None:
        """Send as fast as this machine can, encrypted as the peer."""
        for data in datagrams:
            self.hand.send_media(data)
            # The loop reads one datagram in a round: without a round for each most would be lost on the way.
            await asyncio.sleep(0)

    async def spray(self, datagrams: Iterable[bytes]) -> None:
        """Send as anybody who knows the address, without keys."""
        pair = next(iter(self.hand.transport._connection._nominated.values()))
        with await asyncio.to_thread(socket.socket, socket.AF_INET, socket.SOCK_DGRAM) as anybody:
            for data in datagrams:
                await asyncio.to_thread(anybody.sendto, data, pair.remote_addr)

    async def until(self, true: Callable[[], bool], seconds: float = CONNECT_S) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)

    async def assert_well(self) -> None:
        """The connection stands, and half a second of sound comes through."""
        before = self.heard
        await self.until(lambda: self.heard >= before + FLOW_FRAMES)
        assert self.victim.connectionState == "connected"

    def listen(self, track: MediaStreamTrack) -> None:
        """Count what is heard."""

        async def run() -> None:
            with contextlib.suppress(MediaStreamError):
                while True:
                    await track.recv()
                    self.heard += track.kind == "audio"

        self.tasks.append(asyncio.create_task(run()))


@pytest.fixture
async def hostile_call(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HostileCall]:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    rtp.install()
    configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    call = HostileCall(RTCPeerConnection(configuration), RTCPeerConnection(configuration))
    call.victim.on("track", call.listen)
    for pc in (call.enemy, call.victim):
        pc.addTrack(scene.Microphone())
        pc.addTransceiver("video", direction="sendrecv")
    await call.enemy.setLocalDescription(await call.enemy.createOffer())
    await call.victim.setRemoteDescription(call.enemy.localDescription)
    await call.victim.setLocalDescription(await call.victim.createAnswer())
    await call.enemy.setRemoteDescription(call.victim.localDescription)
    await call.until(lambda: call.heard > FLOW_FRAMES)
    yield call
    await call.enemy.close()
    await call.victim.close()
    await asyncio.wait_for(asyncio.gather(*call.tasks), 5)


def resident_mb() -> float:
    """Memory of this process, both sides of the call in it."""
    gc.collect()
    return float(psutil.Process().memory_info().rss) / (1 << 20)
