"""The kit's side of the fleet: what the agent uses to report, and to hear what the fleet decides."""

from __future__ import annotations

import asyncio
import importlib.metadata
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog
from msgspec import json
from msgspec.structs import replace

from fleet.contract import Body, Case, Desired, Dropped, Fault, Health, Refused, Report, encode
from kit.config import KitConfig
from kit.health import kept, sample
from kit.health.counters import Counters
from kit.health.desk import Desk
from kit.health.link import LATEST_MS, Command, Goodbye, Link
from kit.health.mailbox import Mailbox
from kit.health.timing import Timing, for_interval
from kit.health.words import News, Seen, Status
from kit.hw import readings as hw
from kit.hw.readings import Readings
from kit.ipc.network import Uplink
from kit.ipc.state import FaultCategory, NoticeKind
from kit.network import uplink

OUTBOX: Final = "outbox.db"
LOOK_EVERY_S: Final = 5.0
SETTLE_S: Final = 1.0
"""Changes that come together make one report."""
AWAY_AFTER_S: Final = 10.0
REFUSED_SHOWN_S: Final = 600.0
LONGEST_TEXT: Final = 200
_UNPRINTABLE: Final = re.compile(r"[\u0000-\u001f\u007f]+")

log = structlog.get_logger()


class Reporter:
    """Health each ``config.health_interval_s`` and when something changed; faults and summaries at once."""

    def __init__(
        self,
        config: KitConfig,
        look: Callable[[], Seen],
        *,
        root: Path = Path("/"),
        wall: Callable[[], float] = time.time,
        timing: Timing | None = None,
        known: Callable[[uplink.Link], uplink.Link] = lambda link: link,
    ) -> None:
        """``look`` tells what only the agent knows, ``known`` what it knows better of the link in use.

        ``root`` is where /sys and /proc are; ``wall`` gives unix seconds.
        """
        self.counters = Counters()
        self.status = Status()
        self.readings = Readings()
        self.desired: Desired | None = None
        """The newest that the fleet sent; kept over restarts, except for its meetings (links and PINs)."""
        self.case: Case | None = None
        self._config = config
        self._look = look
        self._known = known
        self._root = root
        self._wall = wall
        self._timing = timing or for_interval(config.health_interval_s)
        self._software = ""
        self._desk = Desk(config.state_dir / OUTBOX, self.counters.count)
        self._news: Mailbox[News] = Mailbox()
        self._changed = asyncio.Event()
        self._look_now = asyncio.Event()
        self._told: tuple[object, ...] = ()
        self._heard_version = 0
        self._away_since = 0.0
        self._opened = False
        self._link = self._make_link()

    @property
    def goodbye(self) -> Goodbye:
        """What the fleet is told when :meth:`run` is cancelled."""
        return self._link.goodbye

    @goodbye.setter
    def goodbye(self, why: Goodbye) -> None:
        self._link.goodbye = why

    async def open(self) -> None:
        """Read what was kept: the outbox, ``desired`` and ``case``; look at the machine once."""
        folder = self._config.state_dir
        await self._desk.open()
        self._software = await asyncio.to_thread(_software)
        self.desired = await asyncio.to_thread(kept.load_desired, folder)
        self.case = await asyncio.to_thread(kept.load_case, folder)
        for item in (self.desired, self.case):
            if item is not None:
                self._news.put(item)
        self._away_since = asyncio.get_running_loop().time()
        self.status = Status(since=self._wall())
        self._opened = True
        await self._read_machine()
        self._refresh()

    async def run(self) -> None:
        """Sample, send and listen until cancelled; then say goodbye. Opens first if that is not done."""
        if not self._opened:
            await self.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                for part in (self._link.run, self._sample, self._watch):
                    tasks.create_task(part(), name=f"reporter.{part.__name__}")
        finally:
            await self._desk.close()

    async def news(self) -> AsyncIterator[News]:
        """The latest of each kind whenever it changed, first what is known already. For one reader."""
        async for item in self._news:
            yield item

    def changed(self) -> None:
        """``look`` tells something that the fleet should know soon."""
        self._changed.set()

    def look_again(self) -> None:
        """Something has changed that the machine tells: look at it now."""
        self._look_now.set()

    def connect_anew(self) -> None:
        """The network has changed: leave the broker, if it still was one, and try again at once."""
        self._link.connect_anew()

    async def report(self, body: Body) -> bool:
        """Keep a report, and send it as soon as there is a way. Returns when it is kept.

        False when the contract refuses it: counted, told in ``status``, and not tried again.
        """
        at = self._wall_ms()
        accepted = self._fits(body, at)
        # The fleet is told that there was something: a report never vanishes without being counted.
        data = json.encode(body if accepted else Dropped(reason="refused_by_contract"))
        await self._desk.append(at, data, expendable=isinstance(body, Health) or not accepted)
        self._link.wake()
        self._refresh()
        return accepted

    async def report_fault(self, category: FaultCategory, text: str = "") -> str:
        """Report a fault from the kiosk with the latest health as its facts; returns its ``local_id``."""
        local_id = secrets.token_hex(16)
        await self._read_machine()
        await self.report(
            Fault(
                local_id=local_id,
                category=category.value,
                text=_UNPRINTABLE.sub(" ", text)[:LONGEST_TEXT],
                facts=self._health(),
            )
        )
        return local_id

    def _make_link(self) -> Link:
        return Link(
            self._config.kit_id,
            self._config.broker,
            self._timing,
            self._desk,
            self.counters,
            wall_ms=self._wall_ms,
            heard=self._hear,
            changed=self._refresh,
        )

    def _fits(self, body: Body, at: int) -> bool:
        try:
            encode(Report(kit=self._config.kit_id, stream="0" * 32, seq=1, at=at, body=body))
        except Refused as refused:
            log.warning("report_refused_by_contract", code=refused.code, where=refused.where)
            self._link.report_refused()
            return False
        return True

    def _health(self) -> Health:
        return sample.health(
            self.readings,
            self._look(),
            software=self._software,
            outbox_depth=self._desk.state.depth,
            refused=self.counters.snapshot(),
        )

    async def _sample(self) -> None:
        """A report each interval, and one soon after what matters has changed."""
        while True:
            health = self._health()
            self._told = sample.salient(health)
            await self.report(health)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._config.health_interval_s):
                    await self._until_changed()

    async def _until_changed(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(SETTLE_S)
            self._changed.clear()
            if sample.salient(self._health()) != self._told:
                return

    async def _watch(self) -> None:
        """Look at the machine, at the disk that refused, and at what only time changes."""
        every = min(LOOK_EVERY_S, self._config.health_interval_s)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await self._look_now.wait()
            self._look_now.clear()
            await self._read_machine()
            await self._desk.mend()
            self._refresh()

    async def _read_machine(self) -> None:
        before = self.readings
        readings = await asyncio.to_thread(hw.read, self._root, self._config.state_dir)
        self.readings = replace(readings, link=self._known(readings.link))
        if _shown(before) != _shown(self.readings):
            self._news.put(self.readings)
            self._changed.set()
        if before.link.uplink not in (Uplink.NONE, self.readings.link.uplink):
            self.connect_anew()

    async def _hear(self, command: Command) -> None:
        if isinstance(command, Case):
            changed = command != self.case
            self.case = command
        else:
            if not self._is_newer(command):
                return
            changed = True
            self.desired = command
            self._heard_version = command.version
        if changed:
            if not await asyncio.to_thread(kept.save, self._config.state_dir, command):
                self.counters.count("kept_message_not_written")
            self._news.put(command)

    def _is_newer(self, desired: Desired) -> bool:
        """The retained message comes with each connection; the same from disk lacks the meetings."""
        if desired.version < (self.desired.version if self.desired else 0):
            self.counters.count("desired_older")
            return False
        return desired.version > self._heard_version

    def _refresh(self) -> None:
        """Tell the status if it has changed."""
        now = asyncio.get_running_loop().time()
        connected = self._link.connected
        if connected or self.status.connected:
            self._away_since = now
        status = Status(
            connected=connected,
            since=self.status.since if connected == self.status.connected else self._wall(),
            pending=self._desk.state.depth,
            trouble=tuple(self._trouble(now)),
        )
        if status != self.status:
            self.status = status
            self._news.put(status)

    def _trouble(self, now: float) -> list[NoticeKind]:
        refused_at = self._link.refused_at
        holds = {
            NoticeKind.BROKER_AWAY: not self._link.connected and now - self._away_since >= AWAY_AFTER_S,
            NoticeKind.OUTBOX_FULL: self._desk.state.trouble,
            NoticeKind.REPORT_REFUSED: refused_at is not None and now - refused_at < REFUSED_SHOWN_S,
        }
        return [kind for kind, true in holds.items() if true]

    def _wall_ms(self) -> int:
        return min(LATEST_MS, max(0, round(self._wall() * 1000)))


def _shown(readings: Readings) -> tuple[object, ...]:
    """What of the readings is worth telling when it changes."""
    storage = readings.storage
    return (
        readings.battery_shown(),
        readings.link,
        readings.thermal.warmth,
        storage is not None and storage.read_only,
    )


def _software() -> str:
    try:
        return importlib.metadata.version("hembesok")
    except importlib.metadata.PackageNotFoundError:
        return "unpackaged"
