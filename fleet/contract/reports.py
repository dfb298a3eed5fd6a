"""What a kit tells the fleet: reports in a numbered stream, and its presence."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Raw, Struct

from fleet.contract.health import Health
from fleet.contract.limits import (
    PRINTABLE,
    Code,
    FaultCategory,
    Hex32,
    KitId,
    PackagePart,
    Seq,
    UnixMs,
    UplinkKind,
)

Answer = Annotated[int, Meta(ge=1, le=5)] | Literal["skipped"]


class Fault(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="fault"):
    """A fault report from the kiosk.

    `local_id` is the kit's own number of the report, returned in the case. The screen tells the staff to
    write nothing personal in `text`, which may be empty. `facts` is the latest health sample.
    """

    local_id: Hex32
    category: FaultCategory
    text: Annotated[str, Meta(max_length=200, pattern=PRINTABLE)] = ""
    facts: Health | None = None


class VisitSummary(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="visit_summary"
):
    """One visit, anonymous. `participants`: most at once. `missing_parts` is None if not checked."""

    duration_s: Annotated[float, Meta(ge=0, le=86_400)]
    participants: Annotated[int, Meta(ge=0, le=1000)] = 0
    end_reason: Code = "unknown"
    evaluation: Annotated[dict[Code, Answer], Meta(max_length=16)] = {}
    uplinks: Annotated[list[UplinkKind], Meta(max_length=8)] = []
    hygiene_done: bool = False
    missing_parts: Annotated[list[PackagePart], Meta(max_length=16)] | None = None


class DesiredApplied(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="desired_applied"
):
    """The kit has taken over the desired state `version`; `problem` is set when it could not."""

    version: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    problem: Code | None = None


class PatientWifiRemoved(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="patient_wifi_removed"
):
    """The patient's network has been removed; `verified` when the kit has looked and found no trace of it."""

    verified: bool
    cause: Literal["visit_ended", "time_limit", "after_crash", "by_hand", "lost"] = "visit_ended"
    problem: Code | None = None


class Dropped(Struct, frozen=True, kw_only=True, tag_field="type", tag="dropped"):
    """Stands in for a report that the kit had to give up: the stream has no hole, and the loss is counted."""

    reason: Literal["outbox_full", "unreadable", "refused_by_contract"]


Body: TypeAlias = Health | Fault | VisitSummary | DesiredApplied | PatientWifiRemoved | Dropped


class ReportHead(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The envelope with its body unread, so that an unknown body does not block the stream behind it.

    `stream` is the identity of the kit's outbox, new when the outbox is. `oldest` is the lowest number that
    the outbox still holds: nothing below it will come again. `at` is when it was made, by the kit's clock.
    """

    kit: KitId
    stream: Hex32
    seq: Seq
    at: UnixMs
    body: Raw
    oldest: Seq = 1


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One report in its envelope; fields as in `ReportHead`."""

    kit: KitId
    stream: Hex32
    seq: Seq
    at: UnixMs
    body: Body
    oldest: Seq = 1


class Presence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Retained. `session` is new for each connection, and tells a late last will of an earlier one apart.

    The last will is the same message with `offline` and `connection_lost`; a goodbye says another `why`.
    """

    state: Literal["online", "offline"]
    session: Hex32
    why: Literal["connected", "connection_lost", "shutdown", "restart", "update", "battery_empty"]
    at: UnixMs | None = None
