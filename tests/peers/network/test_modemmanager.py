"""What the kit needs of modems, by the real ModemManager and by the modems that other tests are built on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from kit.ipc.network import SimState
from kit.network.mobile import FailedReason, Lock, Modem, ModemState, Scale
from kit.network.modemmanager import ModemManager, Modems, Unlocked
from kit.network.modemmanager_objects import Held
from tests.kit.network.modems import SimulatedModems
from tests.peers.network.at_modem import DENIED, HOME, ROAMING, SEARCHING
from tests.peers.network.modem_station import ModemStation
from tests.peers.network.namespace import Namespace, end

LIMIT_S = 60.0
SECOND = 1


class Stage:
    """The same moves with either kind of modem."""

    def __init__(self, station: ModemStation | None) -> None:
        self._station = station
        self._simulated: SimulatedModems | None = None
        self.modems: Modems

    def begin(self, *, pin: str = "", card: bool = True) -> None:
        if self._station is None:
            self.modems = self._simulated = SimulatedModems(pin=pin)
            self._simulated.plug_in(card=card)
        else:
            self.modems = ModemManager(self._station.bus_address)
            self._station.start_service()
            self._station.switch_on(pin=pin, card=card)
            self._station.plug_in()

    def change(self, **change: int) -> None:
        if self._simulated is not None:
            self._simulated.change(**change)
        elif self._station is not None:
            self._station.change(**change)

    def unplug(self) -> None:
        if self._simulated is not None:
            self._simulated.unplug()
        elif self._station is not None:
            self._station.unplug()

    def plug_back(self) -> None:
        if self._simulated is not None:
            self._simulated.plug_in()
        elif self._station is not None:
            self._station.plug_back()


@pytest.fixture(params=["modemmanager", "simulated"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "simulated":
        yield Stage(None)
        return
    with Namespace() as namespace:
        yield Stage(ModemStation(namespace))


class Told:
    """The newest that was told, and waiting for what is still to come."""

    def __init__(self) -> None:
        self.held = Held()
        self._news = asyncio.Condition()
        self._waker: set[asyncio.Task[None]] = set()

    def hear(self, held: Held) -> None:
        self.held = held
        task = asyncio.create_task(self._wake())
        self._waker.add(task)
        task.add_done_callback(self._waker.discard)

    async def until(self, fits: Callable[[Held], bool]) -> Held:
        async with asyncio.timeout(LIMIT_S), self._news:
            await self._news.wait_for(lambda: fits(self.held))
        return self.held

    async def until_modem(self, fits: Callable[[Modem], bool]) -> Held:
        return await self.until(lambda held: isinstance(held.seen, Modem) and fits(held.seen))

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()


@asynccontextmanager
async def followed(modems: Modems) -> AsyncIterator[Told]:
    told = Told()
    following = asyncio.create_task(modems.follow(told.hear))
    try:
        yield told
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def test_a_card_opens_with_its_pin_and_a_wrong_one_costs_a_try(stage: Stage) -> None:
    stage.begin(pin="1234")
    async with followed(stage.modems) as told:
        held = await told.until_modem(lambda modem: modem.lock == Lock.SIM_PIN and modem.pin_tries == 3)
        assert await stage.modems.card(held) == "8900101740605990017"
        assert await stage.modems.unlock(held, "9999") is Unlocked.REFUSED
        held = await told.until_modem(lambda modem: modem.pin_tries == 2)
        assert await stage.modems.unlock(held, "1234") is Unlocked.OPEN
        await told.until_modem(lambda modem: modem.state == ModemState.DISABLED)


async def test_three_wrong_pins_leave_a_card_that_wants_its_puk(stage: Stage) -> None:
    stage.begin(pin="1234")
    async with followed(stage.modems) as told:
        held = await told.until_modem(lambda modem: modem.lock == Lock.SIM_PIN)
        for _ in range(3):
            assert await stage.modems.unlock(held, "9999") is not Unlocked.OPEN
        await told.until_modem(lambda modem: modem.lock == Lock.SIM_PUK)


async def test_a_missing_card_is_told(stage: Stage) -> None:
    stage.begin(card=False)
    async with followed(stage.modems) as told:
        held = await told.until_modem(lambda modem: modem.state == ModemState.FAILED)
        assert isinstance(held.seen, Modem)
        assert held.seen.failed_reason == FailedReason.SIM_MISSING


async def test_a_modem_that_is_enabled_registers_and_tells_its_signal_as_it_changes(stage: Stage) -> None:
    stage.begin()
    async with followed(stage.modems) as told:
        held = await told.until_modem(lambda modem: modem.state == ModemState.DISABLED)
        assert await stage.modems.enable(held)
        held = await told.until_modem(
            lambda modem: modem.registration == HOME and modem.technologies == 1 << 14
        )
        assert held.signal_every_s == 0
        assert await stage.modems.measure(held, SECOND)
        held = await told.until_modem(lambda modem: modem.strengths == {Scale.LTE: -90.0})
        assert held.signal_every_s == SECOND
        stage.change(rsrp=-121)
        await told.until_modem(lambda modem: modem.strengths == {Scale.LTE: -121.0})


async def test_another_network_a_refusal_and_none_at_all_are_told(stage: Stage) -> None:
    stage.begin()
    async with followed(stage.modems) as told:
        held = await told.until_modem(lambda modem: modem.state == ModemState.DISABLED)
        assert await stage.modems.enable(held)
        for registration in (HOME, ROAMING, SEARCHING, DENIED):
            stage.change(registration=registration)
            await told.until_modem(lambda modem, now=registration: modem.registration == now)  # type: ignore[misc]


async def test_a_modem_that_falls_off_is_told_and_comes_back_as_another(stage: Stage) -> None:
    stage.begin()
    async with followed(stage.modems) as told:
        held = await told.until_modem(lambda modem: modem.state == ModemState.DISABLED)
        stage.unplug()
        await told.until(lambda held: held.seen is SimState.NO_MODEM)
        assert not await stage.modems.enable(held)
        assert await stage.modems.unlock(held, "1234") is Unlocked.UNCLEAR
        stage.plug_back()
        again = await told.until_modem(lambda modem: modem.state == ModemState.DISABLED)
        assert again.modem != held.modem


async def test_a_service_that_is_missing_dies_and_comes_back_is_told(namespace: Namespace) -> None:
    station = ModemStation(namespace)
    async with followed(ModemManager(station.bus_address)) as told:
        await told.until(lambda held: held.seen is SimState.NO_SERVICE)
        service = station.start_service()
        await told.until(lambda held: held.seen is SimState.NO_MODEM)
        end(service)
        await told.until(lambda held: held.seen is SimState.NO_SERVICE)
        station.start_service()
        await told.until(lambda held: held.seen is SimState.NO_MODEM)


async def test_a_bus_that_is_not_there_is_a_service_that_is_not_there() -> None:
    async with followed(ModemManager("unix:path=/nowhere/bus")) as told:
        await told.until(lambda held: held.seen is SimState.NO_SERVICE)
