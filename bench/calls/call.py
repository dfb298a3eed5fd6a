"""One call between two peers through the relay."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import NamedTuple

import msgspec

from bench.calls.conditions import Condition
from bench.calls.peer import Cost, Peer, Report
from bench.calls.relay import Account, Order

WARM_UP_S = 10.0
_CANDIDATE = re.compile(r"^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host", re.IGNORECASE)


class Outcome(NamedTuple):
    """What both sides noted, and what the relay saw."""

    near: Report
    far: Report
    account: Account
    cost: Cost
    """Of the near side: CPU seconds of the counted time, and what it held at its end."""


async def hold(
    near: Peer, far: Peer, condition: Condition, seed: int, seconds: float, warm_up: float
) -> Outcome:
    """Let the near side call the far one; both are closed afterwards."""
    relay = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.calls.relay",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await asyncio.gather(near.start(), far.start())
        await _connect(near, far, relay, Order(condition, seed))
        await asyncio.sleep(warm_up)
        await asyncio.gather(near.mark(), far.mark(), _tell(relay, b"start\n"))
        before = await asyncio.to_thread(near.cost)
        await asyncio.sleep(seconds)
        after = await asyncio.to_thread(near.cost)
        heard_near, heard_far = await asyncio.gather(near.collect(), far.collect())
    finally:
        await asyncio.gather(near.close(), far.close())
        assert relay.stdin is not None
        relay.stdin.close()
        account = await _line(relay)
        await relay.wait()
    cost = Cost(after.cpu_seconds - before.cpu_seconds, after.rss_mb)
    return Outcome(heard_near, heard_far, msgspec.json.decode(account, type=Account), cost)


async def _connect(near: Peer, far: Peer, relay: asyncio.subprocess.Process, order: Order) -> None:
    await _tell(relay, msgspec.json.encode(order) + b"\n")
    near_face, far_face = msgspec.json.decode(await _line(relay), type=tuple[int, int])
    offer = await near.offer("call")
    answer = await far.answer("call", _through(offer, far_face))
    await _tell(relay, msgspec.json.encode((_port(offer), _port(answer))) + b"\n")
    await near.accept("call", _through(answer, near_face))


async def _tell(relay: asyncio.subprocess.Process, line: bytes) -> None:
    assert relay.stdin is not None
    relay.stdin.write(line)
    await relay.stdin.drain()


async def _line(relay: asyncio.subprocess.Process) -> bytes:
    assert relay.stdout is not None
    return await asyncio.wait_for(relay.stdout.readline(), 10)


def _port(sdp: str) -> int:
    return next(int(found[1]) for line in sdp.splitlines() if (found := _CANDIDATE.match(line)))


def _through(sdp: str, port: int) -> str:
    """Leave one candidate, and let it be the relay."""
    lines = []
    for line in sdp.splitlines():
        found = _CANDIDATE.match(line)
        if found:
            lines.append(line.replace(f"127.0.0.1 {found[1]} typ", f"127.0.0.1 {port} typ"))
        elif not line.startswith("a=candidate"):
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"
