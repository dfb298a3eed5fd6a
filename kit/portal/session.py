"""A visit to a portal: opened, kept, restarted once when it falls, and ended with nothing left of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from kit.ipc.portal import PortalNotice
from kit.portal import probe
from kit.portal.browser import Browser, Launch, NoBrowser
from kit.portal.keeper import Keeper, NoDisplay, Place, Seen
from kit.portal.pipe import Event, PipeClosed, TargetInfo
from kit.portal.policy import authorities_of, managed
from kit.portal.site import Portal

APPEAR_S: Final = 30.0
"""A browser whose page is not there by then has failed."""
RETURN_S: Final = 1.5
"""A page outside the portal is left by then, or left again; :data:`RETURNS` times."""
RETURNS: Final = 3
STARTS: Final = 2
_PAGES: Final = frozenset(
    ("http", "https", "about", "blob", "data", "file", "javascript", "view-source", "chrome", "chrome-error")
)
_PROGRAMS: Final = {"tel": PortalNotice.CALL, "sms": PortalNotice.CALL, "mailto": PortalNotice.MAIL}
_NOTICES: Final = {
    Seen.NEW_WINDOW: PortalNotice.NEW_WINDOW,
    Seen.KEY: PortalNotice.KEY,
    Seen.LOCK: PortalNotice.POINTER,
}

log = structlog.get_logger()


class Failure(StrEnum):
    """Why there is no portal."""

    NOT_INSTALLED = "not_installed"
    """No Chromium, or no display of ours to show it on."""
    UNREACHABLE = "unreachable"
    NOT_GENUINE = "not_genuine"
    FELL = "fell"
    """The browser ended, or its page did, and once more after a restart."""


class Opened(Struct, frozen=True):
    """The page is there."""


class NotGenuine(Struct, frozen=True):
    """Chromium warns of a certificate in place of the page. :class:`Opened` when a page is there again."""


class Restarting(Struct, frozen=True):
    """The browser fell and is started again."""


class Refused(Struct, frozen=True):
    """Something was refused."""

    notice: PortalNotice


class Failed(Struct, frozen=True):
    """It is over: everything is gone already."""

    failure: Failure


Happening = Opened | NotGenuine | Restarting | Refused | Failed


class Surroundings(Struct, frozen=True, kw_only=True):
    """What the kit offers a portal. ``addresses``: ``host:port`` to where it is found instead, for tests."""

    display: str
    env: Mapping[str, str]
    authorities: Path | None = None
    """PEM of authorities that are trusted beside the system's."""
    addresses: Mapping[str, str] = {}
    switches: tuple[str, ...] = ()


class _Fell(Exception):  # noqa: N818 - it names what happened
    """The browser, its page or the display is gone."""


