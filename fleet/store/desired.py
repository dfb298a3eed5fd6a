"""The desired state of a kit, composed from the register, and put into the outbox when it has changed."""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from fleet.agreements import support_body
from fleet.clock import day_of
from fleet.contract import (
    DESIRED,
    Channel,
    Desired,
    DialIn,
    Locked,
    Meeting,
    SupportContact,
    TakesOver,
    decode,
    encode,
)
from fleet.contract.limits import Agreement, Language, LockReason, Responsible
from fleet.store.tables import DesiredVersion, Kit, MeetingRow, Municipality, Outgoing, Support


def refresh(session: Session, kit: Kit, cause: str, now: int) -> int:
    """Compose the desired state of the kit; when it differs, give it a new version and send it.

    Returns the version in force. `Refused` when it does not fit the contract (too many meetings, for
    instance).
    """
    session.flush()
    row = session.get(Outgoing, (kit.id, DESIRED.name))
    version = row.revision if row else 0
    wanted = compose(session, kit, version + 1, now)
    if row is None or replace(decode(Desired, row.payload), version=version + 1) != wanted:
        version += 1
        put(session, kit.id, DESIRED, encode(wanted), version, now)
        session.add(DesiredVersion(kit_id=kit.id, version=version, at=now, cause=cause))
    for meeting in session.scalars(_todays(kit.id, now).where(MeetingRow.version.is_(None))):
        meeting.version = version
    return version


def put(session: Session, kit: str, channel: Channel, payload: bytes, revision: int, now: int) -> None:
    """Let `payload` be the latest message of the kit's retained topic; ingest sends it."""
    row = session.get(Outgoing, (kit, channel.name))
    if row is None:
        row = Outgoing(kit_id=kit, channel=channel.name, sent_revision=0, sent_at=None)
        session.add(row)
    row.payload, row.revision, row.changed_at = payload, revision, now


def compose(session: Session, kit: Kit, version: int, now: int) -> Desired:
    """The whole desired state, as the register has it now, with the meetings of today."""
    municipality = session.get_one(Municipality, kit.municipality_id)
    agreement = cast("Agreement", municipality.agreement)
    return Desired(
        version=version,
        unit_name=kit.unit_name,
        place=kit.place,
        municipality=municipality.name,
        agreement=agreement,
        support=support_of(session, agreement, municipality.id),
        allowed_hosts=list(municipality.allowed_hosts),
        meetings=[_meeting(row) for row in session.scalars(_todays(kit.id, now))],
        locked=_locked(session, kit),
        takes_over=_takes_over(kit),
        language=cast("Language", kit.language),
        dial_in=DialIn(phone=municipality.phone) if municipality.phone else None,
        test_room=municipality.test_room,
    )


def support_of(session: Session, agreement: Agreement, municipality: str) -> SupportContact:
    """Whom the staff of a kit calls under that agreement."""
    return contact(session, support_body(agreement, municipality))


def contact(session: Session, body: str) -> SupportContact:
    """The support of the region (`region`) or of a municipality (its id)."""
    row = session.get_one(Support, body)
    responsible: Responsible = "region" if body == "region" else "municipality"
    return SupportContact(name=row.name, phone=row.phone, hours=row.hours, responsible=responsible)


def _todays(kit: str, now: int) -> Select[MeetingRow]:
    begins, ends = day_of(now)
    mine = select(MeetingRow).where(MeetingRow.kit_id == kit, MeetingRow.status == "booked")
    return mine.where(MeetingRow.start >= begins, MeetingRow.start < ends).order_by(
        MeetingRow.start, MeetingRow.id
    )


def _meeting(row: MeetingRow) -> Meeting:
    dial_in = DialIn(phone=row.phone, meeting_id=row.phone_id) if row.phone else None
    return Meeting(
        id=row.id, title=row.title, start=row.start, end=row.end, link=row.link, pin=row.pin, dial_in=dial_in
    )


def _locked(session: Session, kit: Kit) -> Locked | None:
    if kit.lock_reason is None or kit.locked_since is None:
        return None
    new = session.get(Kit, kit.replaced_by) if kit.replaced_by else None
    return Locked(
        reason=cast("LockReason", kit.lock_reason),
        since=kit.locked_since,
        replaced_by=new.id if new else None,
        replaced_by_unit=new.unit_name if new else None,
    )


def _takes_over(kit: Kit) -> TakesOver | None:
    if kit.takes_over_from is None or kit.takes_over_since is None:
        return None
    return TakesOver(from_kit=kit.takes_over_from, since=kit.takes_over_since)
