"""Screens to draw on: the user's own, or virtual ones, and pictures of what they show."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from enum import StrEnum
from pathlib import Path

from msgspec import Struct
from PIL import Image, ImageGrab

from demo.supervisor import Service

SIZE = (1280, 800)
_REACT_S = 0.3
"""A kiosk has drawn what it was told by then, on a machine that is not too busy."""
_LOOKS, _LOOK_S = 4, 0.15
_XDOTOOL_S = 10.0
_FIRST_DISPLAY, _DISPLAYS = 100, 800
_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108 - where X servers put them


class ScreenChoice(StrEnum):
    """Where the visiting kit's kiosk is shown; the other kits' are always virtual."""

    AUTO = "auto"
    VIRTUAL = "virtual"
    WINDOW = "window"


class NoScreen(Exception):  # noqa: N818 - it names what is missing
    """A window is wanted, and there is no display to open it on, or none was opened."""


class Screen(Struct, frozen=True, kw_only=True):
    """One kit's screen. On a virtual one the kiosk fills it; on the user's it is a window."""

    display: str
    """``:91``"""
    virtual: bool
    size: tuple[int, int] = SIZE

    def service(self, kit_id: str) -> Service:
        """The X server of a virtual screen; reachable through its socket only."""
        width, height = self.size
        argv = ("Xvfb", self.display, "-screen", "0", f"{width}x{height}x24", "-nolisten", "tcp", "-noreset")
        return Service(name=f"{kit_id}-display", argv=argv)

    @property
    def socket(self) -> Path:
        """Where a virtual screen's X server listens."""
        return _SOCKETS / f"X{self.display.removeprefix(':')}"

    @property
    def env(self) -> dict[str, str]:
        """Environment for programs that draw on it; SDL takes X11 and nothing else."""
        return {"DISPLAY": self.display, "SDL_VIDEODRIVER": "x11"}

    async def origin(self, pid: int | None) -> tuple[int, int]:
        """Return the upper left of the kiosk of process ``pid`` on its display; NoScreen without a window."""
        if self.virtual:
            return 0, 0
        windows = (await self.xdotool("search", "--onlyvisible", "--pid", str(pid or 0))).split()
        if not windows:
            raise NoScreen
        where = await self.xdotool("getwindowgeometry", "--shell", windows[-1])
        numbers = dict(re.findall(r"^(\w+)=(-?\d+)$", where, re.MULTILINE))
        return int(numbers["X"]), int(numbers["Y"])

    async def picture(self, pid: int | None) -> Image.Image:
        """Return what the kiosk shows once it holds still, or after a moment where it never does."""
        left, top = await self.origin(pid)
        box = (left, top, left + self.size[0], top + self.size[1])
        await asyncio.sleep(_REACT_S)
        before = await self._grab(box)
        for _ in range(_LOOKS):
            await asyncio.sleep(_LOOK_S)
            now = await self._grab(box)
            if now.tobytes() == before.tobytes():
                break
            before = now
        return before

    async def xdotool(self, *words: str) -> str:
        """Run one xdotool command on this display; TimeoutError when the display does not answer."""
        process = await asyncio.create_subprocess_exec(
            *("xdotool", *words),
            env={**os.environ, **self.env},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            out, _ = await asyncio.wait_for(process.communicate(), _XDOTOOL_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise
        return out.decode()

    async def _grab(self, box: tuple[int, int, int, int]) -> Image.Image:
        return (await asyncio.to_thread(ImageGrab.grab, xdisplay=self.display)).crop(box)


def choose(choice: ScreenChoice, kit_ids: tuple[str, ...]) -> dict[str, Screen]:
    """Give each kit a screen: the first the user's own, if there is one and it is wanted.

    NoScreen when a window is demanded without a display.
    """
    own = os.environ.get("DISPLAY", "")
    if choice is ScreenChoice.WINDOW and not own:
        raise NoScreen
    window = bool(own) and choice is not ScreenChoice.VIRTUAL
    displays = iter(_free_displays(len(kit_ids)))
    screens = {kit_id: Screen(display=next(displays), virtual=True) for kit_id in kit_ids}
    if window:
        screens[kit_ids[0]] = Screen(display=own, virtual=False)
    return screens


def _free_displays(count: int) -> list[str]:
    """Look from a number of our own upwards, so that two demos that start at once take different ones."""
    start = os.getpid() % _DISPLAYS
    numbers = (_FIRST_DISPLAY + (start + step) % _DISPLAYS for step in range(_DISPLAYS))
    return [f":{number}" for number in itertools.islice(filter(_free, numbers), count)]


def _free(number: int) -> bool:
    lock = Path(f"/tmp/.X{number}-lock")  # noqa: S108 - the X server's own name for it
    return not lock.exists() and not (_SOCKETS / f"X{number}").exists()
