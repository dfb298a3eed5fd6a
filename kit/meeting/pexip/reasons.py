"""Pexip's error texts: their support codes (``#pexNNN``) and what each means for the kit.

The codes are those of Pexip's own clients, which support staff know. A text that no table has is 117.
"""

from __future__ import annotations

from typing import NamedTuple

from kit.visit.model import EndReason, Refusal


class Meaning(NamedTuple):
    """A text's code; why joining was refused; how a call ended (None: it has not, the kit comes back)."""

    code: int
    refusal: Refusal = Refusal.ROOM_ANSWER_INVALID
    end: EndReason | None = EndReason.CONNECTION_LOST


_FULL, _LOGIN = Refusal.ROOM_FULL, Refusal.ROOM_LOGIN_NEEDED
_AWAY, _UNKNOWN_ROOM = Refusal.ROOM_UNREACHABLE, Refusal.ROOM_UNKNOWN
_HOST, _KICKED, _WAITED = EndReason.HOST_ENDED, EndReason.REMOVED, EndReason.WAITED_TOO_LONG

_TEXTS: tuple[tuple[str, Meaning], ...] = (
    # Before what is a part of them.
    ("sso authentication failed. the system is in maintenance mode", Meaning(203, _LOGIN)),
    ("sso authentication failed. sso is not available from this domain", Meaning(204, _LOGIN)),
    ("sso enabled but no identity providers configured", Meaning(201, _LOGIN)),
    ("sso authentication failed", Meaning(200, _LOGIN)),
    ("participant exceeded pin entry retries", Meaning(192, Refusal.PIN_TRIES_USED_UP, _KICKED)),
    ("invalid role", Meaning(100)),
    ("invalid pin", Meaning(101, Refusal.PIN_WRONG)),
    ("out of proxying resource", Meaning(109, _FULL, None)),
    ("maintenance mode", Meaning(110, Refusal.ROOM_MAINTENANCE, None)),
    ("502 bad gateway", Meaning(111, _AWAY, None)),
    ("503 service unavailable", Meaning(112, Refusal.ROOM_MAINTENANCE, None)),
    ("invalid token", Meaning(113, end=None)),
    ("timer expired awaiting token refresh", Meaning(113, end=None)),
    ("out of resource", Meaning(114, _FULL, None)),
    ("out of transcoding resource", Meaning(114, _FULL, None)),
    ("transfer failed", Meaning(115)),
    ("unexpected response: 503", Meaning(116, Refusal.ROOM_MAINTENANCE, None)),
    ("failed to forward request", Meaning(119, _AWAY, None)),
    ("conference host ended the conference with a dtmf command", Meaning(120, end=_HOST)),
    ("api initiated conference termination", Meaning(121, end=_HOST)),
    ("api initiated participant disconnect", Meaning(122, end=_KICKED)),
    ("conference terminated by an administrator", Meaning(122, end=_HOST)),
    ("disconnected by an administrator", Meaning(123, end=_KICKED)),
    ("disconnected by another participant", Meaning(124, end=_KICKED)),
    ("conference terminated by another participant", Meaning(125, end=_HOST)),
    ("timeout waiting for conference host", Meaning(126, end=_WAITED)),
    ("signaling node disconnected", Meaning(129, _AWAY, None)),
    ("media process disconnected", Meaning(130, _AWAY, None)),
    ("media node disconnected", Meaning(131, _AWAY, None)),
    ("proxied participant disconnected", Meaning(132, _AWAY, None)),
    ("no participants can keep conference alive", Meaning(140, end=_HOST)),
    ("all conference hosts departed", Meaning(141, end=_HOST)),
    ("last remaining participant removed", Meaning(142, end=_HOST)),
    ("test call finished", Meaning(143, end=_HOST)),
    ("call rejected", Meaning(150, end=_KICKED)),
    ("call disconnected", Meaning(151, end=None)),
    ("gateway dial out failed", Meaning(152, _AWAY)),
    ("invalid gateway routing rule transform", Meaning(153, _UNKNOWN_ROOM)),
    ("neither conference nor gateway found", Meaning(154, _UNKNOWN_ROOM)),
    ("no direct route between edge and transcoding", Meaning(156, _AWAY, None)),
    ("404 not found", Meaning(157, _UNKNOWN_ROOM)),
    ("resource unavailable", Meaning(191, _FULL, None)),
    ("invalid license", Meaning(193, _FULL)),
    ("participant limit reached", Meaning(194, _FULL, None)),
    ("insufficient licenses", Meaning(195, _FULL, None)),
    ("ice failure", Meaning(196, Refusal.MEDIA_FAILED, None)),
    ("telehealth call failure", Meaning(197)),
    ("failed to transfer into a multi-party conference", Meaning(210)),
    ("failed to transfer into a one-to-one conference", Meaning(211)),
)
_WHOLE: dict[str, Meaning] = {"disabled": Meaning(127, _UNKNOWN_ROOM, _HOST)}
"""Words that are a part of many a text, and mean this only by themselves."""
_STATUSES: dict[int, Meaning] = {
    401: Meaning(113, _LOGIN, None),
    404: Meaning(157, _UNKNOWN_ROOM),
    502: Meaning(111, _AWAY, None),
    503: Meaning(112, Refusal.ROOM_MAINTENANCE, None),
    504: Meaning(117, _AWAY, None),
    529: Meaning(194, _FULL, None),
}
UNKNOWN = Meaning(117)
PASSING = frozenset(
    {Refusal.ROOM_FULL, Refusal.ROOM_MAINTENANCE, Refusal.ROOM_UNREACHABLE, Refusal.ROOM_ANSWER_INVALID}
)
"""Refusals that time may cure."""


def meaning(text: str, status: int = 0) -> Meaning:
    """What a node's text means; without a known text the HTTP status decides."""
    lowered = text.strip().lower()
    if lowered in _WHOLE:
        return _WHOLE[lowered]
    for part, known in _TEXTS:
        if part in lowered:
            return known
    return _STATUSES.get(status, UNKNOWN)


def support_code(code: int) -> str:
    """How the region's support knows an error."""
    return f"#pex{code}"
