"""The handle that receives: brings what is subscribed to what is wanted, one step after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from kit.meeting.janus.leg import ForwardingLeg
from kit.meeting.janus.lines import Key, Step, Wanted, carried, layers, resting, step
from kit.meeting.janus.messages import Incoming, StreamOf, Told, Unreadable, told
from kit.meeting.janus.reasons import NO_FEED
from kit.meeting.janus.session import Session
from kit.meeting.room import PinNeeded, Refused, SeatLost

RETRY_S = 0.5
_MAX_OFFERS = 20


class Subscriber:
    """One for each leg. :meth:`run` until cancelled."""

    def __init__(
        self,
        session: Session,
        handle: int,
        join: dict[str, Any],
        leg: ForwardingLeg,
        shown: Callable[[Wanted], None],
        lost: Callable[[], None],
    ) -> None:
        """``join`` names the room and what opens it; ``shown`` is told when the leg shows what was wanted.

        ``lost``: the leg cannot go on.
        """
        self._session, self._join, self._leg = session, join, leg
        self._shown, self._lost = shown, lost
        self.handle = handle
        self.settled = asyncio.Event()
        """All that is wanted is subscribed."""
        self._attached = False
        self._want = Wanted()
        self._streams: list[StreamOf] = []
        self._layers: list[dict[str, Any]] = []
        self._resting: frozenset[str] = frozenset()
        """Lines on which the server sends nothing."""
        self._missing: set[Key] = set()
        """The server does not know them, whatever was told of them."""
        self._offers: asyncio.Queue[Incoming] = asyncio.Queue(_MAX_OFFERS)
        self._version = -1
        self._wake = asyncio.Event()

    def want(self, want: Wanted) -> None:
        """Receive this from now on."""
        if want != self._want:
            self._want = want
            self._missing.clear()
            self.settled.clear()
            self._wake.set()

    def hear(self, message: Incoming) -> None:
        """Take what the server says by itself: a publisher left, and here is another offer."""
        if message.jsep is not None:
            with contextlib.suppress(asyncio.QueueFull):
                self._offers.put_nowait(message)
            self._wake.set()

    async def run(self) -> None:
        """Follow what is wanted."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._follow()
            except SeatLost:
                return
            except ValueError:
                self._lost()
                return
            except (Refused, PinNeeded):
                await asyncio.sleep(RETRY_S)
                self._wake.set()

    async def _follow(self) -> None:
        while True:
            if not self._offers.empty():
                await self._take(self._offers.get_nowait())
                continue
            want = self._present()
            todo = step(self._streams, want)
            if todo == Step():
                break
            await self._do(todo)
        await self._size(want)
        self._show(want)
        self.settled.set()
        self._shown(want)

    def _present(self) -> Wanted:
        """What is wanted and there."""
        want, missing = self._want, self._missing
        if not missing:
            return want
        return Wanted(
            heard=want.heard - missing,
            data=want.data - missing,
            seen=tuple(None if key in missing else key for key in want.seen),
            codecs=want.codecs,
            layered=want.layered,
            fit=want.fit,
        )

    def _show(self, want: Wanted) -> None:
        mids = carried(self._streams)
        self._leg.show([None if key is None else mids.get(key) for key in _used(want.shown)])

    async def _do(self, todo: Step) -> None:
        if todo.switch:
            await self._switch(todo)
            return
        body: dict[str, Any] = {}
        if todo.subscribe:
            body["subscribe" if self._attached else "streams"] = [_named(key) for key in todo.subscribe]
        if todo.unsubscribe:
            body["unsubscribe"] = [_named(key) for key in todo.unsubscribe]
        request = {"request": "update"} if self._attached else self._join
        try:
            await self._take((await self._session.request(self.handle, {**request, **body}))[1])
        except Refused as refused:
            await self._without(todo, refused)

    async def _switch(self, todo: Step) -> None:
        """Nothing of a line is shown from when it is asked to change until the first whole picture."""
        changing = {mid for _, mid in todo.switch}
        mids = carried(self._streams)
        kept = [None if key is None else mids.get(key) for key in _used(self._want.shown)]
        self._leg.show([None if mid in changing else mid for mid in kept])
        streams = [{**_named(key), "sub_mid": mid} for key, mid in todo.switch]
        try:
            said, _ = await self._session.request(self.handle, {"request": "switch", "streams": streams})
        except Refused as refused:
            await self._without(todo, refused)
            return
        self._streams = said.streams
        for mid in changing:
            self._leg.renew(mid)

    async def _without(self, todo: Step, refused: Refused) -> None:
        """One of those asked for is not there: find out which."""
        asked = [*(key for key, _ in todo.switch), *todo.subscribe]
        if refused.support_code != f"#jan{NO_FEED}" or not asked:
            raise refused
        if len(asked) == 1:
            self._missing.add(asked[0])
            return
        for key, mid in todo.switch:
            await self._do(Step(switch=((key, mid),)))
        for key in todo.subscribe:
            await self._do(Step(subscribe=(key,)))

    async def _take(self, message: Incoming) -> None:
        """Answer an offer; one that a newer has overtaken is passed over."""
        try:
            said: Told = told(message)
        except Unreadable:
            return
        version = -1 if message.jsep is None else _version(message.jsep.sdp)
        if message.jsep is not None and version <= self._version:
            return
        self._streams, self._attached = said.streams, True
        if message.jsep is None:
            return
        self._version = version
        answer = await self._leg.receive(message.jsep.sdp)
        await self._session.request(self.handle, {"request": "start"}, ("answer", answer))

    async def _size(self, want: Wanted) -> None:
        wished, rest = layers(self._streams, want), resting(self._streams, want)
        changed = rest ^ (self._resting & set(carried(self._streams).values()))
        streams = [*(wished if wished != self._layers else [])]
        streams += [{"mid": mid, "send": mid not in rest} for mid in sorted(changed)]
        if streams:
            await self._session.request(self.handle, {"request": "configure", "streams": streams})
        self._layers, self._resting = wished, rest
        for mid in changed:
            # What was missing of a picture that rests is asked for no more.
            self._leg.renew(mid)


def _used(places: Sequence[Key | None]) -> list[Key | None]:
    """The places up to the last that is taken."""
    last = max((at for at, key in enumerate(places) if key is not None), default=-1)
    return list(places[: last + 1])


def _named(key: Key) -> dict[str, Any]:
    return {"feed": key.feed, "mid": key.mid}


def _version(sdp: str) -> int:
    """The origin's version (RFC 8866, 5.2): each offer of a connection has a higher one."""
    origin = next((line for line in sdp.splitlines() if line.startswith("o=")), "").split()
    return int(origin[2]) if len(origin) > 2 and origin[2].isdecimal() and len(origin[2]) < 20 else 0
