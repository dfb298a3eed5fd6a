"""Keeps processes running as systemd would on a kit or a server: start, log, restart, give up, end.

Each process leads a group of its own, so that ending it ends what it started and nothing else. A process
whose supervisor is killed gets SIGTERM from the kernel and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

LOG_LINES = 12


class Service(Struct, frozen=True, kw_only=True):
    """One process. ``env`` is added to this process's own; all of a ``stage`` end together, highest first."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = {}
    stage: int = 0


class Limits(Struct, frozen=True, kw_only=True):
    """How patient the supervisor is; the words of systemd.service are in parentheses."""

    restart_delay_s: float = 0.1
    """RestartSec"""
    burst: int = 6
    """StartLimitBurst: more starts than this within ``interval_s`` and the service has failed."""
    interval_s: float = 30.0
    """StartLimitIntervalSec"""
    stop_s: float = 4.0
    """TimeoutStopSec: SIGKILL when SIGTERM has not ended it by then."""


class Start(Struct, frozen=True):
    """One start of a service; ``at`` is unix time in seconds."""

    pid: int
    at: float


class ServiceFailed(Exception):  # noqa: N818 - it names what happened
    """A service did not start, kept dying or did not become ready; ``log`` holds its last lines."""

    def __init__(self, name: str, why: str, log: str) -> None:
        super().__init__(f"{name} {why}")
        self.name = name
        self.why = why
        self.log = log


class _Kept:
    """A service and what became of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.starts: list[Start] = []
        self.process: asyncio.subprocess.Process | None = None
        self.failure: str | None = None
        self.stopping = False
        self.keeper: asyncio.Task[None] | None = None


class Supervisor:
    """Runs services until :meth:`close`. One event loop; every wait has a deadline."""

    def __init__(self, log_dir: Path, limits: Limits | None = None) -> None:
        """Each service writes ``log_dir/<name>.log``, output and errors together."""
        self._log_dir = log_dir
        self._limits = limits or Limits()
        self._kept: dict[str, _Kept] = {}

    async def start(self, service: Service) -> None:
        """Start a service and keep it running; ServiceFailed when the program is not there."""
        if service.name in self._kept:
            raise ValueError(f"{service.name} runs already")
        kept = self._kept[service.name] = _Kept(service)
        try:
            await self._spawn(kept)
        except OSError as error:
            del self._kept[service.name]
            raise ServiceFailed(service.name, f"cannot be started: {error.strerror}", "") from error
        kept.keeper = asyncio.create_task(self._keep(kept), name=f"keep {service.name}")

    async def run(self, service: Service, deadline_s: float) -> None:
        """Run a program that ends by itself; ServiceFailed when it fails or takes too long."""
        kept = self._kept[service.name] = _Kept(service)
        try:
            process = await self._spawn(kept)
            code = await asyncio.wait_for(process.wait(), deadline_s)
        except TimeoutError:
            raise ServiceFailed(service.name, "took too long", self.log_tail(service.name)) from None
        except OSError as error:
            raise ServiceFailed(service.name, f"cannot be started: {error.strerror}", "") from error
        finally:
            await self._end(kept)
            del self._kept[service.name]
        if code != 0:
            raise ServiceFailed(service.name, _how_it_ended(code), self.log_tail(service.name))

    def pid(self, name: str) -> int | None:
        """Process id, or None while it is down, and when it was never started or is stopped."""
        process = self._kept[name].process if name in self._kept else None
        return process.pid if process is not None and process.returncode is None else None

    def starts(self, name: str) -> list[Start]:
        """Every start of a service so far."""
        return list(self._kept[name].starts)

    def names(self) -> list[str]:
        """Return what runs, in the order of starting."""
        return list(self._kept)

    def check(self, names: Iterable[str] | None = None) -> None:
        """Raise ServiceFailed for the first of ``names`` (default: all) that was given up."""
        for name in self._kept if names is None else names:
            failure = self._kept[name].failure
            if failure is not None:
                raise ServiceFailed(name, failure, self.log_tail(name))

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process itself, not to its group; ProcessLookupError while it is down."""
        pid = self.pid(name)
        if pid is None:
            raise ProcessLookupError(name)
        os.kill(pid, number)

    async def stop(self, name: str) -> Service:
        """End one service: SIGTERM, SIGKILL after the deadline. Return it, to be started again if wanted."""
        kept = self._kept[name]
        await self._end(kept)
        del self._kept[name]
        return kept.service

    async def close(self) -> None:
        """End everything that was started, stage by stage from the highest."""
        for stage in sorted({kept.service.stage for kept in self._kept.values()}, reverse=True):
            names = [name for name, kept in self._kept.items() if kept.service.stage == stage]
            await asyncio.gather(*(self.stop(name) for name in names))

    def log_tail(self, name: str) -> str:
        """Return the last lines of a service's log."""
        with contextlib.suppress(OSError), self._log(name).open(errors="replace") as log:
            return "".join(deque(log, LOG_LINES)).rstrip()
        return ""

    async def _spawn(self, kept: _Kept) -> asyncio.subprocess.Process:
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with self._log(kept.service.name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *_dying_with_us(kept.service.argv),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **kept.service.env},
                start_new_session=True,
            )
        kept.process = process
        kept.starts.append(Start(process.pid, time.time()))
        return process

    async def _keep(self, kept: _Kept) -> None:
        """Restart the service when it ends, whatever its exit code, until it is stopped or given up."""
        while kept.process is not None:
            code = await kept.process.wait()
            _signal_group(kept.process.pid, signal.SIGKILL)
            if kept.stopping:
                return
            since = time.time() - self._limits.interval_s
            if sum(start.at > since for start in kept.starts) >= self._limits.burst:
                kept.failure = f"keeps ending ({_how_it_ended(code)})"
                return
            await asyncio.sleep(self._limits.restart_delay_s)
            try:
                await self._spawn(kept)
            except OSError as error:
                kept.failure = f"cannot be started: {error.strerror}"
                return

    async def _end(self, kept: _Kept) -> None:
        kept.stopping = True
        process = kept.process
        if process is not None and process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), self._limits.stop_s)
            except TimeoutError:
                _signal_group(process.pid, signal.SIGKILL)
                await process.wait()
            _signal_group(process.pid, signal.SIGKILL)
        if kept.keeper is not None:
            kept.keeper.cancel()
            await asyncio.gather(kept.keeper, return_exceptions=True)
            if kept.process is not process:
                await self._end(kept)

    def _log(self, name: str) -> Path:
        return self._log_dir / f"{name}.log"


def _dying_with_us(argv: tuple[str, ...]) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM", "--", *argv) if setpriv else argv


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
