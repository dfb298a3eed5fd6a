"""Seconds without sound on the kit when things break in a call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec

from bench.joins.kit import Engine, until
from bench.joins.meetings import ALIAS, JanusMeeting, Kind, Meeting, PexipMeeting, meeting
from kit.ipc import engine as ng
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.pulse import Pulse

DOWN_S = 2.0
"""How long a server that is restarted is away."""
RECLAIM_S = 30
SETTLE_S, WATCHED_S = 2.0, 6.0


class Gap(msgspec.Struct, frozen=True):
    """What one trouble cost."""

    service: Kind
    trouble: str
    seconds_without_sound: float
    of_these_server_away_s: float = 0.0
    """Stopping and starting the server, and the other one's way back into the room, cost this much."""


class Trouble(msgspec.Struct, frozen=True):
    """Something that breaks; returns the seconds for which nobody could be heard, whatever the kit does."""

    name: str
    happens: Callable[[Meeting], Awaitable[float]]
    mended_by: type[ng.Event] | None = None
    """What the engine tells when it is back; None: it may be that nothing was to be told."""
    reclaim_s: int = 0
    """How long Janus keeps a session without a socket."""


async def _cut_events(there: Meeting) -> float:
    assert isinstance(there, PexipMeeting)
    there.server.lab.cut_events(ALIAS, there.seats()[-1])
    return 0.0


async def _lose_token(there: Meeting) -> float:
    assert isinstance(there, PexipMeeting)
    there.server.lab.expire(ALIAS, there.seats()[-1])
    return 0.0


async def _cut_socket(there: Meeting) -> float:
    assert isinstance(there, JanusMeeting)
    there.janus.gate.cut()
    return 0.0


async def _restart(there: Meeting) -> float:
    began = time.monotonic()
    await there.restart(DOWN_S)
    return time.monotonic() - began


TROUBLES: dict[Kind, tuple[Trouble, ...]] = {
    "pexip": (
        Trouble("event stream cut", _cut_events),
        Trouble("token lost (403)", _lose_token, ng.CallRestored),
        Trouble("node restarted", _restart, ng.CallRestored),
    ),
    "janus": (
        Trouble("socket cut, session kept by the server", _cut_socket, reclaim_s=RECLAIM_S),
        Trouble("socket cut, session forgotten by the server", _cut_socket, ng.CallRestored),
        Trouble("Janus restarted", _restart, ng.CallRestored),
    ),
}


async def measure(kind: Kind, folder: Path, certificates: Certificates, pulse: Pulse) -> list[Gap]:
    """Each trouble in a call of its own."""
    gaps = []
    for trouble in TROUBLES[kind]:
        async with (
            meeting(kind, certificates, trouble.reclaim_s) as there,
            Engine(folder / kind, certificates.ca, there.host, pulse) as engine,
        ):
            gaps.append(await _suffered(trouble, there, engine))
            await engine.leave(there)
        print(f"  {kind}, {trouble.name}: {gaps[-1].seconds_without_sound:.2f} s", flush=True)
    return gaps


async def _suffered(trouble: Trouble, there: Meeting, engine: Engine) -> Gap:
    await engine.heard_ms(await engine.join(there))
    await asyncio.sleep(SETTLE_S)
    engine.events.clear()
    began = time.time() * 1000
    away_s = await trouble.happens(there)
    if trouble.mended_by is not None:
        await engine.told(trouble.mended_by)
    await asyncio.sleep(WATCHED_S)
    ended = time.time() * 1000

    async def hears() -> bool:
        return engine.lines()[-1].heard_ms > ended

    await until(hears)
    silent_ms = sum(end - max(since, began) for since, end in engine.silences() if end > began)
    return Gap(there.service, trouble.name, round(silent_ms / 1000, 2), round(away_s, 2))


def show(gaps: Sequence[Gap]) -> None:
    """Print a table."""
    print(f"{'service':<9}{'trouble':<46}{'s without sound':>16}{'server away':>13}")
    for gap in gaps:
        away = f"{gap.of_these_server_away_s:.1f}" if gap.of_these_server_away_s else ""
        print(f"{gap.service:<9}{gap.trouble:<46}{gap.seconds_without_sound:>16.2f}{away:>13}")
