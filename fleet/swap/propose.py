"""Which spare to take, and why."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

ReasonCode: TypeAlias = Literal["kind", "owner", "online", "well", "charged", "municipality"]

CHARGED_PERCENT = 50.0


class Candidate(Struct, frozen=True, kw_only=True):
    """What is known of a kit that is a spare, or of the one to be replaced.

    `battery` is percent, None without one.
    """

    kit: str
    kind: str
    owner: Literal["region", "municipality"]
    municipality: str
    online: bool
    well: bool
    battery: float | None


class Reason(Struct, frozen=True):
    """One thing looked at. `required` ones that are not `met` rule the spare out."""

    code: ReasonCode
    met: bool
    required: bool


class Proposal(Struct, frozen=True):
    """A spare with its reasons; `usable` when nothing rules it out."""

    candidate: Candidate
    reasons: tuple[Reason, ...]

    @property
    def usable(self) -> bool:
        """No required reason is unmet."""
        return all(reason.met for reason in self.reasons if reason.required)


def propose(old: Candidate, spares: list[Candidate]) -> list[Proposal]:
    """All spares, the best first, those that are ruled out last."""
    proposals = [Proposal(spare, _reasons(old, spare)) for spare in spares if spare.kit != old.kit]
    return sorted(proposals, key=_rank)


def _reasons(old: Candidate, spare: Candidate) -> tuple[Reason, ...]:
    own = old.owner == "region" or spare.municipality == old.municipality
    return (
        Reason("kind", spare.kind == old.kind, required=True),
        Reason("owner", spare.owner == old.owner and own, required=True),
        Reason("online", spare.online, required=True),
        Reason("well", spare.well, required=False),
        Reason("charged", spare.battery is None or spare.battery >= CHARGED_PERCENT, required=False),
        Reason("municipality", spare.municipality == old.municipality, required=False),
    )


def _rank(proposal: Proposal) -> tuple[object, ...]:
    met = {reason.code for reason in proposal.reasons if reason.met}
    candidate = proposal.candidate
    return (
        not proposal.usable,
        "well" not in met,
        "municipality" not in met,
        "charged" not in met,
        -(100.0 if candidate.battery is None else candidate.battery),
        candidate.kit,
    )
