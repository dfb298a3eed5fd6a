"""Sending a meeting to a kit by hand: a link is pasted, a kit chosen, and one sees when the kit has it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from msgspec import Struct

from fleet.clock import ZONE, local, now_ms
from fleet.store.meetings import KINDS
from fleet.store.tables import Kit, Municipality
from fleet.web import actions
from fleet.web.problem import Problem
from fleet.web.site import Site, SiteDep
from fleet.web.views.meetings import meeting_views

router = APIRouter(include_in_schema=False)

ADDRESS: Final = "/skicka"


class Draft(Struct, kw_only=True):
    """What stands in the form. The link goes back to its sender only."""

    kit: str = ""
    link: str = ""
    pin: str = ""
    day: str = ""
    clock: str = ""
    kind: str = "vardmote"


@router.get(ADDRESS)
def send_page(site: SiteDep, kommun: str = "", kit: str = "") -> HTMLResponse:
    """The form, and the meetings that the kits have or will get."""
    return _page(site, Draft(kit=kit), kommun)


@router.post(ADDRESS)
def send(
    site: SiteDep,
    kit: Annotated[str, Form()],
    link: Annotated[str, Form()] = "",
    pin: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    clock: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "vardmote",
    kommun: Annotated[str, Form()] = "",
) -> Response:
    """Send it, or say at the form what is wrong with it."""
    draft = Draft(kit=kit, link=link.strip(), pin=pin.strip(), day=day, clock=clock, kind=kind)
    try:
        actions.send_meeting(
            site.store, kit, link=draft.link, pin=draft.pin, kind=kind, start=_start(day, clock)
        )
    except Problem as problem:
        return _page(site, draft, kommun, problem)
    return RedirectResponse(f"{ADDRESS}{f'?kommun={kommun}' if kommun.isalnum() else ''}#moten", 303)


@router.get(ADDRESS + "/{kit}/{meeting}/bort")
def ask_remove(site: SiteDep, kit: str, meeting: str) -> HTMLResponse:
    """The question before a meeting is taken away."""
    with site.store.reading() as session:
        view = next((v for v in meeting_views(session) if (v.kit, v.id) == (kit, meeting)), None)
    if view is None or not view.removable:
        raise Problem("no_meeting")
    return site.page(
        "ask.html",
        title=f"Ta bort mötet från {view.unit_name}?",
        yes="Ja, ta bort mötet",
        text=f"{view.title} kl. {local(view.start):%H:%M} försvinner från enhetens skärm.",
        action=f"{ADDRESS}/{kit}/{meeting}/bort",
        back=ADDRESS,
        at=ADDRESS,
    )


@router.post(ADDRESS + "/{kit}/{meeting}/bort")
def remove(site: SiteDep, kit: str, meeting: str) -> RedirectResponse:
    """Take it away."""
    actions.remove_meeting(site.store, kit, meeting)
    return RedirectResponse(f"{ADDRESS}#moten", 303)


def _page(site: Site, draft: Draft, kommun: str, problem: Problem | None = None) -> HTMLResponse:
    with site.store.reading() as session:
        towns = session.query(Municipality).order_by(Municipality.name).all()
        kits = session.query(Kit).where(Kit.role == "active").order_by(Kit.unit_name).all()
        found = meeting_views(session, kommun or None)
    shown = [kit for kit in kits if not kommun or kit.municipality_id == kommun]
    now = local(now_ms())
    context: dict[str, Any] = {
        "draft": draft,
        "groups": [(town.name, [kit for kit in shown if kit.municipality_id == town.id]) for town in towns],
        "towns": towns,
        "kommun": kommun,
        "kinds": KINDS,
        "meetings": found,
        "problem": problem,
        "today": draft.day or now.date().isoformat(),
        "clock": draft.clock or f"{now:%H:%M}",
    }
    return site.page("send.html", status=problem.status if problem else 200, **context)


def _start(day: str, clock: str) -> int:
    try:
        when = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), ZONE)
    except ValueError:
        raise Problem("bad_time") from None
    return int(when.timestamp() * 1000)
