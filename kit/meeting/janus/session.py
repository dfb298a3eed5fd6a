"""A session with a Janus: kept alive, taken over by another socket when one is lost, ended without a rest."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable
from typing import Any

from kit.meeting.janus.messages import PLUGIN, Incoming, Told, Unreadable, invalid, told
from kit.meeting.janus.reasons import room_refusal
from kit.meeting.janus.wire import Wire, unreachable
from kit.meeting.room import Refused, SeatLost

KEEPALIVE_S = 20.0
"""A session that says nothing for 60 s is dropped, and its socket with it."""
RETRIES_S = (0.2, 0.5, 1.0, 2.0, 3.0)
_LATE_RETRY_S = 5.0


class Session:
    """Begins with :meth:`create` or :meth:`claim`."""

    def __init__(self, url: str, tls: ssl.SSLContext, token: str | None) -> None:
        """``token`` goes with every request: servers that let in by a list want it there too."""
        self._url, self._tls = url, tls
        self._token = {} if token is None else {"token": token}
        self._wire: Wire | None = None
        self._id = 0
        self._creating: asyncio.Task[Incoming] | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._unheard_since: float | None = None
        self._hurry = asyncio.Event()
        self.heard: Callable[[Incoming], None] = lambda _: None
        """Takes what is unasked for."""
        self.gone: Callable[[], None] = lambda: None
        """The server has forgotten the session."""
        self.reclaimed: Callable[[], None] = lambda: None
        """The session goes on, but some of what was said meanwhile was lost."""

    @property
    def id(self) -> int:
        """The server's name for it; 0 before it began."""
        return self._id

    @property
    def unheard_s(self) -> float:
        """Seconds since there was a socket; 0 while there is one."""
        return 0.0 if self._unheard_since is None else time.monotonic() - self._unheard_since

    async def create(self) -> None:
        """Begin anew. Refused when the server does not want to."""
        wire = self._wire = await Wire.open(self._url, self._tls, self._hear)
        self._creating = asyncio.create_task(wire.ask({"janus": "create", **self._token}))
        # Who goes away now has a session all the same: end waits for its name.
        made = (await asyncio.shield(self._creating)).data
        self._creating = None
        if made is None:
            raise invalid()
        self._begin(made.id)

    async def claim(self, session: int) -> None:
        """Go on with the session of a process that died; SeatLost when it is gone."""
        wire = self._wire = await Wire.open(self._url, self._tls, self._hear)
        await wire.ask({"janus": "claim", "session_id": session, **self._token})
        self._begin(session)

    async def attach(self) -> int:
        """Return a new handle."""
        made = (await self._ask({"janus": "attach", "plugin": PLUGIN})).data
        if made is None:
            raise invalid()
        return made.id

    async def request(
        self, handle: int, body: dict[str, Any], jsep: tuple[str, str] | None = None
    ) -> tuple[Told, Incoming]:
        """Ask the room something; ``jsep`` is type and SDP. PinNeeded, SeatLost or Refused for an error."""
        message: dict[str, Any] = {"janus": "message", "handle_id": handle, "body": body}
        if jsep is not None:
            # All candidates are in it.
            message["jsep"] = {"type": jsep[0], "sdp": jsep[1], "trickle": False}
        answer = await self._ask(message)
        try:
            said = told(answer)
        except Unreadable:
            raise invalid() from None
        if said.error_code:
            raise room_refusal(said)
        return said, answer

    async def detach(self, *handles: int) -> None:
        """Give handles back, and their peer connections with them. Never raises."""
        await asyncio.gather(*(self._detach(handle) for handle in handles))

    def reconnect(self) -> None:
        """Do not trust the socket: take the session over to a new one, now."""
        self._hurry.set()

    async def end(self) -> None:
        """Give the session back with all its handles, and close. Never raises."""
        wire, self._wire = self._wire, None
        keeping, self._keeping = self._keeping, None
        try:
            if keeping is not None:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
            if wire is not None:
                with contextlib.suppress(Refused, SeatLost):
                    if session := self._id or await self._created():
                        await wire.ask({"janus": "destroy", "session_id": session, **self._token})
        finally:
            self._id, self._unheard_since = 0, None
            if wire is not None:
                await wire.close()
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def _detach(self, handle: int) -> None:
        with contextlib.suppress(Refused, SeatLost):
            await self._ask({"janus": "detach", "handle_id": handle})

    async def _created(self) -> int:
        """The session that nobody waited for; 0 for none."""
        creating, self._creating = self._creating, None
        made = None if creating is None else (await creating).data
        return 0 if made is None else made.id

    async def _ask(self, request: dict[str, Any]) -> Incoming:
        if not self._id:
            raise SeatLost
        if self._wire is None or self._wire.lost.is_set():
            raise unreachable()
        return await self._wire.ask({**request, "session_id": self._id, **self._token})

    def _begin(self, session: int) -> None:
        self._id, self._unheard_since = session, None
        self._keeping = asyncio.create_task(self._keep())

    def _hear(self, message: Incoming) -> None:
        if message.session_id and message.session_id != self._id:
            return
        if message.janus == "timeout":
            self._forgotten()
        else:
            self.heard(message)

    async def _keep(self) -> None:
        """Say now and then that we are here; come back over another socket when this one is lost."""
        while self._id:
            await self._until_trouble()
            await self._take_over()

    async def _until_trouble(self) -> None:
        """Return when the socket is lost, or somebody mistrusts it."""
        wire = self._wire
        assert wire is not None
        while not wire.lost.is_set() and not self._hurry.is_set():
            trouble = [asyncio.create_task(event.wait()) for event in (wire.lost, self._hurry)]
            try:
                done, _ = await asyncio.wait(
                    trouble, timeout=KEEPALIVE_S, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                for task in trouble:
                    task.cancel()
            if not done:
                with contextlib.suppress(Refused):
                    await self._stay(wire)

    async def _stay(self, wire: Wire) -> None:
        request = {"janus": "keepalive", "session_id": self._id, **self._token}
        try:
            await wire.ask(request, acknowledged=True)
        except SeatLost:
            self._forgotten()

    async def _take_over(self) -> None:
        """Claim the session from a new socket, then let go of the former one."""
        former, attempt = self._wire, 0
        while self._id:
            self._hurry.clear()
            if former is not None and former.lost.is_set() and self._unheard_since is None:
                self._unheard_since = time.monotonic()
            try:
                await self._claimed(former)
            except SeatLost:
                self._forgotten()
            except Refused:
                delay = RETRIES_S[attempt] if attempt < len(RETRIES_S) else _LATE_RETRY_S
                attempt += 1
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._hurry.wait()
            else:
                return

    async def _claimed(self, former: Wire | None) -> None:
        wire = await Wire.open(self._url, self._tls, self._hear)
        try:
            await wire.ask({"janus": "claim", "session_id": self._id, **self._token})
        except BaseException:
            self._close(wire)
            raise
        self._wire, self._unheard_since = wire, None
        if former is not None:
            self._close(former)
        self.reclaimed()

    def _close(self, wire: Wire) -> None:
        task = asyncio.create_task(wire.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _forgotten(self) -> None:
        self._id = 0
        self.gone()
