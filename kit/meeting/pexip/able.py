"""What a Pexip room can do for the kit: from the token, the conference's state and the kit's role. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from kit.ipc.call import Capabilities
from kit.meeting.pexip.messages import WAITING_ROOM, Conference, Flag, Granted, yes
from kit.meeting.pexip.roster import is_host

_NO_HANDS = frozenset({"gateway", "test_call", "media_playback"})
"""Calls in which nobody leads the meeting."""


class Able(Struct, frozen=True, kw_only=True):
    """What is known so far."""

    chat: bool = True
    host: bool = False
    guests_present: bool = True
    presenting: bool = True
    captions: bool = False
    service: str = ""

    @property
    def capabilities(self) -> Capabilities:
        """In the words of all rooms; who waits can do nothing yet."""
        waits = self.service == WAITING_ROOM
        return Capabilities(
            chat=self.chat and not waits,
            raise_hand=not waits and self.service not in _NO_HANDS,
            present=not waits and self.presenting and (self.host or self.guests_present),
            captions=self.captions and not waits,
        )

    def after(self, told: Conference) -> Able:
        """After ``conference_update``; what it does not say stays."""
        return replace(
            self,
            chat=_told(told.chat_enabled, self.chat),
            guests_present=_told(told.guests_can_present, self.guests_present),
            presenting=_told(told.presentation_allowed, self.presenting),
            captions=_told(told.live_captions_available, self.captions),
        )

    def as_role(self, role: str, service: str) -> Able:
        """After the kit's own row in the roster."""
        return replace(self, host=is_host(role) if role else self.host, service=service or self.service)


def at_first(granted: Granted) -> Able:
    """What the token's answer says."""
    return Able(
        chat=yes(granted.chat_enabled),
        host=is_host(granted.role),
        guests_present=yes(granted.guests_can_present),
        service=granted.current_service_type or granted.service_type,
    )


def _told(flag: Flag, before: bool) -> bool:
    return before if flag is None else yes(flag)
