"""Reading: kits, health, reports, cases, agreements."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from fleet.agreements import DUTIES
from fleet.clock import now_ms
from fleet.store.tables import DesiredVersion, RefusalCount, SwapRow
from fleet.web.api import convert, models
from fleet.web.problem import Problem
from fleet.web.site import SiteDep
from fleet.web.views.agreements import agreement_view, agreement_views
from fleet.web.views.cases import case_page, case_views, swap_view
from fleet.web.views.history import listening, streams
from fleet.web.views.kits import Filter, count, kit_view, kit_views
from fleet.web.views.series import series

router = APIRouter(prefix="/api/v1")

KitId = Annotated[str, Path(pattern=models.KIT_ID)]


@router.get("/status", tags=["flottan"])
def status(site: SiteDep) -> models.StatusModel:
    """Whether the fleet is listening to its kits, and how much there is."""
    with site.store.reading() as session:
        state, counts = listening(session, now_ms()), count(kit_views(session))
    return models.StatusModel(
        listening=state.ok, since=state.since, kits=counts.total, open_cases=counts.cases
    )


@router.get("/kits", tags=["enheter"])
def kits(site: SiteDep, municipality: str | None = None, state: str | None = None) -> list[models.KitModel]:
    """All kits. `state` is a level, or `visit`, `case` or `spare`."""
    wanted = Filter(municipality=municipality, state=state)
    with site.store.reading() as session:
        return [convert.kit(view) for view in kit_views(session) if wanted.shows(view)]


@router.get("/kits/{kit}", tags=["enheter"])
def kit(site: SiteDep, kit: KitId) -> models.KitModel:
    """One kit."""
    with site.store.reading() as session:
        view = kit_view(session, kit)
    if view is None:
        raise Problem("no_kit")
    return convert.kit(view)


@router.get("/kits/{kit}/health", tags=["enheter"])
def health(
    site: SiteDep,
    kit: KitId,
    hours: Annotated[float, Query(gt=0, le=24 * 31)] = 1,
    points: Annotated[int, Query(ge=10, le=2000)] = 400,
) -> dict[str, list[float | None]]:
    """The last hours as columns of equal length; `at` is UTC ms. Units as in the contract with the kits."""
    end = now_ms()
    with site.store.reading() as session:
        return series(session, kit, end - int(hours * 3_600_000), end, points)


@router.get("/kits/{kit}/commands", tags=["enheter"])
def commands(site: SiteDep, kit: KitId) -> list[models.CommandModel]:
    """What the kit has been told, the newest first; never the content of a meeting."""
    query = select(DesiredVersion).where(DesiredVersion.kit_id == kit)
    with site.store.reading() as session:
        rows = session.scalars(query.order_by(DesiredVersion.version.desc()).limit(100)).all()
    fields = models.CommandModel.model_fields
    return [models.CommandModel.model_validate({name: getattr(row, name) for name in fields}) for row in rows]


@router.get("/kits/{kit}/reports", tags=["enheter"])
def reports_of_kit(site: SiteDep, kit: KitId) -> models.ReportsModel:
    """What has been committed and refused of one kit's reports."""
    return _reports(site, kit)


@router.get("/reports", tags=["flottan"])
def reports(site: SiteDep) -> models.ReportsModel:
    """What has been committed and refused of all kits' reports."""
    return _reports(site, None)


@router.get("/cases", tags=["ärenden"])
def cases(site: SiteDep, only_open: bool = True) -> list[models.CaseModel]:
    """Cases, the newest first."""
    with site.store.reading() as session:
        return [convert.case(view) for view in case_views(session, only_open=only_open)]


@router.get("/cases/{number}", tags=["ärenden"])
def case(site: SiteDep, number: int) -> models.CaseModel:
    """One case with its swap and the spares that could be taken."""
    with site.store.reading() as session:
        page = case_page(session, number, now_ms())
    if page is None:
        raise Problem("no_case")
    return convert.case_with_swap(page)


@router.get("/swaps/{number}", tags=["ärenden"])
def swap(site: SiteDep, number: int) -> models.SwapModel:
    """One swap with its steps and its time."""
    with site.store.reading() as session:
        row = session.get(SwapRow, number)
        if row is None:
            raise Problem("no_swap")
        return convert.swap(swap_view(session, row, now_ms()))


@router.get("/agreements", tags=["avtal"])
def agreements(site: SiteDep) -> list[models.AgreementModel]:
    """All municipalities."""
    with site.store.reading() as session:
        return [convert.agreement(view) for view in agreement_views(session)]


@router.get("/agreements/{municipality}", tags=["avtal"])
def agreement(site: SiteDep, municipality: str) -> models.AgreementModel:
    """One municipality."""
    with site.store.reading() as session:
        view = agreement_view(session, municipality)
    if view is None:
        raise Problem("no_municipality")
    return convert.agreement(view)


@router.get("/agreements/{municipality}/costs", tags=["avtal"])
def costs(site: SiteDep, municipality: str) -> list[dict[str, Any]]:
    """Rental and owned year by year, SEK, from the municipality's own numbers."""
    with site.store.reading() as session:
        view = agreement_view(session, municipality)
    if view is None:
        raise Problem("no_municipality")
    years: list[dict[str, Any]] = msgspec.to_builtins(view.costs)
    return years


@router.get("/duties", tags=["avtal"])
def duties() -> list[models.DutyModel]:
    """Who is responsible for what in both alternatives."""
    return [models.DutyModel(text=duty.text, rental=duty.rental, owned=duty.owned) for duty in DUTIES]


def _reports(site: SiteDep, kit: str | None) -> models.ReportsModel:
    query = select(RefusalCount)
    if kit is not None:
        query = query.where(RefusalCount.kit == kit)
    with site.store.reading() as session:
        found = [msgspec.to_builtins(view) for view in streams(session, kit)]
        refused = session.scalars(query).all()
    fields = models.RefusalModel.model_fields
    return models.ReportsModel(
        streams=[models.StreamModel.model_validate(view) for view in found],
        refusals=[
            models.RefusalModel.model_validate({name: getattr(row, name) for name in fields})
            for row in refused
        ],
    )
