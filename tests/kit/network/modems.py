"""Modems of a few lines, for tests of what is built on them. They pass the real ModemManager's contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from kit.ipc.network import SimState
from kit.network.mobile import FailedReason, Lock, Modem, ModemState, Scale
from kit.network.modemmanager import Unlocked
from kit.network.modemmanager_objects import Held

REGISTERED = (1, 5)


class SimulatedModems:
    """One modem with one card. What is changed shows at once."""

    def __init__(self, *, pin: str = "", card: str = "8900101740605990017") -> None:
        self.pin = pin
        self.number = card
        self.tries = 3
        self.given: list[str] = []
        """PINs that the card was given."""
        self.unseen = 0
        """How many never reached it."""
        self.fails: dict[str, bool] = {}
        """What the modem refuses to do: ``enable``, ``measure``; ``unlock`` before the card sees the PIN."""
        self._plugs = 0
        self._open = not pin
        self._modem: Modem | None = None
        self._every_s = 0
        self._place: dict[str, int] = {"registration": 1, "technologies": 1 << 14}
        self._rsrp = -90.0
        self._changed = asyncio.Event()

    def plug_in(self, *, card: bool = True) -> None:
        """Let the modem be found."""
        self._plugs += 1
        self._every_s = 0
        failed = Modem(state=ModemState.FAILED, failed_reason=FailedReason.SIM_MISSING)
        self._modem = Modem(state=ModemState.DISABLED) if card else failed
        self._changed.set()

    def power_cut(self) -> None:
        """The card wants its PIN again."""
        self._open = not self.pin
        self.plug_in()

    def unplug(self) -> None:
        """Take the modem away."""
        self._modem = None
        self._changed.set()

    def change(self, *, registration: int | None = None, rsrp: int | None = None) -> None:
        """Another place: as :class:`tests.peers.network.at_modem.Behaviour` says it."""
        self._place["registration"] = registration or self._place["registration"]
        self._rsrp = rsrp or self._rsrp
        self._changed.set()

    async def follow(self, heard: Callable[[Held], None]) -> None:
        while True:
            self._changed.clear()
            heard(self._held())
            await self._changed.wait()

    async def card(self, held: Held) -> str:
        return self.number

    async def unlock(self, held: Held, pin: str) -> Unlocked:
        if self.fails.get("unlock") or self._modem is None:
            self.unseen += 1
            return Unlocked.UNCLEAR
        self.given.append(pin)
        self._open = pin == self.pin
        self.tries = 3 if self._open else self.tries - 1
        self._changed.set()
        return Unlocked.OPEN if self._open else Unlocked.REFUSED

    async def enable(self, held: Held) -> bool:
        return self._does("enable", state=ModemState.REGISTERED)

    async def measure(self, held: Held, every_s: int) -> bool:
        self._every_s = 0 if self.fails.get("measure") else every_s
        return self._does("measure")

    def _does(self, work: str, **change: int) -> bool:
        if self.fails.get(work) or self._modem is None:
            return False
        self._modem = replace(self._modem, **change)
        self._changed.set()
        return True

    def _held(self) -> Held:
        if self._modem is None:
            return Held(seen=SimState.NO_MODEM)
        seen = self._modem
        if seen.state != ModemState.FAILED and not self._open:
            lock = Lock.SIM_PIN if self.tries > 0 else Lock.SIM_PUK
            seen = Modem(state=ModemState.LOCKED, lock=lock, pin_tries=self.tries)
        elif seen.state == ModemState.REGISTERED:
            strengths = {Scale.LTE: self._rsrp} if self._every_s else {}
            seen = replace(seen, strengths=strengths, **self._place)
            if self._place["registration"] not in REGISTERED:
                seen = replace(seen, state=ModemState.SEARCHING, technologies=0, strengths={})
        return Held(
            seen=seen, modem=f"/modem/{self._plugs}", sim=f"/sim/{self._plugs}", signal_every_s=self._every_s
        )
