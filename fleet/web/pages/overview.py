"""Overview and spares."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from fleet.store.tables import Municipality
from fleet.web.site import SiteDep
from fleet.web.views.history import unknown_kits
from fleet.web.views.kits import Filter, count, kit_views

router = APIRouter(include_in_schema=False)

FIRST_ROWS: Final = 100


@router.get("/")
def overview(site: SiteDep, kommun: str = "", lage: str = "", alla: bool = False) -> HTMLResponse:
    """All kits, what needs a person first."""
    wanted = Filter(municipality=kommun or None, state=lage or None)
    with site.store.reading() as session:
        views = kit_views(session)
        strangers = unknown_kits(session)
        towns = session.query(Municipality).order_by(Municipality.name).all()
    here = [view for view in views if wanted.municipality in (None, view.municipality_id)]
    shown = [view for view in here if wanted.shows(view)]
    return site.page(
        "overview.html",
        kits=shown if alla else shown[:FIRST_ROWS],
        hidden=0 if alla else max(0, len(shown) - FIRST_ROWS),
        here=count(here),
        total=len(views),
        towns=towns,
        strangers=strangers,
        wanted=wanted,
    )


@router.get("/forrad")
def spares(site: SiteDep) -> HTMLResponse:
    """What could be handed out, and what is on its way back."""
    with site.store.reading() as session:
        views = kit_views(session)
        towns = session.query(Municipality).order_by(Municipality.name).all()
    ready = {town.id: sum(v.ready for v in views if v.municipality_id == town.id) for town in towns}
    return site.page(
        "spares.html",
        towns=towns,
        ready=ready,
        spares=[view for view in views if view.role == "spare"],
        away=[view for view in views if view.role in ("locked", "repair")],
    )
