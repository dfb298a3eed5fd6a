"""The kit's mobile broadband as one object: what it is like now, and what keeps it going.

Unlocks the card, turns the modem on, has its signal measured, counts its data. Connecting is NetworkManager's
work, by the profile that :func:`kit.network.mobile.gsm_profile` describes. But after four failures it rests
for five minutes, though the network is back. And ModemManager lets a connection by PPP go on in a foreign
network that the profile refuses. So it is told from here when to begin again, and when to end.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from kit import config, files
from kit.ipc.network import Mobile, Registration, SimState
from kit.network import mobile as words
from kit.network import mobile_pin
from kit.network.data_use import DataUse
from kit.network.mobile import Lock, Modem, ModemState, PinTrouble
from kit.network.mobile_pin import Attempt, Attempts
from kit.network.modemmanager import Modems, Unlocked
from kit.network.modemmanager_objects import Held

COUNT_EVERY_S: Final = 10.0
SIGNAL_EVERY_S: Final = 10
REST_S: Final = 30.0
"""Before the modem is asked for the same once more."""
ATTEMPTS: Final = "sim-attempts.json"

log = structlog.get_logger()


class MobileBroadband:
    """``mobile`` is what it is like now; ``changed`` is called in the loop each time that it differs."""

    def __init__(
        self,
        settings: config.Mobile | None,
        state_dir: Path,
        modems: Modems,
        *,
        wall: Callable[[], float],
        changed: Callable[[Mobile], None],
        count: Callable[[str], None],
        switch: Callable[[bool], Awaitable[None]],
        root: Path = Path("/"),
        signal_every_s: int = SIGNAL_EVERY_S,
    ) -> None:
        """Without ``settings`` no modem is touched. ``count`` counts troubles by code; ``switch``
        begins the connection where it is not there, or ends it; ``root``: for /sys.
        """
        self.mobile = Mobile()
        self._settings = settings
        self._attempts_file = state_dir / ATTEMPTS
        self._modems = modems
        self._changed = changed
        self._count = count
        self._switch = switch
        self._signal_every_s = signal_every_s
        self._data = DataUse(state_dir, wall, root)
        self._used = 0
        self._held = Held()
        self._pin: str | None = None
        self._attempts = Attempts(salt=secrets.token_hex(16))
        self._pin_trouble = PinTrouble.NONE
        self._news = asyncio.Event()
        self._done: dict[str, float] = {}

    @property
    def provisioned(self) -> bool:
        """Whether the kit is meant to have mobile broadband."""
        return self._settings is not None

    async def run(self) -> None:
        """Serve until cancelled; returns at once without settings. Never ends for what D-Bus or modem do."""
        if self._settings is None:
            return
        await asyncio.to_thread(self._open)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._modems.follow(self._heard))
                tasks.create_task(self._tend())
                tasks.create_task(self._count_data())
        finally:
            await asyncio.to_thread(self._data.save)

    def _heard(self, held: Held) -> None:
        """Know what there is now."""
        before = self._held
        if isinstance(before.seen, Modem) and not isinstance(held.seen, Modem):
            self._count("modem_lost" if held.seen is SimState.NO_MODEM else "modem_service_lost")
        if held.modem != before.modem:
            self._done.clear()
        if held.modem != before.modem or not _is_locked(held):
            self._pin_trouble = PinTrouble.NONE
        self._held = held
        before_place = self.mobile.registration
        self._tell()
        if self.mobile.registration is not before_place:
            self._done.pop("switch", None)
        self._news.set()

    def _tell(self) -> None:
        if self._settings is None:
            return
        told = words.mobile(
            self._held.seen,
            self._pin_trouble,
            roaming=self._settings.roaming,
            used=self._used,
            budget_mb=self._settings.budget_mb,
        )
        if told == self.mobile:
            return
        if replace(told, used_mb=0) != replace(self.mobile, used_mb=0):
            log.info("mobile", **{name: getattr(told, name).value for name in _LOGGED})
        self.mobile = told
        self._changed(told)

    async def _tend(self) -> None:
        """Bring the modem on, one step at a time, whenever it has changed."""
        while True:
            self._news.clear()
            await self._step(self._held)
            with suppress(TimeoutError):
                async with asyncio.timeout(REST_S):
                    await self._news.wait()

    async def _step(self, held: Held) -> None:
        """Do what comes next, but not at once again what has changed nothing."""
        modem = held.seen
        if not isinstance(modem, Modem):
            return
        if _is_locked(held):
            if self._pin is None:
                self._keep_locked(PinTrouble.NO_PIN)
            elif self._is_due("unlock"):
                await self._unlock(held, self._pin, modem.pin_tries)
        elif modem.state == ModemState.DISABLED and self._is_due("enable"):
            # NetworkManager may have begun with it a moment before; then the modem is on its way.
            if not await self._modems.enable(held) and self._held.seen == modem:
                self._count("modem_not_enabled")
        elif modem.state >= ModemState.ENABLED and not held.signal_every_s and self._is_due("measure"):
            await self._modems.measure(held, self._signal_every_s)
        elif self.mobile.registration in _ALLOWED and self._is_due("switch"):
            await self._switch(_ALLOWED[self.mobile.registration])

    def _is_due(self, work: str) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._done.get(work, -REST_S) < REST_S:
            return False
        self._done[work] = now
        return True

    async def _unlock(self, held: Held, pin: str, tries: int | None) -> None:
        """Give the card its PIN, if that may be; see :mod:`kit.network.mobile_pin`."""
        card = await self._modems.card(held)
        mark = await asyncio.to_thread(mobile_pin.mark, self._attempts.salt, card, pin)
        trouble = mobile_pin.trouble(self._attempts.of(mark), tries)
        if trouble is not PinTrouble.NONE:
            self._keep_locked(trouble)
            return
        attempt = Attempt(mark=mark, tries=tries)
        is_written = await asyncio.to_thread(self._keep, self._attempts.noted(attempt))
        if tries is None and not is_written:
            return
        unlocked = await self._modems.unlock(held, pin)
        if unlocked is Unlocked.OPEN:
            await asyncio.to_thread(self._keep, self._attempts.without(mark))
        elif unlocked is Unlocked.REFUSED:
            self._count("sim_pin_refused")
            await asyncio.to_thread(self._keep, self._attempts.noted(replace(attempt, refused=True)))
            self._keep_locked(PinTrouble.REFUSED)

    def _keep_locked(self, trouble: PinTrouble) -> None:
        self._pin_trouble = trouble
        self._tell()

    async def _count_data(self) -> None:
        while True:
            self._used = await asyncio.to_thread(self._data.look, self._held.interface)
            self._tell()
            await asyncio.sleep(COUNT_EVERY_S)

    # in a thread

    def _open(self) -> None:
        """Read what provisioning brought, and what became of PINs before."""
        path = self._settings.pin_file if self._settings else None
        pin = None if path is None else files.secret(path)
        if pin is not None and not mobile_pin.is_pin(pin):
            log.warning("sim_pin_malformed")
            pin = None
        self._pin = pin
        try:
            self._attempts = msgspec.json.decode(self._attempts_file.read_bytes(), type=Attempts)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError) as error:
            log.warning("sim_attempts_unreadable", error=type(error).__name__)

    def _keep(self, attempts: Attempts) -> bool:
        """Remember them, also for the next start; False when the disk refuses that."""
        self._attempts = attempts
        try:
            files.write_whole(self._attempts_file, msgspec.json.encode(attempts))
        except OSError as error:
            log.warning("sim_attempts_not_written", error=type(error).__name__)
            return False
        return True


def _is_locked(held: Held) -> bool:
    return isinstance(held.seen, Modem) and held.seen.lock == Lock.SIM_PIN


_ALLOWED: Final = {
    Registration.HOME: True,
    Registration.ROAMING: True,
    Registration.ROAMING_REFUSED: False,
}
"""Whether there may be a connection. Elsewhere there can be none."""
_LOGGED: Final = ("sim", "registration", "technology", "signal")
