"""Tokens: one for each participant, replaced at each refresh, good for a limited time."""

import secrets
from collections.abc import Callable

import msgspec


def random_token() -> str:
    """URL-safe: Pexip's SDK puts it unescaped into the address of the event stream."""
    return secrets.token_urlsafe(32)


class _Entry(msgspec.Struct):
    token: str
    expires_at: float


class TokenBook:
    """Who holds which token. Times are seconds of any clock that does not go backwards."""

    def __init__(
        self, lifetime_s: float, grace_s: float, new_token: Callable[[], str] = random_token
    ) -> None:
        self._lifetime_s = lifetime_s
        self._grace_s = grace_s
        self._new_token = new_token
        self._current: dict[str, _Entry] = {}
        self._owners: dict[str, tuple[str, float]] = {}

    def __len__(self) -> int:
        """How many are known, those too that were replaced a moment ago."""
        return len(self._owners)

    def issue(self, owner: str, now: float) -> str:
        """Give a token; the one before stays good for the grace time."""
        old = self._current.get(owner)
        if old is not None:
            self._owners[old.token] = (owner, min(old.expires_at, now + self._grace_s))
        token = self._new_token()
        self._current[owner] = _Entry(token, now + self._lifetime_s)
        self._owners[token] = (owner, now + self._lifetime_s)
        return token

    def owner(self, token: str, now: float) -> str | None:
        """Who may act with this token, or None when it is unknown or too old."""
        found = self._owners.get(token)
        return found[0] if found is not None and now < found[1] else None

    def is_current(self, token: str, now: float) -> bool:
        """True for a token that has not been replaced."""
        owner = self.owner(token, now)
        return owner is not None and self._current[owner].token == token

    def expire(self, owner: str, now: float) -> None:
        """Make the owner's tokens too old, as if no refresh had come."""
        for token, (holder, _) in list(self._owners.items()):
            if holder == owner:
                self._owners[token] = (owner, now)
        if owner in self._current:
            self._current[owner].expires_at = now

    def revoke(self, owner: str) -> None:
        """Forget the owner; harmless when it is not there."""
        self._current.pop(owner, None)
        self._owners = {token: held for token, held in self._owners.items() if held[0] != owner}

    def lapsed(self, now: float) -> list[str]:
        """Owners who did not refresh in time; forgets replaced tokens whose grace is over."""
        self._owners = {
            token: held
            for token, held in self._owners.items()
            if now < held[1] or self._current[held[0]].token == token
        }
        return [owner for owner, entry in self._current.items() if now >= entry.expires_at]
