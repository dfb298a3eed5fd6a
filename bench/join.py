"""`python -m bench.join`: how soon a room is seen and heard, how trouble sounds, and what joins leave behind.

Pexip's test room and a real Janus, another Chromium in the room already. First the kit beside Chromium
(Pexip's own library, or plain WebRTC) from the tap to the first picture and the first sound; then seconds
without sound when things break; then many joins and leaves in a row. Chosen by the environment:
`make bench-join SERVICES=pexip SEEDS=7,8,9 TRIES=3 JOINS=200 PARTS=first,recovery,many`.
Leaves build/bench/join.json (a list of rows) and join-recovery.json, and prints what is reached.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import msgspec
from playwright.async_api import Error as BrowserError

import bench
from bench.calls.janus_server import JanusError
from bench.joins import choices, first, many, recovery
from bench.joins.choices import Choices
from tests.kit.meeting.pexip import certificates
from tests.peers.media.pulse import Pulse

NOT_HELD = (TimeoutError, AssertionError, JanusError, BrowserError, OSError)


def main() -> int:
    """Run the chosen parts; ends with 0 when all was measured, whatever it showed, and with 1 otherwise."""
    try:
        chosen = choices.read(os.environ)
    except ValueError as error:
        print(error)
        return 2
    with tempfile.TemporaryDirectory(prefix="join-") as folder:
        try:
            asyncio.run(_measure(chosen, Path(folder)))
        except NOT_HELD as error:
            print(f"not held, {type(error).__name__} {error}")
            return 1
    return 0


async def _measure(chosen: Choices, folder: Path) -> None:
    keys = certificates.make(folder)
    pulse = Pulse(folder)
    pulse.start()
    try:
        if "first" in chosen.parts:
            rows: list[first.Row] = []
            for kind in chosen.services:
                rows += await first.measure(kind, chosen.seeds, chosen.tries, folder, keys, pulse)
                _write("join", rows)
            first.show(rows)
        if "recovery" in chosen.parts:
            gaps: list[recovery.Gap] = []
            for kind in chosen.services:
                gaps += await recovery.measure(kind, folder, keys, pulse)
                _write("join-recovery", gaps)
            recovery.show(gaps)
        if "many" in chosen.parts:
            for kind in chosen.services:
                many.show(kind, await many.measure(kind, chosen.joins, folder, keys, pulse))
    finally:
        pulse.stop()


def _write(name: str, rows: object) -> None:
    bench.RESULTS.mkdir(parents=True, exist_ok=True)
    bench.path(name).write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