class Session:
    """One visit. :meth:`run` until it is cancelled; ``tell`` is called in the loop."""

    def __init__(self, portal: Portal, around: Surroundings, tell: Callable[[Happening], None]) -> None:
        """Nothing is started before :meth:`run`."""
        self._portal = portal
        self._around = around
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._keeper = Keeper(around.display, self._seen)
        self._browser: Browser | None = None
        self._page: TargetInfo | None = None
        self._window = asyncio.Event()
        self._inside = asyncio.Event()
        self._outside = asyncio.Event()
        self._fell = asyncio.Event()
        self._warned = False
        self._asked: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Open it, and keep it until cancelled; a failure is told, and ends it."""
        kept = False
        try:
            await probe.check(self._portal, self._around.authorities, self._around.addresses)
            await asyncio.to_thread(self._keeper.start)
            kept = True
            await self._visits()
        except probe.Unreachable:
            failure = Failure.UNREACHABLE
        except probe.NotGenuine:
            failure = Failure.NOT_GENUINE
        except (NoBrowser, NoDisplay):
            failure = Failure.NOT_INSTALLED
        except _Fell:
            failure = Failure.FELL
        finally:
            if kept:
                await asyncio.to_thread(self._keeper.close)
        log.warning("portal_failed", failure=failure.value)
        self._tell(Failed(failure))

    def place(self, place: Place | None) -> None:
        """Show the page there, or nowhere."""
        self._keeper.place(place)

    def back(self) -> None:
        """One page back."""
        self._keeper.back()

    def press(self, key: str) -> None:
        """Press a key in the page: a character, or the value of a :class:`PortalKey`."""
        self._keeper.press(key)

    async def _visits(self) -> None:
        for start in range(STARTS):
            try:
                await self._visit()
            except _Fell:
                log.warning("portal_fell", start=start)
                if start + 1 == STARTS:
                    raise
                self._tell(Restarting())

    async def _visit(self) -> None:
        """Start the browser and stay with it. _Fell when it is gone."""
        self._page, self._warned = None, False
        for flag in (self._window, self._inside, self._outside, self._fell):
            flag.clear()
        self._browser = Browser(self._hear, self._fell.set)
        try:
            await self._start(self._browser)
            await self._first_page()
            self._tell(NotGenuine() if self._warned else Opened())
            await self._stay()
        except PipeClosed:
            raise _Fell from None
        finally:
            for task in self._asked:
                task.cancel()
            await self._browser.end()

    async def _start(self, browser: Browser) -> None:
        authorities = await asyncio.to_thread(_read, self._around.authorities)
        rules = [f"MAP {name} {where}" for name, where in self._around.addresses.items()]
        switches = (*self._around.switches, *([f"--host-resolver-rules={','.join(rules)}"] if rules else []))
        launch = Launch(
            address=self._portal.address,
            policy=managed(self._portal, authorities),
            display=self._around.display,
            switches=switches,
        )
        await browser.start(launch, self._around.env)
        await browser.pipe.ask("Target.setDiscoverTargets", discover=True)
        await browser.pipe.ask("Browser.setDownloadBehavior", behavior="deny", eventsEnabled=True)

    async def _first_page(self) -> None:
        async with _deadline(APPEAR_S):
            await self._or_fall(self._window)
            await self._or_fall(self._inside)

    async def _stay(self) -> None:
        while True:
            await self._or_fall(self._outside)
            for _ in range(RETURNS):
                self._keeper.back()
                with contextlib.suppress(_Late):
                    async with _deadline(RETURN_S, _Late):
                        await self._or_fall(self._inside)
                    break
            else:
                raise _Fell

    async def _or_fall(self, flag: asyncio.Event) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (flag, self._fell)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._fell.is_set():
            raise _Fell

    # what is heard

    def _hear(self, event: Event) -> None:
        info, target = event.params.target_info, event.params.target_id
        match event.method:
            case "Target.targetCreated" | "Target.targetInfoChanged" if info is not None:
                self._target(info)
            case "Target.targetCrashed" | "Target.targetDestroyed" if self._is_page(target):
                self._fell.set()
            case "Browser.downloadWillBegin":
                self._tell(Refused(PortalNotice.DOWNLOAD))

    def _target(self, info: TargetInfo) -> None:
        if info.type != "page":
            return
        if self._page is None:
            self._page = info
        if not self._is_page(info.target_id):
            self._close_target(info.target_id)
        elif self._portal.holds(info.url):
            self._outside.clear()
            self._inside.set()
        elif info.url:
            if not self._outside.is_set():
                self._tell(Refused(_notice_of(info.url)))
            self._inside.clear()
            self._outside.set()

    def _is_page(self, target: str) -> bool:
        return self._page is not None and self._page.target_id == target

    def _close_target(self, target: str) -> None:
        """The keeper lets nobody see it; here it ends."""
        task = asyncio.create_task(self._ask_to_close(target))
        self._asked.add(task)
        task.add_done_callback(self._asked.discard)

    async def _ask_to_close(self, target: str) -> None:
        with contextlib.suppress(PipeClosed):
            if self._browser is not None:
                await self._browser.pipe.ask("Target.closeTarget", targetId=target)

    def _seen(self, seen: Seen) -> None:
        """From the keeper's thread."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._noticed, seen)

    def _noticed(self, seen: Seen) -> None:
        match seen:
            case Seen.WINDOW:
                self._window.set()
            case Seen.LOST:
                self._fell.set()
            case Seen.WARNING:
                self._warned = True
                self._tell(NotGenuine())
            case Seen.PAGE:
                self._warned = False
                self._tell(Opened())
            case _:
                self._tell(Refused(_NOTICES[seen]))


def _notice_of(address: str) -> PortalNotice:
    """What is said of an address outside: programs that other schemes would open are not there."""
    scheme = address.partition(":")[0].lower()
    return PortalNotice.OUTSIDE if scheme in _PAGES else _PROGRAMS.get(scheme, PortalNotice.APP)


class _Late(Exception):  # noqa: N818 - it names what happened
    """A deadline passed."""


@contextlib.asynccontextmanager
async def _deadline(seconds: float, late: type[Exception] = _Fell) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise late from None


def _read(authorities: Path | None) -> tuple[bytes, ...]:
    try:
        return () if authorities is None else authorities_of(authorities.read_text())
    except (OSError, ValueError):
        raise probe.NotGenuine from None
