"""The kit's side of the fleet: what the agent uses to report, and to hear what the fleet decides."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

from fleet.contract import Body, Case, Desired
from kit.config import KitConfig
from kit.health.counters import Counters
from kit.health.words import News, Seen, Status
from kit.hw.readings import Readings
from kit.ipc.state import FaultCategory

Goodbye = Literal["shutdown", "restart", "update", "battery_empty"]


class Reporter:
    """Health each ``config.health_interval_s`` and when something changed; faults and summaries at once."""

    def __init__(
        self,
        config: KitConfig,
        look: Callable[[], Seen],
        *,
        root: Path = Path("/"),
        wall: Callable[[], float] = time.time,
    ) -> None:
        """``look`` tells what only the agent knows; ``root`` is where /sys and /proc are; ``wall`` unix s."""
        self.counters = Counters()
        self.status = Status()
        self.readings = Readings()
        self.desired: Desired | None = None
        """The newest that the fleet sent; kept over restarts, except for its meetings (links and PINs)."""
        self.case: Case | None = None
        self.goodbye: Goodbye = "shutdown"
        """What the fleet is told when :meth:`run` is cancelled."""

    async def open(self) -> None:
        """Read what was kept: the outbox, ``desired`` and ``case``; look at the machine once."""
        raise NotImplementedError

    async def run(self) -> None:
        """Sample, send and listen until cancelled; then say goodbye. Opens first if that is not done."""
        raise NotImplementedError

    async def news(self) -> AsyncIterator[News]:
        """The latest of each kind whenever it changed, first what is known already. For one reader."""
        raise NotImplementedError
        yield

    def changed(self) -> None:
        """``look`` tells something that the fleet should know soon."""
        raise NotImplementedError

    def retry_now(self) -> None:
        """The network has changed: try the broker again at once."""
        raise NotImplementedError

    async def report(self, body: Body) -> bool:
        """Keep a report, and send it as soon as there is a way. Returns when it is kept.

        False when the contract refuses it: counted, told in ``status``, and not tried again.
        """
        raise NotImplementedError

    async def report_fault(self, category: FaultCategory, text: str = "") -> str:
        """Report a fault from the kiosk with the latest health as its facts; returns its ``local_id``."""
        raise NotImplementedError
