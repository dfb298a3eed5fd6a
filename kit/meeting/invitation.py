"""Invitations: what was typed, pasted or scanned, checked before anything is contacted. Pure.

The forms are those of :mod:`fleet.contract.links`; what else a code may be about is said by
:mod:`kit.meeting.codes`. ``python -m kit.meeting.invitation`` tells what becomes of texts.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fleet.contract.links import MAX_ALIAS, MAX_TEXT, MeetingLink, PortalOrigin, home_host, read_link
from kit.meeting.codes import about
from kit.visit.model import Invitation, Refusal, Service

__all__ = ["MAX_ALIAS", "MAX_TEXT", "PortalOrigin", "Refused", "home_host", "parse", "scanned"]


class Refused(Struct, frozen=True):
    """Why a text is no invitation."""

    reason: Refusal


def parse(
    text: str, allowed_hosts: Sequence[str], portals: Sequence[PortalOrigin] = ()
) -> Invitation | Refused:
    """Read what was typed or pasted; ``allowed_hosts`` are ``name`` or ``name:port`` (443 if none).

    The invitation's host is spelled as the allow-list spells it. Never raises.
    """
    if (other := about(text)) is not None:
        return Refused(other)
    link = read_link(text, allowed_hosts, portals)
    return _invitation(link) if isinstance(link, MeetingLink) else Refused(Refusal(link))


def scanned(
    text: str, allowed_hosts: Sequence[str], portals: Sequence[PortalOrigin] = ()
) -> Invitation | Refused:
    """Read what a QR code says. It must be a link: a bare code may be a wristband's or a parcel's.

    Such a number would otherwise be sent to the meeting service as the name of a room.
    """
    outcome = parse(text, allowed_hosts, portals)
    is_bare = ":" not in text and not (isinstance(outcome, Refused) and outcome.reason in _SAYS_IT)
    return Refused(Refusal.CODE_OTHER) if is_bare else outcome


def _invitation(link: MeetingLink) -> Invitation:
    return Invitation(
        host=link.host,
        alias=link.alias,
        pin=link.pin,
        service=Service(link.service),
        token=link.token,
        extension=link.extension,
        address=link.address,
    )


_SAYS_IT = frozenset(
    {
        Refusal.CODE_PERSONAL,
        Refusal.CODE_WIFI,
        Refusal.CODE_CONTACT,
        Refusal.CODE_PAYMENT,
        Refusal.CODE_LOGIN,
        Refusal.LINK_TOO_LONG,
    }
)


if __name__ == "__main__":
    from kit.meeting.reading import main

    main()
