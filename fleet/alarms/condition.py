"""The one word that a kit is shown with, and the reasons for it."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from fleet import presence
from fleet.alarms.findings import Finding

Role: TypeAlias = Literal["active", "spare", "locked", "repair", "scrapped"]
Level: TypeAlias = Literal["well", "attention", "ill", "late", "silent", "never_seen", "locked"]


class Condition(Struct, frozen=True, kw_only=True):
    """`level` is the word, `since` when it began if that is known, `findings` the reasons, worst first."""

    level: Level
    since: int | None = None
    findings: tuple[Finding, ...] = ()


def condition(role: Role, state: presence.State, found: tuple[Finding, ...]) -> Condition:
    """What matters most wins: out of use, then not there, then what its last sample says."""
    if role in ("locked", "repair", "scrapped"):
        return Condition(level="locked", findings=found)
    if state.word != "online":
        return Condition(level=state.word, since=state.since, findings=found)
    if not found:
        return Condition(level="well", since=state.since)
    return Condition(level=found[0].severity, findings=found)
