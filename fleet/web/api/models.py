"""What the API answers and takes. Field names and codes are stable; new fields may come."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from fleet.contract.limits import Agreement, CaseState, FaultCategory

KIT_ID = r"^kit-[0-9]{4,6}$"
Ms = int


class ProblemModel(BaseModel):
    """Why something could not be done."""

    code: str
    text: str


class StatusModel(BaseModel):
    """Is the fleet itself listening?"""

    listening: bool
    since: Ms | None
    kits: int
    open_cases: int


class PresenceModel(BaseModel):
    """Is the kit there?"""

    word: Literal["never_seen", "online", "late", "silent"]
    why: str
    since: Ms
    heard_at: Ms | None


class KitModel(BaseModel):
    """A kit.

    `level` is the one word it is shown with, `findings` what is wrong; `health` as the contract has it.
    """

    id: str
    unit_name: str
    place: str
    kind: str
    owner: Literal["region", "municipality"]
    role: Literal["active", "spare", "locked", "repair", "scrapped"]
    municipality: str
    agreement: Agreement
    replaced_by: str | None
    takes_over_from: str | None
    presence: PresenceModel
    level: str
    findings: list[str]
    visit: bool
    case: int | None
    health_at: Ms | None
    health: dict[str, Any] | None


class StreamModel(BaseModel):
    """What has been committed of one of the kit's outboxes. `missing` may still come; `lost` never will."""

    kit: str
    stream: str
    contiguous: int
    committed: int
    duplicates: int
    missing: int
    lost: int
    dropped: int
    refused: int
    first_at: Ms
    last_at: Ms


class RefusalModel(BaseModel):
    """Refused messages of one kit by static code."""

    kit: str
    code: str
    count: int
    last_at: Ms
    where: str


class ReportsModel(BaseModel):
    """Committed reports and refused messages."""

    streams: list[StreamModel]
    refusals: list[RefusalModel]


class CommandModel(BaseModel):
    """One version of a kit's desired state and its way to the kit."""

    version: int
    cause: str
    at: Ms
    sent_at: Ms | None
    applied_at: Ms | None
    problem: str | None


class SwapStepModel(BaseModel):
    """A step; `at` is None while the swap waits for it."""

    step: str
    at: Ms | None
    who: str


class SwapModel(BaseModel):
    """A swap. `seconds` is from the fault report until both kits had answered."""

    id: int
    case: int
    old: str
    new: str
    state: str
    steps: list[SwapStepModel]
    seconds: float | None
    undoable: bool
    overdue: bool
    next: list[str]


class ReasonModel(BaseModel):
    """One thing looked at when choosing a spare."""

    code: str
    met: bool
    required: bool


class SpareModel(BaseModel):
    """A spare with its reasons, the best first."""

    kit: str
    usable: bool
    reasons: list[ReasonModel]


class SupportModel(BaseModel):
    """Whom the staff calls."""

    name: str
    phone: str
    hours: str
    responsible: Literal["region", "municipality"]


class CaseModel(BaseModel):
    """A fault case; `spares` and `swap` only in the answer about one case."""

    number: int
    kit: str
    category: str
    text: str
    source: str
    opened_at: Ms
    state: CaseState
    state_since: Ms
    responsible: Literal["region", "municipality"]
    support: SupportModel
    replacement: str | None
    swap: SwapModel | None = None
    spares: list[SpareModel] = []


class PeriodModel(BaseModel):
    """An agreement period; `end` is the first day it is no longer in force."""

    kind: Agreement
    start: date
    end: date | None


class DutyModel(BaseModel):
    """Who answers for something in each alternative."""

    text: str
    rental: Literal["region", "municipality"]
    owned: Literal["region", "municipality"]


class AgreementModel(BaseModel):
    """A municipality's agreement."""

    municipality: str
    name: str
    kind: Agreement
    periods: list[PeriodModel]
    support: SupportModel
    region_kits: list[str]
    own_kits: list[str]


class NewCase(BaseModel):
    """A fault that is reported by telephone. Nothing personal in the text."""

    kit: str = Field(pattern=KIT_ID)
    category: FaultCategory
    text: str = Field("", max_length=200)


class NewState(BaseModel):
    """Take a case in hand, or close it."""

    state: Literal["handling", "closed"]


class NewSwap(BaseModel):
    """Swap the case's kit for a spare."""

    case: int = Field(ge=1)
    spare: str = Field(pattern=KIT_ID)


class NewStep(BaseModel):
    """What happens with the swap: undone, or what became of the old kit."""

    step: Literal["undone", "returned", "repair", "scrapped", "back_as_spare"]


class NewAgreement(BaseModel):
    """Another agreement from a day, at the earliest today."""

    kind: Agreement
    start: date


class MeetingModel(BaseModel):
    """A meeting; the kit is told on its day.

    The title is one of the neutral ones (Vårdmöte, SIP-möte, Uppföljning, Planeringsmöte, Provmöte); another
    becomes Vårdmöte.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    title: str = Field(min_length=1, max_length=80)
    start: Ms
    link: str = Field(max_length=1024)
    pin: str | None = Field(None, max_length=32)
    end: Ms | None = None
    phone: str | None = Field(None, max_length=24)
    phone_id: str | None = Field(None, max_length=33)


class VersionModel(BaseModel):
    """The version of the desired state that the kit has been given."""

    version: int
