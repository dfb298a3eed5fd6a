"""Chromium's process: started in its name space, and ended with everything that it started."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.portal import confinement
from kit.portal.confinement import Opened
from kit.portal.pipe import Event, Pipe, PipeClosed

WINDOW_CLASS: Final = "hembesok-portal"
"""What the window keeper knows the browser's windows by."""
ASK_S: Final = 1.5
END_S: Final = 3.0
_ABOVE: Final = 16
"""Descriptors are moved up here, so that none lies where the browser wants its own."""
_SWITCHES: Final = (
    "--remote-debugging-pipe",
    "--kiosk",
    f"--class={WINDOW_CLASS}",
    "--ozone-platform=x11",
    "--password-store=basic",
    "--lang=sv",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-gpu-shader-disk-cache",
    "--disable-sync",
    "--disk-cache-dir=/dev/null",
    "--hide-crash-restore-bubble",
    "--overscroll-history-navigation=0",
    "--pull-to-refresh=0",
)


class NoBrowser(Exception):  # noqa: N818 - it names what is missing
    """Chromium or what shuts it in is not installed, or cannot be started."""


class Launch(Struct, frozen=True, kw_only=True):
    """One start. ``switches`` are further ones: a camera of software, names of the tests' hosts."""

    address: str
    policy: bytes
    display: str
    switches: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say nothing: the address names the meeting."""
        return "Launch(…)"


class Browser:
    """A running Chromium. ``gone`` is called once, in the loop, when it ended without being told to."""

    def __init__(self, hear: Callable[[Event], None], gone: Callable[[], None]) -> None:
        """``hear`` gets what the browser tells by itself."""
        self.pipe = Pipe(hear, self._pipe_closed)
        self.pid: int | None = None
        self._gone = gone
        self._pidfd = -1
        self._ended = asyncio.Event()
        self._told = False

    async def start(self, launch: Launch, env: Mapping[str, str]) -> None:
        """Start it; NoBrowser when that is not possible."""
        program = shutil.which("choom")
        if program is None or shutil.which("bwrap") is None or not await _exists(confinement.PROGRAM):
            raise NoBrowser
        authority = await asyncio.to_thread(_authority, env)
        with contextlib.ExitStack() as ours:
            policy = _memory(ours, launch.policy)
            commands_far, commands = _pipe(ours)
            events, events_far = _pipe(ours)
            inherited = {3: commands_far, 4: events_far, 5: policy}
            if authority is not None:
                inherited[6] = _memory(ours, authority)
            opened = Opened(policy=5, authority=6 if authority is not None else None)
            switches = (*_SWITCHES, *launch.switches, f"--app={launch.address}")
            words = confinement.command(launch.display, opened, env, switches)
            self._spawn(program, words, env, inherited)
            await self.pipe.open(os.dup(commands), os.dup(events))

    async def end(self) -> None:
        """End it: asked first, so that the page can leave its meeting; then killed."""
        self._told = True
        if self.pid is None:
            return
        if not self._ended.is_set():
            with contextlib.suppress(PipeClosed, TimeoutError):
                async with asyncio.timeout(ASK_S):
                    await self.pipe.ask("Browser.close")
                    await self._ended.wait()
        if not self._ended.is_set():
            os.kill(self.pid, signal.SIGKILL)
            async with asyncio.timeout(END_S):
                await self._ended.wait()
        self.pipe.close()

    def _spawn(
        self, program: str, words: list[str], env: Mapping[str, str], inherited: Mapping[int, int]
    ) -> None:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            # What Chromium writes names pages and hosts.
            (os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
            *((os.POSIX_SPAWN_DUP2, ours, theirs) for theirs, ours in inherited.items()),
        ]
        try:
            self.pid = os.posix_spawn(program, words, dict(env), file_actions=actions, setsid=True)
        except OSError:
            raise NoBrowser from None
        self._pidfd = os.pidfd_open(self.pid)
        asyncio.get_running_loop().add_reader(self._pidfd, self._reap)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid or 0, 0)
        self._ended.set()
        self._lost()

    def _pipe_closed(self) -> None:
        self._lost()

    def _lost(self) -> None:
        if not self._told:
            self._told = True
            self._gone()


async def _exists(path: str) -> bool:
    return await asyncio.to_thread(Path(path).exists)


def _authority(env: Mapping[str, str]) -> bytes | None:
    path = env.get("XAUTHORITY")
    with contextlib.suppress(OSError):
        return Path(path).read_bytes() if path else None
    return None


def _memory(ours: contextlib.ExitStack, content: bytes) -> int:
    """A descriptor that reads ``content``: a file that lies on no disk."""
    made = os.memfd_create("portal")
    os.write(made, content)
    os.lseek(made, 0, os.SEEK_SET)
    return _moved(ours, made)


def _pipe(ours: contextlib.ExitStack) -> tuple[int, int]:
    """Both ends, reading end first."""
    reading, writing = os.pipe()
    return _moved(ours, reading), _moved(ours, writing)


def _moved(ours: contextlib.ExitStack, descriptor: int) -> int:
    above = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE)
    os.close(descriptor)
    ours.callback(os.close, above)
    return above
