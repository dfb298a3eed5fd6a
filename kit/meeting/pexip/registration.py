"""The kit as a device that can be called: registered at the region's node for as long as :meth:`run` runs.

The registration carries no media. Whoever calls is heard as an ``incoming`` event with a token that opens the
call's room once; ``incoming_cancelled`` names the same token. There is no replay after a cut of the stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from kit.meeting.pexip import nodes
from kit.meeting.pexip.api import Api
from kit.meeting.pexip.events import EventStream
from kit.meeting.pexip.messages import Token, Unreadable, decode
from kit.meeting.pexip.roster import shown_name
from kit.meeting.pexip.token import TokenKeeper
from kit.meeting.room import Refused, SeatLost
from kit.visit.model import Invitation, Refusal

FIRST_RETRY_S = 1.0
LAST_RETRY_S = 60.0
_RELEASE_S = 1.0


class Account(Struct, frozen=True):
    """What a device registers with; ``node`` is ``host`` or ``host:port``."""

    node: str
    alias: str
    user: str
    password: str

    def __repr__(self) -> str:
        """Say nothing: the password is secret."""
        return "Account(…)"


class Incoming(Struct, frozen=True):
    """``incoming``: the alias leads to the call's room, and only with the token."""

    conference_alias: Annotated[str, Meta(min_length=1, max_length=250)]
    token: Annotated[str, Meta(min_length=1, max_length=4096)]
    remote_display_name: str = ""
    remote_alias: str = ""


class IncomingCancelled(Struct, frozen=True):
    """``incoming_cancelled``."""

    token: Annotated[str, Meta(min_length=1, max_length=4096)]


class Registration:
    """One device at one node."""

    def __init__(
        self,
        account: Account,
        tls: ssl.SSLContext,
        rang: Callable[[Invitation], None],
        cancelled: Callable[[str], None],
        allowed: Callable[[], Sequence[str]] = tuple,
        resolve: nodes.Resolve = nodes.srv,
        misread: Callable[[], None] = lambda: None,
    ) -> None:
        """``rang`` and ``cancelled`` (with the ring's token) are called in the event loop; must not block.

        ``allowed`` gives the allow-list of hosts, for nodes that DNS names. ``misread`` is called for each
        event that did not fit its type.
        """
        self._account = account
        self._tls = tls
        self._rang = rang
        self._cancelled = cancelled
        self._allowed = allowed
        self._resolve = resolve
        self._misread = misread
        self._node = account.node
        self._events: EventStream | None = None
        self.denied = False
        """The node does not take user and password, or does not know the alias."""

    @property
    def reachable(self) -> bool:
        """Whether a call would be heard now."""
        return self._events is not None and self._events.unheard_s == 0

    async def run(self) -> None:
        """Register, and again whenever the node forgets; until cancelled."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                await self._until_forgotten()
                retry_s = FIRST_RETRY_S
            except Refused as refused:
                self.denied = refused.reason is Refusal.ROOM_LOGIN_NEEDED
                retry_s = min(retry_s * 2, LAST_RETRY_S)
            await asyncio.sleep(retry_s)

    async def decline(self, invitation: Invitation) -> None:
        """Tell the node that nobody answers: the call's token is given back unused. Never raises."""
        api = Api(invitation.host, invitation.alias, self._tls)
        api.token = invitation.ring_token
        try:
            with contextlib.suppress(Refused, SeatLost):
                await api.release_token()
        finally:
            await api.close()

    async def _until_forgotten(self) -> None:
        """Return when the node no longer knows the registration; Refused when no node takes it."""
        found = await nodes.candidates(self._account.node, self._allowed(), self._resolve)
        for last, node in zip((False,) * (len(found) - 1) + (True,), found, strict=True):
            try:
                await self._registered_at(node)
            except Refused as refused:
                if last or not refused.passing:
                    raise
            else:
                return

    async def _registered_at(self, node: str) -> None:
        account = self._account
        api = Api(node, account.alias, self._tls, device=True)
        try:
            granted = await api.register(account.user, account.password)
            api.token = granted.token
            self._node, self.denied = node, False
            with contextlib.suppress(SeatLost):
                await self._listen(api, granted)
        finally:
            self._events = None
            await self._release(api)

    async def _listen(self, api: Api, granted: Token) -> None:
        keeper = TokenKeeper(api, granted.expires_s, lambda _: None)
        self._events = EventStream(api, self._hear)
        jobs = [asyncio.create_task(job) for job in (keeper.run(), self._events.run())]
        try:
            for ended in (await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED))[0]:
                ended.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    async def _release(self, api: Api) -> None:
        try:
            if api.token is not None:
                with contextlib.suppress(Refused, SeatLost, TimeoutError):
                    async with asyncio.timeout(_RELEASE_S):
                        await api.release_token()
        finally:
            await api.close()

    def _hear(self, name: str, data: str) -> None:
        try:
            if name == "incoming":
                self._rang(self._invitation(decode(data.encode(), Incoming)))
            elif name == "incoming_cancelled":
                self._cancelled(decode(data.encode(), IncomingCancelled).token)
        except Unreadable:
            self._misread()

    def _invitation(self, incoming: Incoming) -> Invitation:
        caller = shown_name(incoming.remote_display_name, incoming.remote_alias)
        return Invitation(
            # The call waits at the node that tells of it.
            host=self._node,
            alias=incoming.conference_alias,
            ring_token=incoming.token,
            caller=caller,
        )
