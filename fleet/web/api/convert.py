"""From views to the API's models."""

from __future__ import annotations

from typing import Any

import msgspec

from fleet.contract import SupportContact
from fleet.swap import Proposal
from fleet.web.api import models
from fleet.web.views.agreements import AgreementView
from fleet.web.views.cases import CasePage, CaseView, SwapView
from fleet.web.views.kits import KitView


def kit(view: KitView) -> models.KitModel:
    """A kit."""
    return models.KitModel(
        id=view.id,
        unit_name=view.unit_name,
        place=view.place,
        kind=view.kind,
        owner=view.owner,
        role=view.role,
        municipality=view.municipality_id,
        agreement=view.agreement,
        replaced_by=view.replaced_by,
        takes_over_from=view.takes_over_from,
        presence=models.PresenceModel(
            word=view.presence.word,
            why=view.presence.why,
            since=view.presence.since,
            heard_at=view.presence.heard_at,
        ),
        level=view.level,
        findings=[found.code for found in view.condition.findings],
        visit=view.visit,
        case=view.case,
        health_at=view.health_at,
        health=None if view.health is None else msgspec.to_builtins(view.health),
    )


def case(view: CaseView) -> models.CaseModel:
    """A case without its swap."""
    return models.CaseModel.model_validate(
        {
            "number": view.number,
            "kit": view.kit.id,
            "category": view.category,
            "text": view.text,
            "source": view.source,
            "opened_at": view.opened_at,
            "state": view.state,
            "state_since": view.state_since,
            "responsible": view.responsible,
            "support": _support(view.support),
            "replacement": view.replacement,
        }
    )


def case_with_swap(page: CasePage) -> models.CaseModel:
    """A case with its swap and the spares."""
    whole = case(page.case)
    whole.swap = None if page.swap is None else swap(page.swap)
    whole.spares = [_spare(proposal) for proposal in page.spares]
    return whole


def swap(view: SwapView) -> models.SwapModel:
    """A swap."""
    return models.SwapModel(
        id=view.id,
        case=view.case,
        old=view.old,
        new=view.new,
        state=view.state,
        steps=[models.SwapStepModel(step=step.step, at=step.at, who=step.who) for step in view.steps],
        seconds=view.seconds,
        undoable=view.undoable,
        overdue=view.overdue,
        next=list(view.next),
    )


def agreement(view: AgreementView) -> models.AgreementModel:
    """A municipality's agreement."""
    return models.AgreementModel(
        municipality=view.id,
        name=view.name,
        kind=view.kind,
        periods=[models.PeriodModel(kind=p.kind, start=p.start, end=p.end) for p in view.periods],
        support=models.SupportModel.model_validate(_support(view.support)),
        region_kits=list(view.region_kits),
        own_kits=list(view.own_kits),
    )


def _spare(proposal: Proposal) -> models.SpareModel:
    reasons = [models.ReasonModel(code=r.code, met=r.met, required=r.required) for r in proposal.reasons]
    return models.SpareModel(kit=proposal.candidate.kit, usable=proposal.usable, reasons=reasons)


def _support(contact: SupportContact) -> dict[str, Any]:
    return dict(msgspec.to_builtins(contact))
