"""Is it up yet? Probes of what a newly started server promises, and the wait for them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from demo.ports import LOOPBACK
from demo.supervisor import ServiceFailed, Supervisor

Probe = Callable[[], Awaitable[bool]]
POLL_S = 0.1


class TooLate(Exception):  # noqa: N818 - it names what happened
    """Something did not happen before its deadline."""


async def until(probe: Probe, deadline_s: float, what: str) -> float:
    """Wait until the probe says yes; return the seconds it took. TooLate names ``what``."""
    began = time.monotonic()
    while not await probe():
        if time.monotonic() - began > deadline_s:
            raise TooLate(f"{what}: not within {deadline_s:g} s")
        await asyncio.sleep(POLL_S)
    return time.monotonic() - began


async def service_ready(supervisor: Supervisor, name: str, probe: Probe, deadline_s: float) -> float:
    """Wait for a service's probe; ServiceFailed when it is given up or too late, with the end of its log."""

    async def ready() -> bool:
        supervisor.check((name,))
        return supervisor.pid(name) is not None and await probe()

    try:
        return await until(ready, deadline_s, name)
    except TooLate:
        why = f"was not ready within {deadline_s:g} s"
        raise ServiceFailed(name, why, supervisor.log_tail(name)) from None


def port_open(port: int) -> Probe:
    """Probe whether something accepts connections at a TCP port of this machine."""

    async def probe() -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return True
        return False

    return probe


def socket_open(path: Path) -> Probe:
    """Probe whether something accepts connections at a Unix stream socket."""

    async def probe() -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            return True
        return False

    return probe


def answers(url: str) -> Probe:
    """Probe whether an HTTP server answers a GET with success or a redirection."""

    async def probe() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                return (await client.get(url)).status_code < 400
        return False

    return probe


def exists(path: Path) -> Probe:
    """Probe whether a file is there and has content."""

    async def probe() -> bool:
        return _has_content(path)

    return probe


def _has_content(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return path.stat().st_size > 0
    return False
