"""Link tests, one at a time: into a room and back, or over the relays where the region is away."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable

from kit.ipc.engine import Event
from kit.ipc.linktest import LinkTried, LinkTrying, TrialEnd, TryLink
from kit.ipc.network import LinkFigures
from kit.log import failed
from kit.media.ice import in_order
from kit.media.leg import MediaLeg
from kit.media.linktest.loop import Nobody, looped
from kit.media.linktest.trial import MOST_BPS, Trial
from kit.meeting.room import (
    ExtensionNeeded,
    IceServers,
    LoginNeeded,
    PinNeeded,
    Refused,
    Room,
    RoomEvent,
    SeatLost,
)
from kit.meeting.rooms import make_room
from kit.network.interface import Way, through
from kit.visit.model import Refusal

JOIN_S = 8.0
CONNECT_S, ATTEMPT_S = 6.0, 3.0
LEAVE_S = 1.0
_AWAY = frozenset({Refusal.ROOM_UNREACHABLE, Refusal.ROOM_CERTIFICATE, Refusal.ROOM_MAINTENANCE})

MakeLeg = Callable[[IceServers], MediaLeg]
Tried = tuple[TrialEnd, LinkFigures | None]


class Tester:
    """What the engine has for link tests; the order of one gives at most one answer."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        """``tell`` sends events to the agent."""
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self, order: TryLink, tls: ssl.SSLContext | None, relays: IceServers, *, in_call: bool) -> None:
        """Begin, or say that it cannot be now."""
        if in_call or self._task is not None:
            self._tell(LinkTried(TrialEnd.BUSY))
            return
        self._task = asyncio.create_task(self._run(order, tls, relays))

    async def stop(self) -> None:
        """End the test that runs; returns when nothing of it is left, at most after :data:`LEAVE_S` or so."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self, order: TryLink, tls: ssl.SSLContext | None, relays: IceServers) -> None:
        tried = LinkTried(TrialEnd.STOPPED)
        try:
            with through(Way(interface=order.interface, name_servers=order.name_servers)):
                tried = await self._tried(order, tls, relays)
        except Exception as error:
            failed("link_test_failed", error)
        finally:
            self._task = None
            self._tell(tried)

    async def _tried(self, order: TryLink, tls: ssl.SSLContext | None, relays: IceServers) -> LinkTried:
        end, figures = await self._rooms(order, tls, relays)
        if end is TrialEnd.UNREACHABLE:
            async with looped(relays, tls) as leg:
                figures = None if leg is None else await Trial(leg, self._told, looped=True).run()
        return LinkTried(end, figures)

    async def _rooms(self, order: TryLink, tls: ssl.SSLContext | None, relays: IceServers) -> Tried:
        tried: Tried = (TrialEnd.UNREACHABLE, None)
        if tls is None:
            return tried
        for invitation in order.rooms:
            room = make_room(
                invitation, order.display_name, tls, _ignore, relays, allowed=order.allowed_hosts
            )
            tried = await try_room(room, self._told, lambda servers: _leg(servers, tls))
            if tried[0] is not TrialEnd.NO_ROOM:
                break
        return tried

    def _told(self, progress: float) -> None:
        self._tell(LinkTrying(min(progress, 1.0)))


async def try_room(room: Room, told: Callable[[float], None], make_leg: MakeLeg) -> Tried:
    """Send media into a room and back; the room is left in every case."""
    try:
        async with asyncio.timeout(JOIN_S):
            await room.join()
        async with _connected(room, make_leg) as leg:
            figures = None if leg is None else await Trial(leg, told).run()
    except TimeoutError:
        return TrialEnd.UNREACHABLE, None
    except Refused as refused:
        return TrialEnd.UNREACHABLE if refused.reason in _AWAY else TrialEnd.NO_ROOM, None
    except (PinNeeded, ExtensionNeeded, LoginNeeded, SeatLost):
        return TrialEnd.NO_ROOM, None
    finally:
        await _leave(room)
    return TrialEnd.SILENT if figures is None else TrialEnd.MEASURED, figures


@contextlib.asynccontextmanager
async def _connected(room: Room, make_leg: MakeLeg) -> AsyncIterator[MediaLeg | None]:
    """Give the first leg that connects, by the room's relays in their order; None when none does."""
    ways = in_order(room.servers)
    for number, servers in enumerate(ways, 1):
        leg = make_leg(servers)
        try:
            if await _place(room, leg, CONNECT_S if number == len(ways) else ATTEMPT_S):
                yield leg
                return
        finally:
            await leg.close()
    yield None


async def _place(room: Room, leg: MediaLeg, limit_s: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_s):
            await room.place(leg)
            return await leg.connected(limit_s)
    return False


async def _leave(room: Room) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            await room.leave()


def _leg(servers: IceServers, tls: ssl.SSLContext | None) -> MediaLeg:
    return MediaLeg(servers, Nobody(), MOST_BPS, tls)


def _ignore(_event: RoomEvent) -> None:
    """Nobody is in the room to be told of."""
