"""What the kit does to sound before it is sent, beside the same path with nothing done to it.

The room is synthetic (60 ms away, two voices, the loudspeaker not quite linear); the card is PulseAudio's
null sink. `SECONDS` is how long the way through the card is measured.
"""

import asyncio
import functools
import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from bench import Figure, write
from bench.sounds import room as rooms
from bench.sounds.path import Measured, measure, null_sink
from bench.sounds.room import Room
from kit.media.echo import Processing, Untouched, WebRtcProcessing

SECONDS = float(os.environ.get("SECONDS", "10"))
_CAPTURE_S = 0.02


class Cleaned(NamedTuple):
    """What came out of the room."""

    first_db: float
    """Echo return loss enhancement in seconds 2 to 4."""
    learned_db: float
    """In seconds 8 to 12."""
    near_db: float
    cpu_s_per_s: float


def clean(room: Room, processing: Processing, told_s: float = rooms.DELAY_S) -> Cleaned:
    """Send the room through; ``told_s`` is what the cards claim for the delay."""
    pairs = list(zip(rooms.blocks(room.far), rooms.blocks(room.microphone), strict=True))
    output = []
    begun = time.thread_time()
    for far, microphone in pairs:
        processing.played(far, max(told_s - _CAPTURE_S, 0))
        output.append(processing.clean(microphone, min(told_s, _CAPTURE_S)))
    spent = time.thread_time() - begun
    sound = np.concatenate(output)
    first, learned = rooms.erle_db(room, sound, 2, 4), rooms.erle_db(room, sound, 8, 12)
    return Cleaned(first, learned, rooms.near_db(room, sound), spent / (len(pairs) * 0.02))


def figures_of_the_room(room: Room) -> list[Figure]:
    """Echo, both voices at once, and cost."""
    before = psutil.Process().memory_info().rss
    kit = clean(room, WebRtcProcessing(gain=False))
    grown_mb = (psutil.Process().memory_info().rss - before) / 1e6
    untold = clean(room, WebRtcProcessing(gain=False), told_s=0)
    plain = clean(room, Untouched())
    beside = functools.partial(Figure, peer="passthrough")
    more = functools.partial(beside, unit="dB", better="more")
    return [
        more(what="echo weaker by, seconds 2-4", value=kit.first_db, peer_value=plain.first_db),
        more(what="echo weaker by, seconds 8-12", value=kit.learned_db, peer_value=plain.learned_db),
        Figure(
            what="echo weaker by, seconds 2-4, by the cards' delay",
            value=kit.first_db,
            unit="dB",
            better="more",
            peer="delay unknown",
            peer_value=untold.first_db,
        ),
        beside(
            what="speech lost while both talk",
            value=max(-kit.near_db, 0.0),
            unit="dB",
            better="less",
            peer_value=max(-plain.near_db, 0.0),
        ),
        beside(
            what="processing alone",
            value=kit.cpu_s_per_s,
            unit="CPU s/s",
            better="less",
            peer_value=plain.cpu_s_per_s,
        ),
        Figure(what="memory of the library", value=grown_mb, unit="MB", better="less"),
    ]


def figures_of_the_path(kit: Measured, plain: Measured) -> list[Figure]:
    """Latency over a card, and what the process spends."""
    beside = functools.partial(Figure, better="less", peer="passthrough")
    return [
        beside(
            what="speaker to microphone, median",
            value=kit.latency_ms,
            unit="ms",
            peer_value=plain.latency_ms,
        ),
        beside(
            what="of which untold by the cards",
            value=abs(kit.untold_ms),
            unit="ms",
            peer_value=abs(plain.untold_ms),
        ),
        beside(
            what="speaker and microphone open",
            value=kit.cpu_s_per_s,
            unit="CPU s/s",
            peer_value=plain.cpu_s_per_s,
        ),
        beside(what="xruns", value=kit.xruns, unit="times", peer_value=plain.xruns),
    ]


def main() -> None:
    """Measure and leave the figures in build/bench/sound.json."""
    load = os.getloadavg()[0]
    room_figures = figures_of_the_room(rooms.make())
    with tempfile.TemporaryDirectory() as folder, null_sink(Path(folder)):
        plain = asyncio.run(measure("off", SECONDS))
        kit = asyncio.run(measure("on", SECONDS))
    write("sound", [*room_figures, *figures_of_the_path(kit, plain)], load)


if __name__ == "__main__":
    main()
