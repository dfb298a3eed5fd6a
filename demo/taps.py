"""A finger on a kit's screen: real pointer events at the places that the screen says can be touched.

The screen writes its touch targets to a file whenever they change; a tap waits until its target is there and
enabled, and fails after a deadline with what was there instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from demo.ready import until
from demo.screens import Screen

DEADLINE_S = 10.0
_PRESS_S = 0.05
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
        began = time.monotonic()
        while (target := self.sees(target_id)) is None:
            if time.monotonic() - began > deadline_s:
                raise NoTarget(
                    f"{target_id} cannot be touched within {deadline_s:g} s; {self._what_is_there()}"
                )
            await asyncio.sleep(0.03)
        return target

    async def gone(self, target_id: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until a target can no longer be touched; TooLate after the deadline."""

        async def vanished() -> bool:
            return self.sees(target_id) is None

        await until(vanished, deadline_s, f"{target_id} going away")

    async def reads(self, target_id: str, words: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until a target says something: the screen has drawn what led to it. TooLate after that."""

        async def said() -> bool:
            target = self.sees(target_id)
            return target is not None and words in target.text

        await until(said, deadline_s, f"{target_id} saying {words}")

    async def tap(self, target_id: str, deadline_s: float = DEADLINE_S) -> float:
        """Touch a target as soon as it can be touched; return the unix time at which the finger left."""
        target = await self.wait_for(target_id, deadline_s)
        left, top = await self._screen.origin(self._screen_pid())
        x, y = target.middle
        at = str(left + x), str(top + y)
        # SDL drops a click that comes without a movement before it.
        await self._screen.xdotool("mousemove", str(left + x - 1), at[1], "mousemove", *at, "mousedown", "1")
        await asyncio.sleep(_PRESS_S)
        lifted = time.time()
        await self._screen.xdotool("mouseup", "1")
        return lifted

    async def type(self, text: str) -> None:
        """Touch the keys of the keyboard on the screen."""
        for sign in text:
            await self.tap(f"key.{'space' if sign == ' ' else sign}")

    def _what_is_there(self) -> str:
        """Name what can be touched, and in parentheses what is off; keys are too many to name."""
        named = (target for target in read_targets(self._targets) if not target.id.startswith("key."))
        words = [target.id if target.enabled else f"({target.id})" for target in named]
        return f"there is: {', '.join(words) or 'nothing'}"
