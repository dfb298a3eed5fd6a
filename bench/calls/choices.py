"""What is to be measured: read from the command line and the environment."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from bench.calls import conditions
from bench.calls.conditions import BadInputError, Condition

Behind = Literal["direct", "janus"]

QUICK = ("clean", "loss10", "rate300", "steps")
QUICK_SECONDS, SECONDS = 12.0, 30.0
SEEDS = "7,8,9"
TRACES = Path(__file__).resolve().parents[3] / "shared" / "traces"
CODECS = ("VP8", "H264")
BEHIND = ("direct", "janus", "both")
_MOST_SECONDS = 3600.0


def named(condition: Condition, behind: Behind) -> str:
    """What the rows of a condition are called."""
    return condition.name if behind == "direct" else f"{condition.name}-{behind}"


class Choices(NamedTuple):
    """Which calls are held."""

    conditions: tuple[Condition, ...]
    seeds: tuple[int, ...]
    seconds: float
    codec: str
    """What the kit sends."""
    against: tuple[str, ...]
    """What Chromium sends in the kit's place; the first is what the kit is compared with."""
    behind: tuple[Behind, ...]
    add: bool
    """Keep what earlier runs left, but for calls that are held again."""


def read(arguments: Sequence[str], description: str | None) -> Choices:
    """Read them; what cannot be used ends the process with 2 and says why."""
    parser = _parser(description)
    given = parser.parse_args(arguments)
    try:
        wanted = _wanted(given)
    except BadInputError as error:
        parser.error(str(error))
    quick: bool = given.quick
    return Choices(
        conditions=wanted,
        seeds=given.seeds[:1] if quick else given.seeds,
        seconds=given.seconds or (QUICK_SECONDS if quick else SECONDS),
        codec=given.codec,
        against=given.against[:1] if quick else given.against,
        behind=("direct", "janus") if given.behind == "both" else (given.behind,),
        add=given.add,
    )


def _parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bench.call", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )

    def choice(name: str, default: str, meaning: str, **more: object) -> None:
        value = os.environ.get(name.upper().replace("-", "_")) or default
        parser.add_argument(f"--{name}", default=value, help=meaning, **more)  # type: ignore[arg-type]

    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")))
    parser.add_argument("--add", action="store_true", default=bool(os.environ.get("ADD")))
    choice("conditions", "", "names, separated by commas; all when none is given")
    choice("conditions-file", "", "more conditions (TOML); without names only these")
    choice("traces", str(TRACES), "a folder with pairs of name.up and name.down")
    choice("seeds", SEEDS, "whole numbers, separated by commas", type=_seeds)
    choice("seconds", "0", f"counted in each call, 5 to {_MOST_SECONDS:.0f}", type=_seconds)
    choice("codec", "H264", "what the kit sends", type=lambda text: _one_of(CODECS, text.upper()))
    choice("against", ",".join(CODECS), "what Chromium sends in the kit's place", type=_codecs)
    choice("behind", "direct", "direct, janus or both", type=lambda text: _one_of(BEHIND, text))
    return parser


def _wanted(given: argparse.Namespace) -> tuple[Condition, ...]:
    own = conditions.read(Path(given.conditions_file)) if given.conditions_file else ()
    known = {c.name: c for c in (*conditions.read(), *conditions.recorded(Path(given.traces)), *own)}
    names = [name.strip() for name in given.conditions.split(",") if name.strip()]
    if unknown := [name for name in names if name not in known]:
        raise BadInputError(f"no such condition: {', '.join(unknown)}; there are: {', '.join(known)}")
    if not names:
        names = [c.name for c in own] or (list(QUICK) if given.quick else list(known))
    return tuple(known[name] for name in dict.fromkeys(names))


def _seeds(text: str) -> tuple[int, ...]:
    if not all(part.strip().isdecimal() for part in text.split(",")):
        raise argparse.ArgumentTypeError(f"not whole numbers separated by commas: {text!r}")
    return tuple(int(part) for part in text.split(","))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if seconds and not 5 <= seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"not a number from 5 to {_MOST_SECONDS:.0f}: {text!r}")
    return seconds


def _codecs(text: str) -> tuple[str, ...]:
    return tuple(_one_of(CODECS, part.strip().upper()) for part in text.split(","))


def _one_of(known: Sequence[str], text: str) -> str:
    if text not in known:
        raise argparse.ArgumentTypeError(f"not of {', '.join(known)}: {text!r}")
    return text
