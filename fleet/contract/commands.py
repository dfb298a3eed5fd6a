"""What the fleet tells a kit: acknowledgement, the whole desired state, and the state of its fault case."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from fleet.contract.limits import (
    END,
    PRINTABLE,
    Agreement,
    CaseState,
    Code,
    Hex32,
    HostPort,
    KitId,
    Language,
    Link,
    LockReason,
    Name,
    Phone,
    Responsible,
    Seq,
    UnixMs,
)


class RefusedReport(Struct, frozen=True, kw_only=True):
    """A report that was received and refused: it is counted, and will not be accepted later either."""

    seq: Seq
    code: Code


class Ack(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sent after the database commit: all of `stream` up to and including `seq` is safe (0: nothing yet).

    The kit may delete those. What is listed in `refused` was not stored; the kit counts it and goes on.
    """

    stream: Hex32
    seq: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    refused: Annotated[list[RefusedReport], Meta(max_length=1000)] = []


class SupportContact(Struct, frozen=True, kw_only=True):
    """Whom the staff calls; decided by the municipality's agreement."""

    name: Name
    phone: Phone
    hours: Name
    responsible: Responsible


class DialIn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The way in by phone: a number, and the meeting's own id, which the voice at the number asks for."""

    phone: Phone
    meeting_id: Annotated[str, Meta(pattern=r"^[0-9][0-9 ]{0,30}#?" + END)] | None = None

    def __repr__(self) -> str:
        return "DialIn(…)"


class Meeting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A booked meeting. `title` is neutral: no name, number or diagnosis.

    Link, PIN and the way in by phone stay out of `repr`.
    """

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_\-]{1,64}" + END)]
    title: Name
    start: UnixMs
    end: UnixMs | None = None
    link: Link
    pin: Annotated[str, Meta(max_length=32, pattern=r"^[0-9A-Za-z#*]{1,32}" + END)] | None = None
    dial_in: DialIn | None = None

    def __repr__(self) -> str:
        return f"Meeting(start={self.start})"


class Locked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The kit must not be used; the screen says why and which kit to use instead."""

    reason: LockReason
    since: UnixMs
    replaced_by: KitId | None = None
    replaced_by_unit: Name | None = None


class TakesOver(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The kit has taken over the settings of another; shown until the staff has seen it."""

    from_kit: KitId
    since: UnixMs


class Desired(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Retained: everything that the fleet decides about a kit. `version` grows; the kit ignores an older one.

    `unit_name` and `place` make the start screen's "Enhet 07 · Hemsjukvården Norr". `allowed_hosts` is where
    a meeting link may lead; anything else is refused on the kit. `meetings` are today's, at most 25.
    `dial_in` is the region's number for meetings without one of their own, `test_room` where to practise.
    """

    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    unit_name: Name
    place: Annotated[str, Meta(max_length=80, pattern=PRINTABLE)] = ""
    municipality: Name
    agreement: Agreement
    support: SupportContact
    allowed_hosts: Annotated[list[HostPort], Meta(max_length=64)] = []
    meetings: Annotated[list[Meeting], Meta(max_length=25)] = []
    locked: Locked | None = None
    takes_over: TakesOver | None = None
    language: Language = "sv"
    dial_in: DialIn | None = None
    test_room: Link | None = None


class Case(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Retained: the kit's latest fault case. `local_id` is that of the report when it came from the kiosk."""

    number: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    state: CaseState
    since: UnixMs
    handled_by: SupportContact
    local_id: Hex32 | None = None
    replacement: KitId | None = None
    replacement_unit: Name | None = None
