"""Does a long call grow? The kit in a call with Chromium at 2 % loss; `make bench-soak MINUTES=60`.

The memory that the kit's processes share with nobody is sampled every five seconds, from a minute into the
call on (less in a short one), beside the same of the Chromium that it calls. The slope is the median of the
slopes between all pairs of samples (Theil–Sen), so that one busy moment does not tilt it. In the end the call
must still be one.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import sys
import time
from typing import NamedTuple

import msgspec
from playwright.async_api import Error as BrowserError

import bench
from bench import Figure
from bench.calls.call import connect
from bench.calls.chromium import ChromiumPeer
from bench.calls.conditions import Condition
from bench.calls.network import Network
from bench.calls.peer import Cost, KitPeer, Peer
from bench.calls.relay import Order

MINUTES, QUICK_MINUTES = 60.0, 3.0
SAMPLE_S, SETTLE_S, PROOF_S = 5.0, 60.0, 5.0
CONDITION = Condition(name="soak", loss=0.02)
NOT_ANSWERED = (TimeoutError, msgspec.DecodeError, BrowserError, ConnectionError)
_PAIRED = 400
"""At most as many samples are paired with each other."""


class Sample(NamedTuple):
    """What both held at a moment of the call."""

    minutes: float
    kit: Cost
    chromium: Cost


def main() -> int:
    """Hold the call; ends with 1 when it was none any more at the end."""
    default = QUICK_MINUTES if os.environ.get("QUICK") else MINUTES
    try:
        minutes = float(os.environ.get("MINUTES") or default)
    except ValueError:
        minutes = 0.0
    if not 1 <= minutes <= 24 * 60:
        print(f"MINUTES: not a number from 1 to {24 * 60}: {os.environ.get('MINUTES')!r}")
        return 2
    load = os.getloadavg()[0]
    samples, frames = asyncio.run(_soak(60 * minutes))
    bench.write("soak", figures(samples), load)
    alive = all(count > 0 for count in frames)
    if not alive:
        print(
            f"no call any more after {minutes:g} min: pictures in {PROOF_S:g} s, kit and Chromium: {frames}"
        )
    return 0 if alive else 1


def figures(samples: list[Sample]) -> list[Figure]:
    """Work out what grew."""
    first, last = samples[0], samples[-1]
    passed = 60 * (last.minutes - first.minutes)
    used = (
        (last.kit.cpu_seconds - first.kit.cpu_seconds) / passed,
        (last.chromium.cpu_seconds - first.chromium.cpu_seconds) / passed,
    )
    times = [sample.minutes / 60 for sample in samples]
    own = ([s.kit.own_mb for s in samples], [s.chromium.own_mb for s in samples])
    slopes, peaks = [slope(times, one) for one in own], [max(one) for one in own]
    rows = (
        (f"growth of memory over {passed / 60:.0f} min", "MB per hour", slopes),
        ("most memory of its own", "MB", peaks),
        ("cpu of a call, both ways", "s/s", used),
    )
    return [
        Figure(what=what, value=ours, unit=unit, better="less", peer="Chromium", peer_value=theirs)
        for what, unit, (ours, theirs) in rows
    ]


def slope(times: list[float], values: list[float]) -> float:
    """Median slope between all pairs of at most ``_PAIRED`` evenly chosen samples."""
    step = max(1, len(times) // _PAIRED)
    points = list(zip(times, values, strict=True))[::step]
    return statistics.median(
        (b - a) / (at - since) for (since, a), (at, b) in itertools.combinations(points, 2)
    )


async def _soak(seconds: float) -> tuple[list[Sample], tuple[int, int]]:
    near: Peer = KitPeer("H264")
    far: Peer = ChromiumPeer("H264")
    network = Network(Order(CONDITION, 1))
    await network.open()
    try:
        await asyncio.gather(near.start(), far.start())
        await connect(near, far, network)
        await asyncio.sleep(min(SETTLE_S, seconds / 4))
        samples = await _sampled(near, far, seconds)
        frames = await asyncio.gather(_pictures(near), _pictures(far))
    finally:
        await asyncio.gather(near.close(), far.close())
        await network.close()
    return samples, frames


async def _pictures(peer: Peer) -> int:
    """How many come in :data:`PROOF_S`; 0 also when a peer does not answer: the samples are kept."""
    try:
        await peer.mark()
        await asyncio.sleep(PROOF_S)
        return len((await peer.collect()).pictures)
    except NOT_ANSWERED as error:
        print(f"\n  {type(peer).__name__}: {type(error).__name__} {error}")
        return 0


async def _sampled(near: Peer, far: Peer, seconds: float) -> list[Sample]:
    begun = time.monotonic()
    samples: list[Sample] = []
    for number in itertools.count():
        await asyncio.sleep(max(0.0, begun + number * SAMPLE_S - time.monotonic()))
        passed = time.monotonic() - begun
        if passed >= seconds and len(samples) > 1:
            return samples
        kit, chromium = await asyncio.to_thread(near.cost), await asyncio.to_thread(far.cost)
        samples.append(Sample(passed / 60, kit, chromium))
        if number % round(60 / SAMPLE_S) == 0:
            left = (seconds - passed) / 60
            print(
                f"\n  kit {kit.own_mb:.1f} of {kit.rss_mb:.0f} MB, Chromium {chromium.own_mb:.0f} MB,"
                f" {left:.0f} min left",
                end=" ",
                flush=True,
            )
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main())
