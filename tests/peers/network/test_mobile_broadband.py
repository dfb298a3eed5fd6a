"""Mobile broadband as the kit has it: with the real ModemManager, and with one that says absurd things."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from dbus_fast import BusType, Message, MessageType, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from structlog.testing import capture_logs

from fleet.contract import Report, encode
from kit import config
from kit.health import Seen, sample
from kit.hw.readings import Readings
from kit.ipc.network import Mobile, Registration, Signal, SimState, Technology
from kit.network import modemmanager
from kit.network.mobile_broadband import MobileBroadband
from kit.network.modemmanager import ModemManager
from kit.network.modemmanager_objects import MODEM, NAME, ROOT, SIGNAL, THREE_GPP
from tests.peers.network.at_modem import DENIED, HOME, ROAMING, SEARCHING, SECRETS, UMTS
from tests.peers.network.modem_station import ModemStation
from tests.peers.network.namespace import Namespace, end, until

PIN = "47114711"
WRONG = "08150815"
LIMIT_S = 60.0
Part: TypeAlias = dict[str, Variant]
NOW = 1_795_000_000.0


class Kit:
    """What a kit's mobile broadband tells, seen from the agent."""

    def __init__(self, folder: Path, bus_address: str) -> None:
        self._folder = folder
        self._bus_address = bus_address
        self._news = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self.broadband: MobileBroadband

    @property
    def state(self) -> Path:
        return self._folder / "state"

    @asynccontextmanager
    async def running(self, pin: str = "") -> AsyncIterator[None]:
        file = self._folder / "pin"
        file.touch(mode=0o600)
        file.write_text(pin)
        self.broadband = MobileBroadband(
            config.Mobile(apn="region.test", pin_file=file if pin else None, budget_mb=1000),
            self.state,
            ModemManager(self._bus_address),
            wall=lambda: NOW,
            changed=lambda _: self._news.set(),
            count=lambda code: self.counts.update([code]),
            switch=self._switch,
            root=self._folder,
            signal_every_s=1,
        )
        task = asyncio.create_task(self.broadband.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _switch(self, on: bool) -> None:
        """No NetworkManager is here."""

    async def until(self, fits: Callable[[Mobile], bool]) -> Mobile:
        async with asyncio.timeout(LIMIT_S):
            while not fits(self.broadband.mobile):
                self._news.clear()
                await self._news.wait()
        return self.broadband.mobile


@pytest.fixture
def station(namespace: Namespace) -> ModemStation:
    station = ModemStation(namespace)
    station.start_service()
    return station


@pytest.fixture
def kit(tmp_path: Path, namespace: Namespace) -> Kit:
    return Kit(tmp_path, namespace.bus_address)


async def test_a_drive_through_the_county_is_told_in_words(station: ModemStation, kit: Kit) -> None:
    station.switch_on(pin=PIN)
    async with kit.running(PIN):
        await kit.until(lambda mobile: mobile.sim is SimState.NO_MODEM)
        station.plug_in()
        await kit.until(
            lambda mobile: (
                (mobile.sim, mobile.registration, mobile.technology, mobile.signal)
                == (SimState.READY, Registration.HOME, Technology.LTE, Signal.GOOD)
            )
        )
        station.change(rsrp=-105)
        await kit.until(lambda mobile: mobile.signal is Signal.FAIR)
        station.change(rsrp=-120)
        await kit.until(lambda mobile: mobile.signal is Signal.WEAK)
        station.change(technology=UMTS)
        await kit.until(lambda mobile: mobile.technology is Technology.UMTS)
        station.change(registration=SEARCHING)
        await kit.until(lambda mobile: mobile.registration is Registration.SEARCHING)
        station.change(registration=ROAMING)
        await kit.until(lambda mobile: mobile.registration is Registration.ROAMING_REFUSED)
        station.change(registration=DENIED)
        await kit.until(lambda mobile: mobile.registration is Registration.DENIED)
        station.change(registration=HOME)
        await kit.until(lambda mobile: mobile.registration is Registration.HOME)
        station.unplug()
        await kit.until(lambda mobile: mobile.sim is SimState.NO_MODEM)
        station.plug_back()
        await kit.until(lambda mobile: mobile.registration is Registration.HOME)
    assert station.change()["pin_given"] == 1
    assert kit.counts == {"modem_lost": 1}


async def test_a_wrong_pin_costs_one_try_however_often_the_kit_starts(
    station: ModemStation, kit: Kit
) -> None:
    station.switch_on(pin=PIN)
    station.plug_in()
    for _ in range(3):
        async with kit.running(WRONG):
            await kit.until(lambda mobile: mobile.sim is SimState.PIN_WRONG)
    assert station.change()["pin_given"] == 1
    async with kit.running(PIN):
        await kit.until(lambda mobile: mobile.registration is Registration.HOME)
    assert station.change()["pin_given"] == 2


async def test_a_modem_that_does_not_count_tries_gets_a_pin_once(station: ModemStation, kit: Kit) -> None:
    station.switch_on(pin=PIN, counts_tries=False)
    station.plug_in()
    for _ in range(2):
        async with kit.running(WRONG):
            await kit.until(lambda mobile: mobile.sim is SimState.PIN_WRONG)
    assert station.change()["pin_given"] == 1


async def test_a_locked_and_a_missing_card_are_told(station: ModemStation, kit: Kit) -> None:
    station.switch_on(pin=PIN, pin_tries=0)
    station.plug_in()
    async with kit.running(PIN):
        await kit.until(lambda mobile: mobile.sim is SimState.PUK_NEEDED)
        station.unplug()
        await kit.until(lambda mobile: mobile.sim is SimState.NO_MODEM)
        station.change(card=False)
        station.plug_back()
        await kit.until(lambda mobile: mobile.sim is SimState.MISSING)
    assert station.change()["pin_given"] == 0


async def test_nothing_that_names_card_modem_number_or_operator_leaves_the_modem(
    station: ModemStation, kit: Kit, capfd: pytest.CaptureFixture[str]
) -> None:
    station.switch_on(pin=PIN)
    station.plug_in()
    with capture_logs() as logs:
        async with kit.running(WRONG):
            await kit.until(lambda mobile: mobile.sim is SimState.PIN_WRONG)
        async with kit.running(PIN):
            mobile = await kit.until(lambda mobile: mobile.registration is Registration.HOME)
            station.unplug()
            await kit.until(lambda mobile: mobile.sim is SimState.NO_MODEM)
    health = sample.health(Readings(), Seen(mobile=mobile), software="1", outbox_depth=0, refused=kit.counts)
    told = encode(Report(kit="kit-0007", stream="0" * 32, seq=1, at=1, body=health))
    files = b"".join(file.read_bytes() for file in kit.state.iterdir())
    everything = files + told + repr(logs).encode() + "".join(capfd.readouterr()).encode()
    assert logs
    assert files
    assert b'"registration":"home"' in told
    for secret in (*SECRETS, PIN, WRONG):
        assert secret.encode() not in everything


class Absurd:
    """A ModemManager that says on the bus whatever it is given."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self._objects: dict[str, Any] = {}
        bus.add_message_handler(self._answer)

    def say(self, modem: Part, three_gpp: Part, strength: Part) -> None:
        self._objects = {f"{ROOT}/Modem/0": {MODEM: modem, THREE_GPP: three_gpp, SIGNAL: strength}}
        news = Message.new_signal(f"{ROOT}/Modem/0", "org.freedesktop.DBus.Properties", "PropertiesChanged")
        self._bus.send(news)

    def _answer(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "GetManagedObjects":
            return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects])
        if message.member == "Get":
            return Message.new_method_return(message, "v", [Variant("s", "9" * 10_000)])
        return Message.new_error(message, f"{NAME}.Error.Core.Failed", "Kanariefågel Mobil säger nej " * 400)


ABSURD: list[tuple[Part, Part, Part]] = [
    ({}, {}, {}),
    ({"State": Variant("s", "x" * 10_000)}, {"OperatorName": Variant("s", "ö" * 10_000)}, {}),
    ({"State": Variant("i", -2147483648), "UnlockRequired": Variant("u", 4294967295)}, {}, {}),
    ({"State": Variant("i", 3)}, {}, {}),
    (
        {
            "State": Variant("i", 8),
            "SignalQuality": Variant("(ub)", [4294967295, True]),
            "AccessTechnologies": Variant("u", 4294967295),
            "Bearers": Variant("ao", [f"{ROOT}/Bearer/{number}" for number in range(500)]),
        },
        {"RegistrationState": Variant("u", 4294967295)},
        {"Rate": Variant("u", 0), "Lte": Variant("a{sv}", {"rsrp": Variant("d", float("nan"))})},
    ),
    (
        {
            "State": Variant("i", 2),
            "UnlockRequired": Variant("u", 2),
            "UnlockRetries": Variant("a{uu}", {2: 4294967295}),
            "Sim": Variant("o", f"{ROOT}/SIM/0"),
        },
        {},
        {},
    ),
]


BUS = """
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/mortal-bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


async def test_a_bus_that_dies_is_found_again(
    namespace: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modemmanager, "RECONNECT_S", 0.1)
    namespace.write("/run/bus-of-the-test.conf", BUS)
    kit = Kit(tmp_path, f"unix:path={namespace.path('/run/mortal-bus')}")
    async with kit.running():
        for _ in range(2):
            await kit.until(lambda mobile: mobile.sim is SimState.NO_SERVICE)
            namespace.path("/run/mortal-bus").unlink(missing_ok=True)
            words = ("dbus-daemon", "--config-file=/run/bus-of-the-test.conf", "--nofork", "--nopidfile")
            daemon = namespace.start(*words)
            until(namespace.path("/run/mortal-bus").exists)
            address = f"unix:path={namespace.path('/run/mortal-bus')}"
            bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
            Absurd(bus).say({"State": Variant("i", 8)}, {}, {})
            await bus.request_name(NAME)
            await kit.until(lambda mobile: mobile.sim is SimState.READY)
            end(daemon, signal.SIGKILL)
            bus.disconnect()
    assert kit.counts["modem_service_lost"] >= 1


async def test_absurd_values_end_nothing(namespace: Namespace, kit: Kit) -> None:
    bus = await MessageBus(bus_address=namespace.bus_address, bus_type=BusType.SYSTEM).connect()
    try:
        absurd = Absurd(bus)
        assert await bus.request_name(NAME) is RequestNameReply.PRIMARY_OWNER
        with capture_logs() as logs:
            async with kit.running(PIN):
                for modem, three_gpp, strength in ABSURD * 2:
                    absurd.say(modem, three_gpp, strength)
                    absurd.say({"State": Variant("i", -1)}, {}, {})
                    await kit.until(lambda mobile: mobile.sim is SimState.FAILED)
                    absurd.say(modem, three_gpp, strength)
                    await kit.until(lambda mobile: mobile.sim is not SimState.FAILED)
        assert "Kanariefågel" not in repr(logs)
        assert kit.counts["modem_not_enabled"] == 1
    finally:
        bus.disconnect()
