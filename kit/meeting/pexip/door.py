"""Getting into a room: every branch of ``request_token``, until there is a seat or staff must be asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from kit.ipc.call import LoginWay
from kit.meeting.login import Logins, Ticket
from kit.meeting.pexip.api import Api
from kit.meeting.pexip.messages import NOTHING, Ask, Challenge, Granted, Provider, yes
from kit.meeting.pexip.roster import shown_name
from kit.meeting.room import (
    ExtensionNeeded,
    LoginNeeded,
    LoginShown,
    PinNeeded,
    Refused,
    RoomEvent,
)
from kit.visit.model import Invitation, Refusal

NAMELESS = "Hembesök"
"""For a room that wants a name and a kit that has none."""
MAX_QUESTIONS = 8
"""A room that asks more often than this is not asking for anything."""
MAX_WAYS = 8
_NO_LOGIN = "#pex200"
_SPENT = "#pex113"
_TRY_ELSEWHERE = frozenset(
    {Refusal.ROOM_MAINTENANCE, Refusal.ROOM_UNREACHABLE, Refusal.ROOM_CERTIFICATE, Refusal.ROOM_FULL}
)


class Door:
    """One invitation's way in. Remembers the login, so that a lost seat does not mean logging in again."""

    def __init__(
        self,
        api: Api,
        invitation: Invitation,
        name: str,
        find: Callable[[], Awaitable[Sequence[str]]],
        logins: Logins | None,
        emit: Callable[[RoomEvent], None],
    ) -> None:
        """``find`` tells which nodes to try, in order; ``logins`` None: no backend to log in by."""
        self._api = api
        self._invitation = invitation
        self._name = name.strip()
        self._find = find
        self._logins = logins
        self._emit = emit
        self._ticket: Ticket | None = None
        self._known: tuple[str, str] | None = None
        """Provider and token of the last login."""

    async def enter(self, alias: str, one_time: str | None) -> tuple[str, Granted]:
        """Get a seat from the first node that gives one; its name, and the seat.

        ``one_time`` came with a call that rang, or from the room that sent the kit here. PinNeeded,
        ExtensionNeeded or LoginNeeded when staff must answer first; Refused when the room says no.
        """
        host = self._invitation.host
        refused = Refused(Refusal.ROOM_UNREACHABLE, passing=True)
        for node in await self._find():
            self._api.at(node, alias)
            try:
                if node != host:
                    # One of several: whether it takes anybody now is sooner asked than tried.
                    await self._api.status()
            except Refused as away:
                refused = away
                continue
            try:
                return node, await self._entered(alias, one_time)
            except Refused as no:
                if no.reason not in _TRY_ELSEWHERE:
                    raise
                refused = no
        raise refused

    async def _entered(self, alias: str, one_time: str | None) -> Granted:
        away = alias != self._invitation.alias
        try:
            return await self._open(one_time, away=away)
        except Refused as refused:
            if one_time is None or refused.support_code != _SPENT:
                raise
            if one_time == self._invitation.ring_token:
                raise Refused(Refusal.CALL_CANCELLED) from None
            return await self._open(None, away=away)

    async def _open(self, one_time: str | None, *, away: bool) -> Granted:
        """Ask until there is a seat; ``away``: in another room than the invitation's."""
        pin = self._invitation.pin
        ask = Ask(
            name=self._name or NAMELESS,
            pin="none" if pin == "" else pin,
            extension=None if away else self._invitation.extension,
            token=one_time,
        )
        if self._known is not None:
            ask = replace(ask, idp=self._known[0], sso_token=self._known[1])
        for _ in range(MAX_QUESTIONS):
            try:
                outcome = await self._asked(ask)
            except Refused as refused:
                if self._known is None or refused.reason is not Refusal.ROOM_LOGIN_NEEDED:
                    raise
                # What was remembered of the login is too old: log in again.
                self._known = None
                ask = replace(ask, idp=NOTHING, sso_token=NOTHING)
                continue
            if isinstance(outcome, Granted):
                return outcome
            ask = await self._answered(ask, outcome)
        raise Refused(Refusal.ROOM_ANSWER_INVALID)

    async def _asked(self, ask: Ask) -> Granted | Challenge:
        try:
            return await self._api.request_token(ask)
        except Refused as refused:
            if refused.reason is Refusal.PIN_WRONG:
                raise PinNeeded(wrong=ask.pin not in {None, "none"}) from None
            if refused.reason is Refusal.ROOM_UNKNOWN and ask.extension is not None:
                raise ExtensionNeeded(wrong=True) from None
            raise

    async def _answered(self, ask: Ask, wants: Challenge) -> Ask:
        """What to ask with instead."""
        if wants.redirect_url is not None:
            return await self._logged_in(ask, wants)
        if wants.idp is not None:
            return self._with_provider(ask, wants.idp)
        if wants.conference_extension:
            raise ExtensionNeeded(wrong=ask.extension is not None)
        if wants.wants_pin:
            if ask.pin is None and wants.guests_need_none:
                return replace(ask, pin="none")
            raise PinNeeded(wrong=ask.pin not in {None, "none"})
        if wants.display_name is not None and ask.name != NAMELESS:
            return replace(ask, name=NAMELESS)
        raise Refused(Refusal.ROOM_ANSWER_INVALID)

    def _with_provider(self, ask: Ask, providers: list[Provider]) -> Ask:
        providers = [p for p in providers if p.uuid]
        if self._logins is None or not providers:
            raise Refused(Refusal.ROOM_LOGIN_NEEDED, _NO_LOGIN)
        # A room that says which providers lead back to an address has others that the kit cannot use.
        usable = [p for p in providers if yes(p.disable_popup_flow)] or providers
        chosen = [p for p in usable if p.uuid == self._invitation.login]
        if not chosen and len(usable) > 1:
            raise LoginNeeded(tuple(_way(p) for p in usable[:MAX_WAYS]))
        provider = (chosen or usable)[0]
        if provider.uuid == ask.idp:
            # It was chosen, and the room asks again.
            raise Refused(Refusal.ROOM_LOGIN_NEEDED, _NO_LOGIN)
        self._ticket = self._logins.begin()
        return replace(ask, idp=provider.uuid, sso_token=NOTHING, sso_target=self._ticket.target)

    async def _logged_in(self, ask: Ask, wants: Challenge) -> Ask:
        """Show where to log in, and wait for what comes of it."""
        url, provider = wants.redirect_url or "", wants.redirect_idp
        if self._logins is None or not url.startswith("https://") or not yes(wants.disable_popup_flow):
            raise Refused(Refusal.ROOM_LOGIN_NEEDED, _NO_LOGIN)
        if self._ticket is None or ask.sso_target is None:
            # The room has one provider only and chose it by itself: it must first know where to lead back to.
            self._ticket = self._logins.begin()
            chosen = (provider.uuid if provider is not None else "") or ask.idp
            return replace(ask, idp=chosen, sso_target=self._ticket.target)
        await self._ticket.announce()
        self._emit(LoginShown(url))
        try:
            token = await self._ticket.collect()
        finally:
            self._emit(LoginShown(None))
        chosen = (provider.uuid if provider is not None else "") or ask.idp
        self._known = (chosen, token)
        return replace(ask, idp=chosen, sso_token=token, sso_target=None)


def _way(provider: Provider) -> LoginWay:
    return LoginWay(id=provider.uuid, name=shown_name(provider.name)[:64] or "Inloggning")
