"""One link test through the relay of the calls, into a room's echo and back."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import sys
from collections.abc import AsyncIterator
from typing import NamedTuple

import aioice.ice

from bench.calls.conditions import Condition
from bench.calls.network import Network
from bench.calls.relay import Account, Order
from kit.ipc.linktest import TrialEnd
from kit.ipc.network import LinkFigures
from kit.media.leg import MediaLeg
from kit.media.linktest.loop import Nobody
from kit.media.linktest.tester import try_room
from kit.media.linktest.trial import MOST_BPS
from kit.meeting.room import IceServers, RoomEvent
from kit.meeting.rooms import make_room
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.certificates import Certificates

ECHO = "eko"
_START_S = 30.0


class Tried(NamedTuple):
    """How a test ended, and what it cost."""

    end: TrialEnd
    figures: LinkFigures | None
    seconds: float
    account: Account

    @property
    def megabytes(self) -> float:
        """UDP payload of both ways, from the first check of the path to the end."""
        return (sum(self.account.up) + sum(self.account.down)) / 1e6


class LedLeg(MediaLeg):
    """A leg whose media goes through the relay: it is put in the place of the other side in each SDP."""

    def __init__(self, network: Network) -> None:
        super().__init__(IceServers(), Nobody(), MOST_BPS)
        self._network = network
        self._offered = ""

    async def offer(self) -> str:
        """See :class:`kit.media.leg.MediaLeg`."""
        self._offered = await super().offer()
        return self._network.for_far(0, self._offered)

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        """See :class:`kit.media.leg.MediaLeg`."""
        await self._network.meet(0, self._offered, sdp)
        await self._network.start()
        await super().answer(self._network.for_near(0, sdp), max_video_bps)


def only_loopback() -> None:
    """Offer 127.0.0.1 alone, where the relay is: from elsewhere nothing reaches it. For the whole process."""
    vars(aioice.ice)["get_host_addresses"] = lambda use_ipv4, use_ipv6: ["127.0.0.1"]  # noqa: ARG005


@contextlib.asynccontextmanager
async def room(certificates: Certificates) -> AsyncIterator[str]:
    """Start the room; its host as an invitation names it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.linktests.room"),
        *(str(certificates.certificate), str(certificates.key)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        port = int(await asyncio.wait_for(process.stdout.readline(), _START_S))
        yield f"localhost:{port}"
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


async def try_link(condition: Condition, seed: int, host: str, tls: ssl.SSLContext) -> Tried:
    """Run one test."""
    network = Network(Order(condition, seed))
    await network.open()
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        invitation = Invitation(host=host, alias=ECHO, pin="")
        there = make_room(invitation, "Hembesök", tls, _ignore, IceServers())
        end, figures = await try_room(there, _untold, lambda _: LedLeg(network))
        seconds = loop.time() - began
    finally:
        account = await network.close()
    return Tried(end, figures, seconds, account)


def _ignore(_event: RoomEvent) -> None:
    """Nobody else is there."""


def _untold(_progress: float) -> None:
    """Nobody waits."""
