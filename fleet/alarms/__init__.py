"""How a kit is, in one word with its reasons. Pure."""

from fleet.alarms.condition import Condition, Level, condition
from fleet.alarms.findings import Finding, findings

__all__ = ["Condition", "Finding", "Level", "condition", "findings"]
