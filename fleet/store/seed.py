"""The register's beginning, from a TOML file: municipalities, support, kits and spares.

Seeding again is safe: contacts, hosts and names are brought up to date, kits that are there already keep
their role and their settings, because a swap may have moved them.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from sqlalchemy.orm import Session

from fleet.agreements import Numbers, Period
from fleet.contract.limits import (
    END,
    Agreement,
    HostPort,
    KitId,
    Language,
    Link,
    Name,
    PackagePart,
    Phone,
    Responsible,
)
from fleet.store import agreements, audit
from fleet.store.desired import refresh
from fleet.store.tables import CostNumbers, Kit, Municipality, Support

Origin = Annotated[str, Meta(pattern=r"^https://[a-z0-9.\-]{1,253}(:[0-9]{1,5})?" + END)]
MunicipalityId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9\-]{0,39}" + END)]


class SupportSeed(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the staff calls."""

    name: Name
    phone: Phone
    hours: Name


class MunicipalitySeed(Struct, frozen=True, forbid_unknown_fields=True):
    """A municipality, its own IT support, its agreement since `since`, and where its meetings may be held.

    `portals` are origins, `phone` the number of meetings without video, `test_room` a link.
    """

    id: MunicipalityId
    name: Name
    agreement: Agreement
    since: date
    support: SupportSeed
    allowed_hosts: list[HostPort] = []
    portals: list[Origin] = []
    phone: Phone | None = None
    test_room: Link | None = None
    cost: Numbers | None = None


class KitSeed(Struct, frozen=True, forbid_unknown_fields=True):
    """A kit of the asset register."""

    id: KitId
    municipality: MunicipalityId
    owner: Responsible
    unit_name: Name
    role: Literal["active", "spare"] = "active"
    place: Annotated[str, Meta(max_length=80)] = ""
    kind: Name = "tablet12"
    serial: Annotated[str, Meta(max_length=60)] = ""
    parts: list[PackagePart] = []
    language: Language = "sv"


class Seed(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    region: SupportSeed
    municipality: list[MunicipalitySeed]
    kit: list[KitSeed]


class SeedError(ValueError):
    """The file says something that does not hold together; the text says what."""


def load(path: Path) -> Seed:
    """Read and check a file; `SeedError` says where it is wrong."""
    try:
        seed = msgspec.toml.decode(path.read_bytes(), type=Seed)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise SeedError(str(error)) from error
    known = {municipality.id for municipality in seed.municipality}
    if "region" in known:
        raise SeedError("no municipality may have the id `region`")
    for kit in seed.kit:
        if kit.municipality not in known:
            raise SeedError(f"{kit.id}: the municipality `{kit.municipality}` is not in the file")
    return seed


def plant(session: Session, seed: Seed, *, today: date, now: int) -> None:
    """Bring the register in line with the file."""
    _support(session, "region", seed.region)
    for municipality in seed.municipality:
        _municipality(session, municipality)
    session.flush()
    for kit in seed.kit:
        if session.get(Kit, kit.id) is None:
            session.add(_kit(kit))
            audit.record(session, "seed", "kit_registered", kit.id, now, municipality=kit.municipality)
    session.flush()
    agreements.enforce(session, today, now)
    for row in session.query(Kit).order_by(Kit.id):
        refresh(session, row, "seed", now)


def _support(session: Session, body: str, support: SupportSeed) -> None:
    session.merge(Support(body=body, name=support.name, phone=support.phone, hours=support.hours))


def _municipality(session: Session, seed: MunicipalitySeed) -> None:
    _support(session, seed.id, seed.support)
    row = session.get(Municipality, seed.id)
    if row is None:
        row = Municipality(id=seed.id, agreement=seed.agreement)
        session.add(row)
        row.name, row.allowed_hosts = seed.name, list(seed.allowed_hosts)
        session.flush()
        agreements.save(session, seed.id, (Period(seed.agreement, seed.since),))
    row.name, row.allowed_hosts = seed.name, list(seed.allowed_hosts)
    row.portals, row.phone, row.test_room = list(seed.portals), seed.phone, seed.test_room
    if seed.cost is not None and session.get(CostNumbers, seed.id) is None:
        session.add(CostNumbers(municipality_id=seed.id, numbers=msgspec.to_builtins(seed.cost)))


def _kit(seed: KitSeed) -> Kit:
    return Kit(
        id=seed.id,
        kind=seed.kind,
        owner=seed.owner,
        municipality_id=seed.municipality,
        role=seed.role,
        serial=seed.serial,
        parts=list(seed.parts),
        unit_name=seed.unit_name,
        place=seed.place,
        language=seed.language,
    )
