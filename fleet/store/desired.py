"""The desired state of a kit, composed from the register, and put into the outbox when it has changed."""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.agreements import support_body
from fleet.contract import (
    DESIRED,
    Channel,
    Desired,
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
    wanted = compose(session, kit, version + 1)
    if row is not None and replace(decode(Desired, row.payload), version=version + 1) == wanted:
        return version
    put(session, kit.id, DESIRED, encode(wanted), version + 1, now)
    session.add(DesiredVersion(kit_id=kit.id, version=version + 1, at=now, cause=cause))
    return version + 1


def put(session: Session, kit: str, channel: Channel, payload: bytes, revision: int, now: int) -> None:
    """Let `payload` be the latest message of the kit's retained topic; ingest sends it."""
    row = session.get(Outgoing, (kit, channel.name))
    if row is None:
        row = Outgoing(kit_id=kit, channel=channel.name, sent_revision=0, sent_at=None)
        session.add(row)
    row.payload, row.revision, row.changed_at = payload, revision, now


def compose(session: Session, kit: Kit, version: int) -> Desired:
    """The whole desired state, as the register has it now."""
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
        meetings=_meetings(session, kit.id),
        locked=_locked(session, kit),
        takes_over=_takes_over(kit),
        language=cast("Language", kit.language),
    )


def support_of(session: Session, agreement: Agreement, municipality: str) -> SupportContact:
    """Whom the staff of a kit calls under that agreement."""
    return contact(session, support_body(agreement, municipality))


def contact(session: Session, body: str) -> SupportContact:
    """The support of the region (`region`) or of a municipality (its id)."""
    row = session.get_one(Support, body)
    responsible: Responsible = "region" if body == "region" else "municipality"
    return SupportContact(name=row.name, phone=row.phone, hours=row.hours, responsible=responsible)


def _meetings(session: Session, kit: str) -> list[Meeting]:
    rows = session.scalars(
        select(MeetingRow).where(MeetingRow.kit_id == kit).order_by(MeetingRow.start, MeetingRow.id)
    )
    return [Meeting(id=r.id, title=r.title, start=r.start, link=r.link, pin=r.pin) for r in rows]


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
