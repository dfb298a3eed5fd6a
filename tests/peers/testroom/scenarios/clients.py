"""The two clients under test, which tell their state in the same words."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Coroutine
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import av
import httpx
from playwright.async_api import Page

from kit.media.leg import MediaLeg
from kit.meeting.login import PLACE, Ticket
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import (
    CapabilitiesChanged,
    Caption,
    ExtensionNeeded,
    FloorChanged,
    LegLost,
    LoginNeeded,
    LoginShown,
    Message,
    Moderated,
    Over,
    PinNeeded,
    Refused,
    RoomEvent,
    RosterChanged,
    SeatGone,
    SeatLost,
    SlidesChanged,
    Transferred,
    WaitingChanged,
)
from kit.visit.model import Invitation

State = dict[str, Any]
TARGET = f"https://retur.region.test/n/{PLACE}"
NAME = "Hembesök"


class Client(Protocol):
    async def do(self, verb: str, **values: Any) -> None:
        """Do what the table says."""

    async def state(self) -> State:
        """What the client has seen so far."""

    async def close(self) -> None:
        """Leave."""


async def logged_in(url: str) -> str:
    """Somebody opens the page of the provider and presses its button; the token in the address back."""
    async with httpx.AsyncClient(verify=False) as phone:
        assert (await phone.get(url)).status_code == 200
        back = urlsplit((await phone.post(url)).headers["location"])
    return parse_qs(back.query).get("ssoToken", [back.path.rpartition("/")[2]])[0]


class Logins:
    """The region's backend, and somebody with a phone."""

    target = TARGET

    def __init__(self) -> None:
        self.shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.token: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def begin(self) -> Ticket:
        return self

    async def announce(self) -> None:
        return

    async def collect(self) -> str:
        return await self.token


class KitClient:
    """The kit's own room, with a real leg."""

    def __init__(self, host: str, room: str, tls: ssl.SSLContext) -> None:
        self._host, self._alias, self._tls = host, room, tls
        self._room: PexipRoom | None = None
        self._leg: MediaLeg | None = None
        self._logins = Logins()
        self._state: State = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._placed = asyncio.Event()

    async def do(self, verb: str, **values: Any) -> None:
        if verb == "join":
            await self._close_room()
            self._state = fresh()
            self._start(self._join(**values))
            return
        if verb == "log_in":
            self._logins.token.set_result(await logged_in(await self._logins.shown))
            return
        assert self._room is not None
        match verb:
            case "say":
                assert await self._room.say(values["text"])
            case "raise_hand":
                await self._room.raise_hand(on=values["on"])
            case "captions":
                await self._room.captions(on=values["on"])
            case "present":
                await self._taking_floor()
            case "switch":
                await self._room.tell(**values)
            case "leave":
                await self._close_room()

    async def state(self) -> State:
        return self._state

    async def close(self) -> None:
        await self._close_room()

    def picture(self, picture: av.VideoFrame) -> None:
        """Not looked at here."""

    def slide(self, picture: av.VideoFrame) -> None:
        """Not looked at here."""

    async def _taking_floor(self) -> None:
        assert self._room is not None
        # The room gives no floor to one who has no media yet.
        await self._placed.wait()
        self._state["denied"] = not await self._room.present(on=True)

    async def _join(
        self, pin: str | None = None, extension: str | None = None, way: str | None = None
    ) -> None:
        invitation = Invitation(
            host=self._host,
            alias=self._alias,
            pin="" if pin == "none" else pin,
            extension=extension,
            login=way,
        )
        self._room = PexipRoom(invitation, NAME, self._tls, self._heard, logins=self._logins)
        await self._enter()

    async def _enter(self) -> None:
        assert self._room is not None
        try:
            waiting = await self._room.join()
        except PinNeeded as asked:
            self._state |= {"phase": "asked", "asks": "wrong pin" if asked.wrong else "pin"}
        except ExtensionNeeded as asked:
            self._state |= {"phase": "asked", "asks": "wrong extension" if asked.wrong else "extension"}
        except LoginNeeded as asked:
            ways = sorted(way.name for way in asked.ways)
            self._state |= {"phase": "asked", "asks": "login", "ways": ways}
        except Refused as refused:
            self._state |= {"phase": "refused", "code": refused.support_code}
        else:
            self._state |= {"phase": "in", "waiting": waiting}
            self._state["seats"] += 1
            await self._place()
            await self._room.tell(muted=False, camera_off=False)

    async def _place(self) -> None:
        """By a new leg in the place of the last."""
        assert self._room is not None
        old, self._leg = self._leg, MediaLeg(self._room.servers, self, 400_000)
        if old is not None:
            await self._room.remove(old)
            await old.close()
        await self._room.place(self._leg)
        self._placed.set()

    def _heard(self, event: RoomEvent) -> None:
        match event:
            case RosterChanged(participants):
                mine = next((p for p in participants if p.me), None)
                others = [p for p in participants if not p.me]
                self._state |= {
                    "people": sorted(p.name for p in others),
                    "pictured": sorted(p.name for p in others if p.pictured),
                    "speaking": sorted(p.name for p in others if p.speaking),
                    "host": mine is not None and mine.role == "host",
                    "hand": mine is not None and mine.hand_raised,
                }
            case Over(_, code):
                self._state |= {"phase": "ended", "code": code}
            case SeatGone() | Transferred():
                if self._state["phase"] != "ended":
                    self._start(self._enter())
            case LegLost():
                self._start(self._place())
            case LoginShown(url):
                if url is not None:
                    self._logins.shown.set_result(url)
            case _:
                self._state |= _noted(event)
        if self._room is not None:
            self._state["room"] = self._room._alias

    async def _close_room(self) -> None:
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        room, self._room = self._room, None
        leg, self._leg = self._leg, None
        if leg is not None:
            await leg.close()
        if room is not None:
            await room.leave()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        async def guarded() -> None:
            with contextlib.suppress(SeatLost):
                await work

        task = asyncio.create_task(guarded())
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        # A task that is cancelled before its first step never comes to what it was given.
        task.add_done_callback(lambda _: work.close())


