"""What opens a room once: passes of those who are sent on from another room, and logins with a provider."""

import secrets
from collections.abc import Callable
from typing import TypeVar

import msgspec

from kit.meeting.testroom.rooms.participant import Role

T = TypeVar("T")
KEPT = 500
"""Of each kind; the oldest is forgotten first."""


class Transfer(msgspec.Struct, frozen=True):
    """Somebody is sent to another room, as what."""

    alias: str
    role: Role


class Visit(msgspec.Struct, frozen=True):
    """Somebody is at the page of a provider; ``target`` is where the login leads back to, if anywhere."""

    alias: str
    provider: str
    target: str


class Passes:
    """One-time tokens; each is good once."""

    def __init__(self, new_token: Callable[[], str] = lambda: secrets.token_urlsafe(24)) -> None:
        self._new_token = new_token
        self._transfers: dict[str, Transfer] = {}
        self._visits: dict[str, Visit] = {}
        self._logins: dict[str, tuple[str, str]] = {}

    def transfer(self, alias: str, role: Role) -> str:
        """A pass for the room of this alias."""
        return self._keep(self._transfers, Transfer(alias, role))

    def redeem(self, alias: str, token: str) -> Transfer | None:
        """What a pass opens, and no longer does; None when it opens nothing here."""
        known = self._transfers.get(token)
        return self._transfers.pop(token) if known is not None and known.alias == alias else None

    def visit(self, alias: str, provider: str, target: str) -> str:
        """Somebody must log in; the last word of the page's address."""
        return self._keep(self._visits, Visit(alias, provider, target))

    def log_in(self, visit: str) -> tuple[Visit, str] | None:
        """Somebody has logged in; the token that shows it."""
        came = self._visits.pop(visit, None)
        if came is None:
            return None
        return came, self._keep(self._logins, (came.alias, came.provider))

    def logged_in(self, alias: str, provider: str, token: str) -> bool:
        """Whether this login opens the room; it stays good for a client that comes back."""
        return self._logins.get(token) == (alias, provider)

    def forget_logins(self) -> None:
        """All logins are too old."""
        self._logins.clear()

    def _keep(self, kept: dict[str, T], what: T) -> str:
        token = self._new_token()
        kept[token] = what
        while len(kept) > KEPT:
            del kept[next(iter(kept))]
        return token
