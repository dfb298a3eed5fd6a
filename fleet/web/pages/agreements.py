"""Agreements: who is responsible, what a change means, what it costs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from fleet.agreements import DUTIES, Numbers
from fleet.clock import today
from fleet.contract.limits import Agreement
from fleet.web import actions
from fleet.web.problem import Problem
from fleet.web.site import Site, SiteDep
from fleet.web.views.agreements import AgreementView, agreement_view, agreement_views

router = APIRouter(include_in_schema=False)


@router.get("/avtal")
def agreements(site: SiteDep) -> HTMLResponse:
    """All municipalities, and who is responsible for what."""
    with site.store.reading() as session:
        views = agreement_views(session)
    return site.page("agreements.html", towns=views, duties=DUTIES)


@router.get("/avtal/{municipality}")
def agreement(site: SiteDep, municipality: str) -> HTMLResponse:
    """One municipality."""
    return site.page("agreement.html", town=_view(site, municipality), duties=DUTIES, today=today())


@router.get("/avtal/{municipality}/andra")
def ask_change(site: SiteDep, municipality: str, kind: Agreement, start: date) -> HTMLResponse:
    """The question before a change, with what it means for the kits that are there."""
    town = _view(site, municipality)
    if kind == town.kind:
        raise Problem("same_kind")
    changes = town.changes_to(kind)
    return site.page("ask_agreement.html", town=town, kind=kind, start=max(start, today()), changes=changes)


@router.post("/avtal/{municipality}/andra")
def change(
    site: SiteDep, municipality: str, kind: Annotated[Agreement, Form()], start: Annotated[date, Form()]
) -> RedirectResponse:
    """Change the agreement."""
    actions.change_agreement(site.store, municipality, kind, start)
    return RedirectResponse(f"/avtal/{municipality}", 303)


@router.post("/avtal/{municipality}/kostnad")
async def keep_numbers(site: SiteDep, municipality: str, request: Request) -> RedirectResponse:
    """Keep the municipality's own numbers."""
    form = await request.form()
    try:
        numbers = msgspec.convert(_plain(dict(form)), Numbers, strict=False)
    except (msgspec.ValidationError, ValueError):
        raise Problem("bad_input") from None
    await site.run(actions.keep_numbers, municipality, numbers)
    return RedirectResponse(f"/avtal/{municipality}#kostnad", 303)


def _plain(form: dict[str, object]) -> dict[str, str]:
    """Numbers as one writes them in Swedish: `24 000,50`; the share of spares is asked for in percent."""
    plain = {name: "".join(str(value).split()).replace(",", ".") for name, value in form.items()}
    if "spare_percent" in plain:
        plain["spare_share"] = str(float(plain.pop("spare_percent")) / 100)
    return plain


def _view(site: Site, municipality: str) -> AgreementView:
    with site.store.reading() as session:
        view = agreement_view(session, municipality)
    if view is None:
        raise Problem("no_municipality")
    return view
