"""What is known of the patient's Wi-Fi, what can happen to it, and what is to be done. Types only.

A :class:`Flow` is changed by ``kit.agent.wifi_flow``. Names and passwords are in it only while they are
needed, and no ``repr`` says them.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from kit.ipc import wifi as cmd
from kit.ipc.network import WifiStep, WifiTrouble
from kit.network.wifi.names import Name
from kit.network.wifi.patient import Found
from kit.network.wifi.secrets import Secret


class Cause(StrEnum):
    """Why it is removed, in the words of the report."""

    VISIT_ENDED = "visit_ended"
    TIME_LIMIT = "time_limit"
    BY_HAND = "by_hand"
    LOST = "lost"


class Target(Struct, frozen=True, kw_only=True):
    """The network that was chosen from a scan, typed, or read from a code; ``label`` is safe to show."""

    where: Found | Name
    label: str
    secret: Secret | None = None

    def __repr__(self) -> str:
        """Say nothing: name and password are the patient's."""
        return "Target(…)"


class World(Struct, frozen=True, kw_only=True):
    """What the flow must know of the rest: unix seconds, the region's limit, the visit and the links."""

    at: float
    limit_s: float = 7200.0
    visiting: bool = False
    """A visit with a meeting is between its beginning and its end, and the policy allows this way."""
    carried: bool = False
    """Another link carries the kit."""
    able: bool = True
    """The kit has a Wi-Fi that works."""


class Scanned(Struct, frozen=True):
    """What is in reach."""

    networks: tuple[Found, ...] = ()


class CodeSeen(Struct, frozen=True):
    """A router's code was read, or why it says nothing that can be joined."""

    code: Target | WifiTrouble


class Joined(Struct, frozen=True):
    """The kit is on it."""


class JoinFailed(Struct, frozen=True):
    """It is not, and why."""

    trouble: WifiTrouble


class Gone(Struct, frozen=True):
    """It ended by itself, and why."""

    trouble: WifiTrouble


class RemovalAsked(Struct, frozen=True):
    """The visit wants it removed and verified."""


class RemovalDone(Struct, frozen=True):
    """One removal is over; ``verified``: no profile, no address, no lease."""

    verified: bool


class Ticked(Struct, frozen=True):
    """Time has passed, or the visit or a link has changed."""


class Scan(Struct, frozen=True):
    """Look for networks; answered by :class:`Scanned`."""


class ReadCodes(Struct, frozen=True):
    """Look for a code with the camera, or stop."""

    on: bool


class Join(Struct, frozen=True):
    """Join; answered by :class:`Joined` or :class:`JoinFailed`."""

    target: Target


class Remove(Struct, frozen=True):
    """Stop joining, remove and verify; answered by :class:`RemovalDone`."""


class TellJoined(Struct, frozen=True):
    """Let the visit know."""


class TellRemoved(Struct, frozen=True):
    """Let the visit know that it is verified; ``cause`` where there was something to remove."""

    cause: Cause | None = None


class TellStuck(Struct, frozen=True):
    """Let the fleet know that it could not be verified."""

    cause: Cause


Effect = Scan | ReadCodes | Join | Remove | TellJoined | TellRemoved | TellStuck
Fact = Scanned | CodeSeen | Joined | JoinFailed | Gone | RemovalAsked | RemovalDone | Ticked
Event = cmd.WifiCommand | Fact


class Flow(Struct, frozen=True, kw_only=True):
    """How far it has come. Names and passwords are here only while they are needed."""

    step: WifiStep = WifiStep.CLOSED
    trouble: WifiTrouble = WifiTrouble.NONE
    agreed: frozenset[WifiStep] = frozenset()
    """Questions that were answered with yes in this visit."""
    scanning: bool = False
    networks: tuple[tuple[int, Found], ...] = ()
    """With their numbers on the screen."""
    target: Target | None = None
    code: Target | None = None
    code_at: float = 0.0
    reading_code: bool = False
    ends_at: float | None = None
    removing: bool = False
    """A removal is under way."""
    failed: int = 0
    """Removals that were not verified, since the last one that was."""
    cause: Cause | None = None
    """Why something that was joined, or might have been, must go; None: there was nothing."""
    alone_since: float | None = None
    """Since when nothing else carries the kit."""
    was_on: bool = False
    """The kit was on it, so that its removal is told to the fleet."""
