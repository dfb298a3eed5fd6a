"""Bookings in the store: which kit they mean, whether they may be there, and their versions."""

from __future__ import annotations

import hashlib
import re
from typing import Final
from urllib.parse import parse_qsl

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.booking.booking import OFF, Booking, Place, all_dropped, dropped, take
from fleet.booking.outcome import Issue, refuse
from fleet.booking.parse import parse
from fleet.booking.words import LINK_TEXTS
from fleet.clock import day_of
from fleet.contract import Refused
from fleet.contract.links import looks_personal
from fleet.store import meetings
from fleet.store.meetings import TooManyError, Wanted
from fleet.store.tables import BookingSystem, Kit, MeetingRow

SWAPS_FOLLOWED: Final = 5
_FIELDS: Final = frozenset({"pin", "role", "token", "conference", "host", "extension"})
"""Of a link's fields only these are needed to join; others often are names."""
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Kept(Struct, frozen=True, kw_only=True):
    """What became of a request."""

    id: str
    row: MeetingRow
    unit: str
    created: bool = False
    notes: tuple[Issue, ...] = ()


def read(session: Session, system: BookingSystem, resource_id: str) -> Kept:
    """A booking of the system's own; a refusal when there is none."""
    row = _own(session, system, resource_id)
    if row is None:
        raise refuse(404, "not-found", "Mötet finns inte, eller så är dess dag förbi.")
    return Kept(id=resource_id, row=row, unit=session.get_one(Kit, row.kit_id).unit_name)


def put(
    session: Session, system: BookingSystem, resource_id: str, data: bytes, *, if_match: str | None, now: int
) -> Kept:
    """Book, change or cancel."""
    resource, raw = parse(data)
    row = _own(session, system, resource_id)
    _check_version(row, if_match)
    if resource.status in OFF:
        return _cancel(session, system, resource_id, row, all_dropped(resource, raw), now)
    taken = take(resource, raw)
    _check_time(taken.booking.start, now)
    kit, moved = _kit(session, system, taken.booking.place)
    wanted, shortened = _wanted(session, system, resource_id, kit, taken.booking)
    try:
        kept = meetings.put(session, kit, wanted, who=who(system), now=now)
    except TooManyError:
        raise refuse(422, "business-rule", "Enheten har redan 25 möten den dagen.") from None
    except Refused:
        raise refuse(422, "value", "Något i mötet ryms inte i vad enheten kan visa.") from None
    return Kept(
        id=resource_id,
        row=kept,
        unit=kit.unit_name,
        created=row is None,
        notes=(*taken.dropped, *moved, *shortened),
    )


def remove(
    session: Session, system: BookingSystem, resource_id: str, *, if_match: str | None, now: int
) -> None:
    """Take the booking away; one that is not there is gone already."""
    row = _own(session, system, resource_id)
    if row is not None:
        _check_version(row, if_match)
        meetings.remove(session, row, who=who(system), now=now)


def who(system: BookingSystem) -> str:
    """The name in the audit log."""
    return f"booking:{system.id}"


def _own(session: Session, system: BookingSystem, resource_id: str) -> MeetingRow | None:
    if not _ID.fullmatch(resource_id) or looks_personal(resource_id):
        text = "Ett id har bokstäver, siffror, punkt och bindestreck, och är aldrig ett personnummer."
        raise refuse(400, "value", text, "Appointment.id")
    return meetings.find_booking(session, _key(system, resource_id))


def _key(system: BookingSystem, resource_id: str) -> str:
    """Only a digest of the id is kept: it is the booking system's, and may mean something there."""
    digest = hashlib.sha256(f"{system.id}/{resource_id}".encode()).hexdigest()
    return f"{system.id}_{digest[:40]}"


def _check_version(row: MeetingRow | None, if_match: str | None) -> None:
    if if_match is None:
        return
    if row is None or (if_match != "*" and if_match.removeprefix("W/").strip('"') != str(row.revision)):
        raise refuse(412, "conflict", "Mötet har ändrats sedan det lästes. Läs det igen och försök på nytt.")


def _check_time(start: int, now: int) -> None:
    begins, _ = day_of(now)
    if not begins <= start <= begins + meetings.AHEAD_MS:
        text = "Mötet ska vara i dag eller senare, högst 120 dagar fram."
        raise refuse(422, "business-rule", text, "Appointment.start")


def _cancel(
    session: Session,
    system: BookingSystem,
    resource_id: str,
    row: MeetingRow | None,
    notes: tuple[Issue, ...],
    now: int,
) -> Kept:
    if row is None:
        raise refuse(404, "not-found", "Mötet finns inte, eller så är dess dag förbi.")
    kit = session.get_one(Kit, row.kit_id)
    fields = {name: getattr(row, name) for name in ("id", "title", "start", "end", "link", "system")}
    # Whoever may no longer come needs no PIN.
    wanted = Wanted(**fields, source="booking", status="cancelled")
    kept = meetings.put(session, kit, wanted, who=who(system), now=now)
    return Kept(id=resource_id, row=kept, unit=kit.unit_name, notes=notes)


def _wanted(
    session: Session, system: BookingSystem, resource_id: str, kit: Kit, booking: Booking
) -> tuple[Wanted, tuple[Issue, ...]]:
    checked = meetings.check_link(session, kit, booking.link)
    if isinstance(checked, str):
        raise refuse(422, "value", LINK_TEXTS[checked], "Appointment.virtualService.addressUrl")
    wanted = Wanted(
        id=_key(system, resource_id),
        title=booking.title,
        start=booking.start,
        end=booking.end,
        link=checked.link,
        pin=booking.pin or checked.pin,
        phone=booking.phone,
        phone_id=booking.phone_id,
        source="booking",
        system=system.id,
    )
    said = parse_qsl(booking.link.partition("?")[2], keep_blank_values=True)
    more = not checked.link.endswith(booking.link) and any(name not in _FIELDS for name, _ in said)
    return wanted, (dropped("Appointment.virtualService.addressUrl"),) if more else ()


def _kit(session: Session, system: BookingSystem, place: Place) -> tuple[Kit, tuple[Issue, ...]]:
    """The kit that is meant, or the one that has taken its place."""
    kit = session.get(Kit, place.kit) if place.kit else _of_unit(session, system, place.unit)
    notes: tuple[Issue, ...] = ()
    for _ in range(SWAPS_FOLLOWED):
        if kit is None or kit.replaced_by is None:
            break
        kit = session.get(Kit, kit.replaced_by)
        text = "Enheten är utbytt. Mötet ligger på den som har tagit dess plats."
        notes = (Issue(severity="information", code="informational", text=text),)
    towns = system.municipalities
    if kit is None or kit.role != "active" or (towns and kit.municipality_id not in towns):
        text = "Enheten finns inte, är inte i drift, eller hör inte till de kommuner som systemet bokar för."
        raise refuse(422, "not-found", text, "Appointment.participant")
    return kit, notes


def _of_unit(session: Session, system: BookingSystem, unit: str) -> Kit | None:
    query = select(Kit).where(Kit.role == "active", Kit.unit_name == unit)
    if system.municipalities:
        query = query.where(Kit.municipality_id.in_(system.municipalities))
    found = session.scalars(query.limit(2)).all()
    if len(found) > 1:
        text = "Flera enheter har det namnet. Använd kit-id."
        raise refuse(422, "multiple-matches", text, "Appointment.participant")
    return found[0] if found else None
