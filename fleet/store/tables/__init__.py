"""All tables. Times are UTC milliseconds by the fleet's clock unless said otherwise; days are ISO dates."""

from fleet.store.tables.base import Base
from fleet.store.tables.cases import (
    FaultCase,
    FaultCaseEvent,
    SwapRow,
    SwapStepRow,
)
from fleet.store.tables.register import (
    AgreementPeriod,
    AuditEntry,
    BookingSystem,
    CostNumbers,
    DesiredVersion,
    Kit,
    MeetingRow,
    Municipality,
    Outgoing,
    Support,
)
from fleet.store.tables.reports import (
    HealthRow,
    IngestStatus,
    LatestHealth,
    PresenceChange,
    PresenceRow,
    RefusalCount,
    RefusedNumber,
    ReportEvent,
    ReportStream,
)

__all__ = [
    "AgreementPeriod",
    "AuditEntry",
    "Base",
    "BookingSystem",
    "CostNumbers",
    "DesiredVersion",
    "FaultCase",
    "FaultCaseEvent",
    "HealthRow",
    "IngestStatus",
    "Kit",
    "LatestHealth",
    "MeetingRow",
    "Municipality",
    "Outgoing",
    "PresenceChange",
    "PresenceRow",
    "RefusalCount",
    "RefusedNumber",
    "ReportEvent",
    "ReportStream",
    "Support",
    "SwapRow",
    "SwapStepRow",
]