def fresh() -> State:
    """Of a client that has seen nothing."""
    return {
        "phase": "out",
        "asks": "",
        "code": "",
        "waiting": False,
        "people": [],
        "speaking": [],
        "pictured": [],
        "host": False,
        "hand": False,
        "moderated": False,
        "slides": False,
        "floor": False,
        "denied": False,
        "chat": "",
        "caption": "",
        "can_caption": False,
        "can_chat": False,
        "can_present": False,
        "ways": [],
        "room": "",
        "seats": 0,
    }


def _noted(event: RoomEvent) -> State:
    match event:
        case WaitingChanged(waiting):
            return {"waiting": waiting}
        case Message(_, text):
            return {"chat": text}
        case SlidesChanged(on):
            return {"slides": on}
        case FloorChanged(mine):
            return {"floor": mine}
        case Moderated(muted):
            return {"moderated": muted}
        case Caption(text, _):
            return {"caption": text}
        case CapabilitiesChanged(capabilities):
            return {
                "can_caption": capabilities.captions,
                "can_chat": capabilities.chat,
                "can_present": capabilities.present,
            }
        case _:
            return {}


class SdkClient:
    """Pexip's own library in Chromium, by the page of ``sdk.js``."""

    def __init__(self, page: Page, room: str) -> None:
        self._page, self._alias = page, room

    async def do(self, verb: str, **values: Any) -> None:
        if verb == "join":
            await self._page.evaluate("v => void sdk.join(v)", {"alias": self._alias, **values})
        elif verb == "log_in":
            url = await self._page.evaluate("sdk.redirect")
            await self._page.evaluate("token => void sdk.loggedIn(token)", await logged_in(url))
        else:
            await self._page.evaluate("([verb, v]) => sdk.do(verb, v)", [verb, values])

    async def state(self) -> State:
        state: State = await self._page.evaluate("sdk.state")
        return state

    async def close(self) -> None:
        await self._page.evaluate("sdk.leave()")
