"""When the card's PIN may be tried. Pure.

A card gives three tries and then wants its PUK, which nobody in a kitchen has. So a PIN that a card has
refused is never given to that card again, not after a restart either, and the last try is never the kit's.
What is kept of it names neither card nor PIN.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from kit.network.mobile import PinTrouble

LEAST_TRIES: Final = 2
MOST_ATTEMPTS: Final = 16
_PIN: Final = re.compile(r"[0-9]{4,8}")
_MARK_BYTES: Final = 16

Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$")]


class Attempt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A PIN that was given to a card."""

    mark: Hex
    """Of card and PIN, see :func:`mark`."""
    tries: Annotated[int, Meta(ge=0, le=99)] | None
    """That were left before it."""
    refused: bool = False


class Attempts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the kit keeps: each attempt before it is made, so that no power cut hides it; the newest last."""

    salt: Hex
    made: Annotated[tuple[Attempt, ...], Meta(max_length=MOST_ATTEMPTS)] = ()

    def of(self, mark: str) -> Attempt | None:
        """The attempt with this PIN on this card, if there was one."""
        return next((attempt for attempt in self.made if attempt.mark == mark), None)

    def noted(self, attempt: Attempt) -> Attempts:
        """With this one instead of an earlier one of the same; the oldest of too many is forgotten."""
        return replace(self, made=(*self.without(attempt.mark).made, attempt)[-MOST_ATTEMPTS:])

    def without(self, mark: str) -> Attempts:
        """Without the attempt that opened the card."""
        return replace(self, made=tuple(attempt for attempt in self.made if attempt.mark != mark))


def is_pin(text: str) -> bool:
    """4 to 8 digits (3GPP TS 31.101, 9.5.1)."""
    return _PIN.fullmatch(text) is not None


def mark(salt: str, card: str, pin: str) -> str:
    """What is kept instead of card and PIN. Some 15 ms of work, since both are short enough to be guessed."""
    secret, salted = f"{card} {pin}".encode(), bytes.fromhex(salt)
    return hashlib.scrypt(secret, salt=salted, n=2**12, r=8, p=1, dklen=_MARK_BYTES).hex()


def trouble(last: Attempt | None, tries: int | None) -> PinTrouble:
    """Why the PIN must not be tried now, or NONE.

    ``last``: the attempt with this PIN on this card, if there was one. ``tries``: left now, None where the
    modem does not tell.
    """
    if last is not None and (last.refused or _lost_a_try(last, tries)):
        return PinTrouble.REFUSED
    if tries is not None and tries < LEAST_TRIES:
        return PinTrouble.TOO_FEW_TRIES
    return PinTrouble.NONE


def _lost_a_try(last: Attempt, tries: int | None) -> bool:
    """Whether an attempt whose end nobody saw was refused; where nothing is known, it counts as such."""
    return last.tries is None or tries is None or tries < last.tries
