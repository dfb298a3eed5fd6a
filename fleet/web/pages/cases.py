"""Cases, and the swap from question to return."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from fleet.clock import now_ms
from fleet.store.tables import Municipality
from fleet.swap import Step
from fleet.web import actions
from fleet.web.problem import Problem
from fleet.web.site import Site, SiteDep
from fleet.web.views.cases import CasePage, SwapView, case_page, case_views

router = APIRouter(include_in_schema=False)

ReturnStep = Literal["returned", "repair", "scrapped", "back_as_spare"]

QUESTIONS: Final[dict[Step, tuple[str, str, str]]] = {
    "undone": (
        "Ångra bytet?",
        "Ja, ångra bytet",
        "Båda enheterna får tillbaka de inställningar de hade. Den gamla enheten låses upp.",
    ),
    "returned": (
        "Har {old} kommit tillbaka?",
        "Ja, den är här",
        "Ärendet avslutas. Bytet kan inte ångras efter det.",
    ),
    "repair": ("Skicka {old} på reparation?", "Ja, på reparation", "Enheten är spärrad tills den är lagad."),
    "scrapped": (
        "Skrota {old}?",
        "Ja, skrota enheten",
        "Enheten tas ur bruk för gott. Den finns kvar i registret och i historiken.",
    ),
    "back_as_spare": (
        "Lägga {old} i förrådet?",
        "Ja, den är hel",
        "Enheten låses upp och kan användas som reserv.",
    ),
}


@router.get("/arenden")
def cases(site: SiteDep, visa: Literal["oppna", "alla"] = "oppna", kommun: str = "") -> HTMLResponse:
    """Open cases, or all."""
    with site.store.reading() as session:
        views = case_views(session, only_open=visa == "oppna", municipality=kommun or None)
        towns = session.query(Municipality).order_by(Municipality.name).all()
    return site.page("cases.html", cases=views, visa=visa, kommun=kommun, towns=towns)


@router.get("/arenden/{number}")
def one_case(site: SiteDep, number: int) -> HTMLResponse:
    """One case."""
    return site.page("case.html", page=_page(site, number))


@router.post("/arenden/{number}/status")
def move(
    site: SiteDep, number: int, state: Annotated[Literal["handling", "closed"], Form()]
) -> RedirectResponse:
    """Take a case in hand, or close it."""
    actions.move_case(site.store, number, state)
    return RedirectResponse(f"/arenden/{number}", 303)


@router.get("/arenden/{number}/byt/{spare}")
def ask_swap(site: SiteDep, number: int, spare: str) -> HTMLResponse:
    """The question before a swap."""
    page = _page(site, number)
    proposal = next((p for p in page.spares if p.candidate.kit == spare), None)
    if proposal is None or not proposal.usable:
        raise Problem("spare_gone" if proposal is None else "spare_unusable")
    return site.page("ask_swap.html", page=page, new=page.kits[spare], proposal=proposal)


@router.post("/arenden/{number}/byt/{spare}")
def swap(site: SiteDep, number: int, spare: str) -> RedirectResponse:
    """Swap."""
    actions.swap(site.store, number, spare)
    return RedirectResponse(f"/arenden/{number}", 303)


@router.get("/arenden/{number}/angra")
def ask_undo(site: SiteDep, number: int) -> HTMLResponse:
    """The question before undoing."""
    return _ask(site, number, "undone", "angra")


@router.post("/arenden/{number}/angra")
def undo(site: SiteDep, number: int) -> RedirectResponse:
    """Undo the case's swap."""
    actions.undo_swap(site.store, _swap(_page(site, number)).id)
    return RedirectResponse(f"/arenden/{number}", 303)


@router.get("/arenden/{number}/enhet/{step}")
def ask_afterwards(site: SiteDep, number: int, step: ReturnStep) -> HTMLResponse:
    """The question before saying what became of the old kit."""
    return _ask(site, number, step, f"enhet/{step}")


@router.post("/arenden/{number}/enhet/{step}")
def afterwards(site: SiteDep, number: int, step: ReturnStep) -> RedirectResponse:
    """Say what became of the old kit."""
    actions.afterwards(site.store, _swap(_page(site, number)).id, step)
    return RedirectResponse(f"/arenden/{number}", 303)


def _ask(site: Site, number: int, step: Step, path: str) -> HTMLResponse:
    found = _swap(_page(site, number))
    if step not in found.next:
        raise Problem("step_out_of_turn")
    title, yes, text = QUESTIONS[step]
    back = f"/arenden/{number}"
    return site.page(
        "ask.html", title=title.format(old=found.old), yes=yes, text=text, action=f"{back}/{path}", back=back
    )


def _page(site: Site, number: int) -> CasePage:
    with site.store.reading() as session:
        page = case_page(session, number, now_ms())
    if page is None:
        raise Problem("no_case")
    return page


def _swap(page: CasePage) -> SwapView:
    if page.swap is None:
        raise Problem("no_swap")
    return page.swap
