"""The words of the table: what happens in a meeting, step by step. Data only: who runs it is elsewhere.

A step has an actor: the client under test, a host who speaks the bare API, the lab, ``sees``, which waits
until the client's state holds all of the values, or the room, which waits until it knows that of the client.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Actor = Literal["client", "host", "lab", "room", "sees"]


@dataclass(frozen=True)
class Step:
    actor: Actor
    verb: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    name: str
    room: str
    steps: tuple[Step, ...]


def joins(**values: Any) -> Step:
    """With ``pin``, ``extension`` or ``way``."""
    return Step("client", "join", values)


def client(verb: str, **values: Any) -> Step:
    return Step("client", verb, values)


def host(verb: str, **values: Any) -> Step:
    return Step("host", verb, values)


def lab(verb: str, **values: Any) -> Step:
    return Step("lab", verb, values)


def room(verb: str, **values: Any) -> Step:
    return Step("room", verb, values)


def sees(**values: Any) -> Step:
    return Step("sees", "", values)


HOST = host("join", pin="1234")
IN_MEETING = (HOST, joins(pin="none"), sees(phase="in", people=["Samordnare"]))
