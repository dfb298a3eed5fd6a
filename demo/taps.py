"""A finger on a kit's screen: real pointer events at the places that the screen says can be touched.

The screen writes its touch targets to a file whenever they change; a tap waits until its target is there and
enabled, and fails after a deadline with what was there instead.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from demo.ready import TooLate, until
from demo.screens import Screen

DEADLINE_S = 10.0
_PRESS_S = 0.06
"""How long a finger stays on the glass."""


class Target(Struct, frozen=True, kw_only=True):
    """Something that can be touched. ``rect`` is x, y, width, height in pixels from the upper left."""

    id: str
    text: str = ""
    rect: tuple[float, float, float, float]
    enabled: bool = True

    @property
    def middle(self) -> tuple[int, int]:
        """Where to touch it."""
        x, y, width, height = self.rect
        return round(x + width / 2), round(y + height / 2)


class NoTarget(Exception):  # noqa: N818 - it names what is missing
    """What was to be touched did not appear in time; the text lists what was there."""


def read_targets(path: Path) -> list[Target]:
    """Return what can be touched now; nothing while the screen is down or has not drawn yet."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Target])
    except (FileNotFoundError, msgspec.DecodeError):
        return []


class Finger:
    """Touches one kit's screen."""

    def __init__(self, screen: Screen, targets: Path, screen_pid: Callable[[], int | None]) -> None:
        """``screen_pid`` finds the kiosk's window on a display that it shares with others."""
        self._screen = screen
        self._targets = targets
        self._screen_pid = screen_pid

    def sees(self, target_id: str) -> Target | None:
        """Return the target if it can be touched now."""
        found = (target for target in read_targets(self._targets) if target.id == target_id)
        return next((target for target in found if target.enabled), None)

    async def wait_for(self, target_id: str, deadline_s: float = DEADLINE_S) -> Target:
        """Wait until a target can be touched; NoTarget after the deadline."""

        async def there() -> bool:
            return self.sees(target_id) is not None

        try:
            await until(there, deadline_s, target_id)
        except TooLate:
            here = ", ".join(sorted(target.id for target in read_targets(self._targets) if target.enabled))
            raise NoTarget(
                f"{target_id} cannot be touched within {deadline_s:g} s; there is: {here}"
            ) from None
        target = self.sees(target_id)
        return target if target is not None else await self.wait_for(target_id, deadline_s)

    async def tap(self, target_id: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until the target holds still where it can be touched, and touch it."""
        target = await self.wait_for(target_id, deadline_s)
        left, top = await self._origin()
        x, y = target.middle
        at = str(left + x), str(top + y)
        # SDL drops a click that comes without a movement before it.
        await self._xdotool("mousemove", str(left + x - 1), at[1], "mousemove", *at, "mousedown", "1")
        await asyncio.sleep(_PRESS_S)
        await self._xdotool("mouseup", "1")

    async def tap_until(self, target_id: str, gone: str | None = None, *, then: str) -> None:
        """Tap once and wait until ``then`` can be touched (and ``gone`` no longer can)."""
        await self.tap(target_id)
        await self.wait_for(then)
        if gone is not None:

            async def vanished() -> bool:
                return self.sees(gone) is None

            await until(vanished, DEADLINE_S, f"{gone} going away")

    async def _origin(self) -> tuple[int, int]:
        """Upper left of the kiosk on its display."""
        if self._screen.virtual:
            return 0, 0
        found = await self._xdotool("search", "--onlyvisible", "--pid", str(self._screen_pid() or 0))
        where = await self._xdotool(
            "getwindowgeometry", "--shell", found.split()[-1] if found.split() else "0"
        )
        numbers = {name: int(value) for name, value in re.findall(r"^(\w+)=(-?\d+)$", where, re.MULTILINE)}
        return numbers.get("X", 0), numbers.get("Y", 0)

    async def _xdotool(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *("xdotool", *words), env={**_environment(), **self._screen.env}, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        return out.decode()


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)
