"""What a room's server said that did not fit its type: counted, and told in one a little later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kit.meeting.room import Misread

TELL_S = 1.0


class Misfits:
    """The count of one room."""

    def __init__(self, emit: Callable[[Misread], None]) -> None:
        """``emit`` is called in the event loop, at most once in :data:`TELL_S`."""
        self._emit = emit
        self._told = 0
        self._due: asyncio.TimerHandle | None = None
        self.count = 0

    def add(self) -> None:
        """One more."""
        self.count += 1
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(TELL_S, self._tell)

    def _tell(self) -> None:
        self._due = None
        new, self._told = self.count - self._told, self.count
        self._emit(Misread(new))
