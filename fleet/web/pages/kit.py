"""One kit, and reporting a fault for it by telephone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from fleet.contract.limits import FaultCategory
from fleet.web import actions
from fleet.web.problem import Problem
from fleet.web.site import Site, SiteDep
from fleet.web.views.cases import cases_of_kit
from fleet.web.views.history import history
from fleet.web.views.kits import KitView, kit_view

router = APIRouter(include_in_schema=False)


@router.get("/kit/{kit}")
def one_kit(site: SiteDep, kit: str) -> HTMLResponse:
    """State, live values, charts and history."""
    view = _view(site, kit)
    with site.store.reading() as session:
        past, cases = history(session, kit), cases_of_kit(session, kit)
    return site.page("kit.html", kit=view, history=past, cases=cases)


@router.get("/kit/{kit}/anmal")
def report_form(site: SiteDep, kit: str) -> HTMLResponse:
    """The form for a fault that is reported by telephone."""
    return site.page("report.html", kit=_view(site, kit))


@router.post("/kit/{kit}/anmal")
def report(
    site: SiteDep, kit: str, category: Annotated[FaultCategory, Form()], text: Annotated[str, Form()] = ""
) -> RedirectResponse:
    """Open a case."""
    number = actions.report_by_phone(site.store, kit, category, " ".join(text.split()))
    return RedirectResponse(f"/arenden/{number}", 303)


def _view(site: Site, kit: str) -> KitView:
    with site.store.reading() as session:
        view = kit_view(session, kit)
    if view is None:
        raise Problem("no_kit")
    return view
