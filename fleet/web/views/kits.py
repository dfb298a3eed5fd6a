"""Kits as they are shown: register, presence, latest health and open case in one."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal, cast

from msgspec import Struct
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from fleet.alarms import Condition, Level, condition, findings
from fleet.alarms.condition import Role
from fleet.contract import Health, decode
from fleet.contract.limits import Agreement
from fleet.presence import State
from fleet.store.presence import from_row
from fleet.store.tables import FaultCase, Kit, LatestHealth, Municipality, PresenceRow
from fleet.swap import Candidate

ORDER: Final[tuple[Level, ...]] = (
    "ill",
    "silent",
    "attention",
    "late",
    "never_seen",
    "well",
    "locked",
)


class KitView(Struct, frozen=True, kw_only=True):
    """One kit.

    `visit` is whether a visit is under way, as far as the fleet knows; `case` the open case's number.
    """

    id: str
    unit_name: str
    place: str
    kind: str
    owner: Literal["region", "municipality"]
    role: Role
    serial: str
    parts: list[str]
    municipality_id: str
    municipality: str
    agreement: Agreement
    replaced_by: str | None
    takes_over_from: str | None
    presence: State
    health: Health | None
    health_at: int | None
    condition: Condition
    visit: bool
    case: int | None

    @property
    def level(self) -> Level:
        """The one word."""
        return self.condition.level

    @property
    def ready(self) -> bool:
        """A spare that could be handed out now."""
        return self.role == "spare" and self.level == "well"


class Filter(Struct, frozen=True, kw_only=True):
    """Which kits to show; None shows all. `state` is a level or `visit`, `case` or `spare`."""

    municipality: str | None = None
    state: str | None = None

    def shows(self, view: KitView) -> bool:
        """Whether the kit belongs to what was asked for."""
        if self.municipality and view.municipality_id != self.municipality:
            return False
        if not self.state:
            return True
        special = {"visit": view.visit, "case": view.case is not None, "spare": view.ready}
        return special.get(self.state, view.level == self.state)


class Counts(Struct, frozen=True, kw_only=True):
    """How many kits there are of each sort, for the counters."""

    total: int
    levels: dict[str, int]
    visit: int
    cases: int
    ready: int


def kit_views(session: Session) -> list[KitView]:
    """All kits that are not scrapped, what needs a person first."""
    views = (view for view in all_views(session) if view.role != "scrapped")
    return sorted(views, key=lambda view: (ORDER.index(view.level), view.municipality, view.unit_name))


def all_views(session: Session) -> list[KitView]:
    """Every kit that ever was, in no order."""
    return _views(session, _query())


def kit_view(session: Session, kit: str) -> KitView | None:
    """One kit, or None when it is not in the register."""
    return next(iter(_views(session, _query().where(Kit.id == kit))), None)


def count(views: list[KitView]) -> Counts:
    """The counters of these kits."""
    return Counts(
        total=len(views),
        levels=dict(Counter(view.level for view in views)),
        visit=sum(view.visit for view in views),
        cases=sum(view.case is not None for view in views),
        ready=sum(view.ready for view in views),
    )


def candidate(view: KitView) -> Candidate:
    """The kit as the choice of a spare sees it."""
    return Candidate(
        kit=view.id,
        kind=view.kind,
        owner=view.owner,
        municipality=view.municipality_id,
        online=view.presence.word == "online",
        well=view.level == "well",
        battery=view.health.battery.percent if view.health and view.health.battery else None,
    )


def _query() -> Select[Kit, Municipality, PresenceRow, LatestHealth]:
    return (
        select(Kit, Municipality, PresenceRow, LatestHealth)
        .join(Municipality, Municipality.id == Kit.municipality_id)
        .outerjoin(PresenceRow, PresenceRow.kit_id == Kit.id)
        .outerjoin(LatestHealth, LatestHealth.kit_id == Kit.id)
    )


def _views(session: Session, query: Select[Kit, Municipality, PresenceRow, LatestHealth]) -> list[KitView]:
    rows = session.execute(query).all()
    open_cases = session.execute(
        select(FaultCase.kit_id, FaultCase.number)
        .where(FaultCase.state != "closed")
        .order_by(FaultCase.number)
    )
    cases = {row.kit_id: row.number for row in open_cases}
    return [_view(kit, town, seen, latest, cases.get(kit.id)) for kit, town, seen, latest in rows]


def _view(
    kit: Kit, town: Municipality, seen: PresenceRow | None, latest: LatestHealth | None, case: int | None
) -> KitView:
    presence = State() if seen is None else from_row(seen)
    health = None if latest is None else decode(Health, latest.body.encode())
    role = cast("Role", kit.role)
    return KitView(
        id=kit.id,
        unit_name=kit.unit_name,
        place=kit.place,
        kind=kit.kind,
        owner=cast("Literal['region', 'municipality']", kit.owner),
        role=role,
        serial=kit.serial,
        parts=kit.parts,
        municipality_id=town.id,
        municipality=town.name,
        agreement=cast("Agreement", town.agreement),
        replaced_by=kit.replaced_by,
        takes_over_from=kit.takes_over_from,
        presence=presence,
        health=health,
        health_at=None if latest is None else latest.at,
        condition=condition(role, presence, findings(health) if health else ()),
        visit=health is not None and health.visit == "visit" and presence.word in ("online", "late"),
        case=case,
    )
