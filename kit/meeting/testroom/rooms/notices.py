"""What participants are told: the model says what happened, ``render`` what one of them hears of it."""

from collections.abc import Mapping

import msgspec

from kit.meeting.testroom.rooms.participant import Participant, row


class Created(msgspec.Struct, frozen=True):
    """A participant came, or became visible to those in ``to`` (None: to everyone)."""

    participant: Participant
    to: frozenset[str] | None = None


class Updated(msgspec.Struct, frozen=True):
    """A participant changed; told as a whole object, never a difference."""

    participant: Participant


class Deleted(msgspec.Struct, frozen=True):
    """A participant left."""

    participant: Participant


class Told(msgspec.Struct, frozen=True):
    """Any other event, to everyone or to those in ``to``."""

    name: str
    data: object
    to: frozenset[str] | None = None
    waiting_too: bool = True
    """False: nothing for those who are not admitted."""


Notice = Created | Updated | Deleted | Told
ServerEvent = tuple[str, object]
"""Name and JSON data of one server-sent event."""


def render(notice: Notice, viewer: Participant) -> ServerEvent | None:
    """The event that ``viewer`` gets, or None.

    Who waits is told of itself only: the names of those inside are not theirs to see. (Inferred: no answer of
    a real node to a waiting client was at hand.)
    """
    if isinstance(notice, Told):
        if notice.to is not None and viewer.uuid not in notice.to:
            return None
        if viewer.is_waiting and not notice.waiting_too:
            return None
        return notice.name, notice.data
    if viewer.is_waiting and notice.participant.uuid != viewer.uuid:
        return None
    if isinstance(notice, Deleted):
        return "participant_delete", {"uuid": notice.participant.uuid}
    data = row(notice.participant, to_host=viewer.is_host)
    if isinstance(notice, Updated):
        return "participant_update", data
    if notice.to is not None and viewer.uuid not in notice.to:
        return None
    return "participant_create", data


def roster(participants: Mapping[str, Participant], viewer: Participant) -> list[dict[str, object]]:
    """The participants that ``viewer`` may see."""
    return [
        row(participant, to_host=viewer.is_host)
        for participant in participants.values()
        if not viewer.is_waiting or participant.uuid == viewer.uuid
    ]
