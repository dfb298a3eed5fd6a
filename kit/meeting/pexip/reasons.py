"""Pexip's error texts: their support codes (``#pexNNN``) and what each means for the kit."""

from __future__ import annotations

from typing import NamedTuple

from kit.visit.model import EndReason, Refusal


class Meaning(NamedTuple):
    """A text's code; why joining was refused; how a call ended (None: it has not, the kit comes back)."""

    code: int
    refusal: Refusal = Refusal.ROOM_ANSWER_INVALID
    end: EndReason | None = EndReason.REMOVED


_FULL, _LOGIN = Refusal.ROOM_FULL, Refusal.ROOM_LOGIN_NEEDED
_HOST, _KICKED, _WAITED = EndReason.HOST_ENDED, EndReason.REMOVED, EndReason.WAITED_TOO_LONG

_TEXTS: tuple[tuple[str, Meaning], ...] = (
    ("participant exceeded pin entry retries", Meaning(192, Refusal.PIN_TRIES_USED_UP, _KICKED)),
    ("invalid pin", Meaning(101, Refusal.PIN_WRONG)),
    ("out of proxying resource", Meaning(109, _FULL, None)),
    ("maintenance mode", Meaning(110, Refusal.ROOM_MAINTENANCE, None)),
    ("invalid token", Meaning(113, end=None)),
    ("timer expired awaiting token refresh", Meaning(113, end=None)),
    ("out of resource", Meaning(114, _FULL, None)),
    ("out of transcoding resource", Meaning(114, _FULL, None)),
    ("api initiated participant disconnect", Meaning(122, end=_KICKED)),
    ("disconnected by an administrator", Meaning(123, end=_KICKED)),
    ("disconnected by another participant", Meaning(124, end=_KICKED)),
    ("conference terminated by another participant", Meaning(125, end=_HOST)),
    ("timeout waiting for conference host", Meaning(126, end=_WAITED)),
    ("signaling node disconnected", Meaning(129, end=None)),
    ("media process disconnected", Meaning(130, end=None)),
    ("media node disconnected", Meaning(131, end=None)),
    ("no participants can keep conference alive", Meaning(140, end=_HOST)),
    ("all conference hosts departed", Meaning(141, end=_HOST)),
    ("last remaining participant removed", Meaning(142, end=_HOST)),
    ("test call finished", Meaning(143, end=_HOST)),
    ("neither conference nor gateway found", Meaning(154, Refusal.ROOM_UNKNOWN)),
    ("participant limit reached", Meaning(194, _FULL, None)),
    ("insufficient licenses", Meaning(195, _FULL, None)),
    ("ice failure", Meaning(196, end=None)),
    ("sso ", Meaning(200, _LOGIN)),
)
_STATUSES: dict[int, Meaning] = {
    401: Meaning(113, _LOGIN, None),
    404: Meaning(157, Refusal.ROOM_UNKNOWN),
    502: Meaning(111, Refusal.ROOM_UNREACHABLE, None),
    503: Meaning(112, Refusal.ROOM_MAINTENANCE, None),
    504: Meaning(117, Refusal.ROOM_UNREACHABLE, None),
    529: Meaning(194, _FULL, None),
}
UNKNOWN = Meaning(117)
PASSING = frozenset(
    {Refusal.ROOM_FULL, Refusal.ROOM_MAINTENANCE, Refusal.ROOM_UNREACHABLE, Refusal.ROOM_ANSWER_INVALID}
)
"""Refusals that time may cure."""


def meaning(text: str, status: int = 0) -> Meaning:
    """What a node's text means; without a known text the HTTP status decides."""
    lowered = text.lower()
    for part, known in _TEXTS:
        if part in lowered:
            return known
    return _STATUSES.get(status, UNKNOWN)


def support_code(code: int) -> str:
    """How the region's support knows an error."""
    return f"#pex{code}"
