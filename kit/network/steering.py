"""Lets the policy of :mod:`kit.network.uplinks` steer the kit's connections."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from kit.ipc.network import Uplink, UplinkState, UplinkView
from kit.network import uplinks
from kit.network.networkmanager import Uplinks
from kit.network.networkmanager_objects import Observed
from kit.network.uplinks import Carrying, Choice

TICK_S: Final = 1.0
CHECK_S: Final = 5.0
"""How often the uplink in use is tried while the fleet is not heard of."""
CHECKS_FAILED: Final = 2
_WORST_LAST: Final = (Carrying.UNKNOWN, Carrying.WELL, Carrying.POOR, Carrying.DEAD)

log = structlog.get_logger()

Ask = Callable[[str], Awaitable[bool]]
"""Whether the region's server answers through an interface; has a deadline of its own."""


class Steering:
    """One task decides and changes; what happens outside only wakes it."""

    def __init__(
        self,
        held: Uplinks,
        ask: Ask,
        *,
        changed: Callable[[], None],
        unheard: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``changed``: there is something new to show; ``unheard``: the fleet is not heard of."""
        self.observed = Observed()
        self.changing = False
        """The kit is on its way to another uplink."""
        self._held = held
        self._ask = ask
        self._changed = changed
        self._unheard = unheard
        self._clock = clock
        self._choice = Choice()
        self._told = self._proved = Carrying.UNKNOWN
        """How the uplink in use carries, by the call and by the region's answers through it."""
        self._woken = asyncio.Event()
        self._stale = True
        """The connections may not be as they were made."""
        self._asking: dict[Uplink, asyncio.Task[None]] = {}
        self._checks_failed = 0
        self._checked_at = clock()

    @property
    def carrier(self) -> Uplink:
        """Which uplink is to carry the kit; NONE also where nobody steers."""
        return self._choice.carrier

    @property
    def views(self) -> tuple[UplinkView, ...]:
        """The uplinks as the screen shows them; empty where nobody steers."""
        if not self.observed.steered:
            return ()
        return uplinks.views(self._choice, self.observed.uplinks, self._carried, self._clock())

    def carried(self, how: Carrying) -> None:
        """Tell how the uplink in use carries the call."""
        if how is not self._told:
            self._told = how
            self._woken.set()

    @property
    def _carried(self) -> Carrying:
        """The worse of both: a call that goes on over the former uplink knows nothing of the present one."""
        return max(self._told, self._proved, key=_WORST_LAST.index)

    async def run(self) -> None:
        """Steer until cancelled."""
        watching = asyncio.create_task(self._watch())
        try:
            while True:
                await self._steer()
                try:
                    async with asyncio.timeout(TICK_S):
                        await self._woken.wait()
                except TimeoutError:
                    pass
                self._woken.clear()
        finally:
            for task in (watching, *self._asking.values()):
                task.cancel()

    async def _watch(self) -> None:
        async for observed in self._held.changes():
            if observed.present != self.observed.present:
                log.info("networkmanager", present=observed.present, steered=observed.steered)
            self.observed, self._stale = observed, True
            self._woken.set()
            self._changed()

    async def _steer(self) -> None:
        if not self.observed.steered:
            self._choice, self._told, self._proved = Choice(), Carrying.UNKNOWN, Carrying.UNKNOWN
            return
        self._check()
        former, now = self._choice, self._clock()
        self._choice = uplinks.decide(former, self.observed.uplinks, self._carried, now)
        for uplink in self._choice.ask:
            self._prove(uplink)
        carrier = self._choice.carrier
        if carrier is not former.carrier:
            log.info("uplink", carrier=carrier.value, before=former.carrier.value, why=self._carried.value)
            self._told, self._proved = Carrying.UNKNOWN, Carrying.UNKNOWN
            self._checks_failed, self._checked_at = 0, now
            self._stale = True
            self.changing = Uplink.NONE not in (carrier, former.carrier)
            self._changed()
        if self._stale and carrier is not Uplink.NONE:
            self._stale = not await self._held.carry(carrier)
        if self.changing and not self._stale:
            self.changing = False
            self._changed()

    def _check(self) -> None:
        """Try the uplink in use now and then, while the fleet is not heard of through it."""
        carrier = self._choice.carrier
        if not self._unheard():
            self._checks_failed, self._checked_at, self._proved = 0, self._clock(), Carrying.UNKNOWN
        elif carrier is not Uplink.NONE and self._clock() - self._checked_at >= CHECK_S:
            self._checked_at = self._clock()
            self._prove(carrier)

    def _prove(self, uplink: Uplink) -> None:
        device = self.observed.devices.get(uplink)
        if device is not None and uplink not in self._asking:
            task = asyncio.create_task(self._proof(uplink, device.interface))
            self._asking[uplink] = task
            task.add_done_callback(lambda _: self._asking.pop(uplink, None))

    async def _proof(self, uplink: Uplink, interface: str) -> None:
        well = await self._ask(interface)
        if uplink is not self._choice.carrier:
            self._choice = uplinks.answered(self._choice, uplink, self._clock(), well=well)
        elif self._unheard() and (well or await self._is_at_fault(uplink)):
            self._checks_failed = 0 if well else self._checks_failed + 1
            dead = self._checks_failed >= CHECKS_FAILED
            self._proved = Carrying.DEAD if dead else Carrying.WELL if well else self._proved
        self._woken.set()
        self._changed()

    async def _is_at_fault(self, silent: Uplink) -> bool:
        """Whether an uplink without an answer can be blamed; where no other has one, the region is away."""
        seen = self.observed.uplinks
        others = [
            device.interface
            for uplink, device in self.observed.devices.items()
            if uplink is not silent and uplink in seen and seen[uplink].state is UplinkState.READY
        ]
        return not others or any(await asyncio.gather(*map(self._ask, others)))
