"""Meetings that the kits shall show: put, exchanged, taken away, and forgotten when their day is over."""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from fleet.clock import day_of
from fleet.contract.links import LinkProblem, MeetingLink, PortalOrigin, read_link, spell_link
from fleet.store import audit
from fleet.store.desired import refresh
from fleet.store.tables import Kit, MeetingRow, Municipality

KINDS: Final = {
    "vardmote": "Vårdmöte",
    "sip": "SIP-möte",
    "uppfoljning": "Uppföljning",
    "planering": "Planeringsmöte",
    "prov": "Provmöte",
}
"""All that a meeting may be called: a title of somebody's own could say who the patient is, or why."""
NEUTRAL: Final = KINDS["vardmote"]
MAX_A_DAY: Final = 25
MAX_LINK: Final = 1024
AHEAD_MS: Final = 120 * 86_400_000
PIN: Final = re.compile(r"(?:[0-9A-Za-z*]{1,31}#?)?")

Source = Literal["api", "sent", "booking"]
Status = Literal["booked", "cancelled"]


class TooManyError(ValueError):
    """The kit has as many meetings on that day as it can be told."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A meeting as it shall be; fields as in `MeetingRow`. Link, PIN and phone id stay out of `repr`."""

    id: str
    title: str
    start: int
    link: str
    end: int | None = None
    pin: str | None = None
    phone: str | None = None
    phone_id: str | None = None
    source: Source
    system: str | None = None
    status: Status = "booked"

    def __repr__(self) -> str:
        return f"Wanted(start={self.start})"


class Checked(Struct, frozen=True, kw_only=True):
    """A link that may be joined, in its shortest form, and its PIN."""

    link: str
    pin: str | None

    def __repr__(self) -> str:
        return "Checked(…)"


def check_link(session: Session, kit: Kit, text: str) -> Checked | LinkProblem:
    """Read a link by the rules of the kit's municipality; a bare code is none."""
    town = session.get_one(Municipality, kit.municipality_id)
    portals = [PortalOrigin(name="portal", origin=origin) for origin in town.portals]
    found = read_link(text, town.allowed_hosts, portals)
    if not isinstance(found, MeetingLink):
        return found
    if ":" not in text:
        return "link_invalid"
    link = spell_link(found)
    return Checked(link=link, pin=found.pin or None) if len(link) <= MAX_LINK else "link_too_long"


def put(session: Session, kit: Kit, wanted: Wanted, *, who: str, now: int) -> MeetingRow:
    """Add the meeting, or bring it in line; the same once more changes nothing.

    `TooManyError` when the kit's day is full, `Refused` when the contract does not allow it.
    """
    booked = find_booking(session, wanted.id) if wanted.source == "booking" else None
    row = booked or session.get(MeetingRow, (kit.id, wanted.id))
    before = None if row is None or row.kit_id == kit.id else session.get_one(Kit, row.kit_id)
    if row is None:
        row = MeetingRow(kit_id=kit.id, id=wanted.id, revision=0)
        session.add(row)
    row.kit_id = kit.id
    if _bring_in_line(row, wanted) or before is not None:
        row.revision, row.changed_at, row.version = row.revision + 1, now, None
        audit.record(session, who, f"meeting_{wanted.status}", kit.id, now, meeting=wanted.id)
    session.flush()
    if _on_day(session, kit.id, wanted.start) > MAX_A_DAY:
        raise TooManyError
    for concerned in filter(None, (before, kit)):
        refresh(session, concerned, "meetings", now)
    return row


def find_booking(session: Session, meeting: str) -> MeetingRow | None:
    """A booked meeting, whichever kit it is at now: a swap moves meetings, a booking may change its kit."""
    query = select(MeetingRow).where(MeetingRow.id == meeting, MeetingRow.source == "booking")
    return session.scalars(query.limit(1)).first()


def remove(session: Session, row: MeetingRow, *, who: str, now: int) -> int:
    """Take a meeting away. Returns the version of the kit's desired state."""
    kit = session.get_one(Kit, row.kit_id)
    session.delete(row)
    audit.record(session, who, "meeting_removed", kit.id, now, meeting=row.id)
    return refresh(session, kit, "meetings", now)


def new_day(session: Session, now: int) -> int:
    """Forget the meetings of days gone by, and tell the kits those of today. Returns how many were forgotten.

    Safe to run again at any time.
    """
    begins, _ = day_of(now)
    concerned = list(session.scalars(select(MeetingRow.kit_id).distinct()))
    over = session.execute(delete(MeetingRow).where(MeetingRow.start < begins))
    for kit in concerned:
        refresh(session, session.get_one(Kit, kit), "new_day", now)
    return int(over.rowcount)  # type: ignore[attr-defined]


def _bring_in_line(row: MeetingRow, wanted: Wanted) -> bool:
    changed = False
    for name in ("title", "start", "end", "link", "pin", "phone", "phone_id", "source", "system", "status"):
        value = getattr(wanted, name)
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed


def _on_day(session: Session, kit: str, at: int) -> int:
    begins, ends = day_of(at)
    query = select(func.count()).select_from(MeetingRow).where(MeetingRow.kit_id == kit)
    booked = query.where(MeetingRow.status == "booked")
    return session.scalar(booked.where(MeetingRow.start >= begins, MeetingRow.start < ends)) or 0
