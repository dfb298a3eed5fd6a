"""What of joining is to be measured: read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeVar

from bench.joins.meetings import KINDS, Kind

Part = Literal["first", "recovery", "many"]
PARTS: tuple[Part, ...] = ("first", "recovery", "many")
MOST = 10_000

T = TypeVar("T", bound=str)


class Choices(NamedTuple):
    """What is done."""

    services: tuple[Kind, ...]
    parts: tuple[Part, ...]
    seeds: tuple[int, ...]
    tries: int
    """For each seed."""
    joins: int


def read(environment: Mapping[str, str]) -> Choices:
    """ValueError says what cannot be used."""
    quick = bool(environment.get("QUICK"))
    seeds = environment.get("SEEDS") or ("7" if quick else "7,8,9")
    return Choices(
        services=_some_of(KINDS, environment, "SERVICES"),
        parts=_some_of(PARTS, environment, "PARTS"),
        seeds=tuple(_number("SEEDS", part) for part in seeds.split(",")),
        tries=_number("TRIES", environment.get("TRIES") or "3", least=1),
        joins=_number("JOINS", environment.get("JOINS") or ("20" if quick else "200"), least=2),
    )


def _some_of(known: tuple[T, ...], environment: Mapping[str, str], name: str) -> tuple[T, ...]:
    wanted = [part.strip() for part in (environment.get(name) or ",".join(known)).split(",")]
    if unknown := [part for part in wanted if part not in known]:
        raise ValueError(f"{name}: {', '.join(unknown)}; there are: {', '.join(known)}")
    return tuple(one for one in known if one in wanted)


def _number(name: str, text: str, least: int = 0) -> int:
    if not (text := text.strip()).isdecimal() or not least <= int(text) <= MOST:
        raise ValueError(f"{name}: not a whole number from {least} to {MOST}: {text!r}")
    return int(text)
