"""Changing: cases, swaps, agreements, meetings."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from fleet.store.meetings import KINDS, NEUTRAL, Wanted
from fleet.web import actions
from fleet.web.api import models, reading
from fleet.web.site import SiteDep

router = APIRouter(
    prefix="/api/v1",
    responses={code: {"model": models.ProblemModel} for code in (404, 409, 422)},
)

KitId = Annotated[str, Path(pattern=models.KIT_ID)]


@router.post("/cases", tags=["ärenden"], status_code=201)
def report(site: SiteDep, new: models.NewCase) -> models.CaseModel:
    """Open a case for a kit that cannot report its fault itself."""
    return reading.case(site, actions.report_by_phone(site.store, new.kit, new.category, new.text))


@router.post("/cases/{number}/state", tags=["ärenden"])
def move(site: SiteDep, number: int, new: models.NewState) -> models.CaseModel:
    """Take a case in hand, or close it."""
    actions.move_case(site.store, number, new.state)
    return reading.case(site, number)


@router.post("/swaps", tags=["ärenden"], status_code=201)
def swap(site: SiteDep, new: models.NewSwap) -> models.SwapModel:
    """Swap a case's kit for a spare: moves the settings and locks the old kit."""
    return reading.swap(site, actions.swap(site.store, new.case, new.spare))


@router.post("/swaps/{number}/steps", tags=["ärenden"])
def step(site: SiteDep, number: int, new: models.NewStep) -> models.SwapModel:
    """Undo the swap, or say what became of the old kit."""
    if new.step == "undone":
        actions.undo_swap(site.store, number)
    else:
        actions.afterwards(site.store, number, new.step)
    return reading.swap(site, number)


@router.post("/agreements/{municipality}", tags=["avtal"])
def change_agreement(site: SiteDep, municipality: str, new: models.NewAgreement) -> models.AgreementModel:
    """Another agreement from a day; the kits are told when it comes into force."""
    actions.change_agreement(site.store, municipality, new.kind, new.start)
    return reading.agreement(site, municipality)


@router.put("/kits/{kit}/meetings", tags=["enheter"])
def meetings(site: SiteDep, kit: KitId, new: list[models.MeetingModel]) -> models.VersionModel:
    """Exchange the meetings that were put here; those of booking systems and those sent by hand stay."""
    wanted = [
        Wanted(
            id=m.id,
            title=m.title if m.title in KINDS.values() else NEUTRAL,
            start=m.start,
            end=m.end,
            link=m.link,
            pin=m.pin,
            phone=m.phone,
            phone_id=m.phone_id,
            source="api",
        )
        for m in new
    ]
    return models.VersionModel(version=actions.set_meetings(site.store, kit, wanted))
