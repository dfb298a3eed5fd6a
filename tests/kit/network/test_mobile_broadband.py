"""The kit brings its modem on, spares its card, and says what hinders it, whatever the modem does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kit import config
from kit.ipc.network import Mobile, Registration, Signal, SimState, Technology
from kit.network import mobile_broadband
from kit.network.mobile_broadband import MobileBroadband
from tests.kit.network.modems import SimulatedModems

PIN = "4711"
WRONG = "0815"
CARD = "8900101740605990017"
HOME, SEARCHING, ROAMING = 1, 2, 5
"""MMModem3gppRegistrationState."""
NOW = 1_795_000_000.0
LIMIT_S = 30.0
REGISTERED = Mobile(
    sim=SimState.READY, registration=Registration.HOME, technology=Technology.LTE, signal=Signal.GOOD
)


class Kit:
    """A kit's folder, its modem, and what its mobile broadband has told."""

    def __init__(self, folder: Path, modems: SimulatedModems) -> None:
        self.folder = folder
        self.modems = modems
        self.counts: Counter[str] = Counter()
        self.changes: list[Mobile] = []
        self.switched: list[bool] = []
        self._news = asyncio.Event()
        self.broadband: MobileBroadband

    def pin_file(self, content: str, mode: int = 0o600) -> Path:
        file = self.folder / "pin"
        file.write_text(content)
        file.chmod(mode)
        return file

    @asynccontextmanager
    async def running(self, pin: str = "", settings: config.Mobile | None = None) -> AsyncIterator[None]:
        file = await asyncio.to_thread(self.pin_file, pin) if pin else None
        self.broadband = MobileBroadband(
            settings or config.Mobile(pin_file=file),
            self.folder / "state",
            self.modems,
            wall=lambda: NOW,
            changed=self._changed,
            count=lambda code: self.counts.update([code]),
            switch=self.switch,
            root=self.folder,
        )
        task = asyncio.create_task(self.broadband.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, fits: Callable[[Mobile], bool]) -> Mobile:
        async with asyncio.timeout(LIMIT_S):
            while not fits(self.broadband.mobile):
                self._news.clear()
                await self._news.wait()
        return self.broadband.mobile

    async def until_sim(self, state: SimState) -> None:
        await self.until(lambda mobile: mobile.sim is state)

    async def until_switched(self, *orders: bool) -> None:
        async with asyncio.timeout(LIMIT_S):
            while self.switched != list(orders):
                self._news.clear()
                await self._news.wait()

    async def switch(self, on: bool) -> None:
        self.switched.append(on)
        self._news.set()

    def _changed(self, mobile: Mobile) -> None:
        self.changes.append(mobile)
        self._news.set()


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    modems = SimulatedModems(pin=PIN, card=CARD)
    modems.plug_in()
    return Kit(tmp_path, modems)


async def test_a_locked_card_is_opened_and_the_modem_registers(kit: Kit) -> None:
    async with kit.running(PIN):
        assert await kit.until(lambda mobile: mobile.signal is Signal.GOOD) == REGISTERED
    assert kit.modems.given == [PIN]
    assert not kit.counts


async def test_without_settings_no_modem_is_touched(kit: Kit) -> None:
    broadband = MobileBroadband(
        None,
        kit.folder,
        kit.modems,
        wall=lambda: NOW,
        changed=kit.changes.append,
        count=lambda _: None,
        switch=kit.switch,
        root=kit.folder,
    )
    await broadband.run()
    assert (broadband.provisioned, broadband.mobile, kit.changes) == (False, Mobile(), [])


async def test_a_connection_is_begun_where_it_may_be_and_ended_where_the_region_refuses_it(kit: Kit) -> None:
    async with kit.running(PIN):
        await kit.until_switched(True)
        kit.modems.change(registration=ROAMING)
        await kit.until_switched(True, False)
        kit.modems.change(registration=SEARCHING)
        await kit.until(lambda mobile: mobile.registration is Registration.SEARCHING)
        kit.modems.change(registration=HOME)
        await kit.until_switched(True, False, True)


async def test_a_foreign_network_is_used_where_the_region_allows_it(kit: Kit) -> None:
    file = await asyncio.to_thread(kit.pin_file, PIN)
    async with kit.running(settings=config.Mobile(pin_file=file, roaming=True)):
        await kit.until_switched(True)
        kit.modems.change(registration=ROAMING)
        await kit.until_switched(True, True)


async def test_a_wrong_pin_is_given_once_also_after_restarts_and_power_cuts(kit: Kit) -> None:
    for _ in range(3):
        async with kit.running(WRONG):
            await kit.until_sim(SimState.PIN_WRONG)
            kit.modems.power_cut()
            await kit.until_sim(SimState.UNKNOWN)
            await kit.until_sim(SimState.PIN_WRONG)
    assert kit.modems.given == [WRONG]
    assert kit.modems.tries == 2
    assert kit.counts["sim_pin_refused"] == 1


async def test_another_pin_and_another_card_are_tried(kit: Kit) -> None:
    async with kit.running(WRONG):
        await kit.until_sim(SimState.PIN_WRONG)
    async with kit.running(PIN):
        await kit.until_sim(SimState.READY)
    kit.modems = SimulatedModems(pin=WRONG, card="8900101740605990025")
    kit.modems.plug_in()
    async with kit.running(WRONG):
        await kit.until_sim(SimState.READY)


async def test_the_last_try_is_left_to_somebody_else(kit: Kit) -> None:
    kit.modems.tries = 1
    async with kit.running(PIN):
        await kit.until_sim(SimState.PIN_WRONG)
    assert kit.modems.given == []


async def test_a_card_that_wants_its_puk_is_left_alone(kit: Kit) -> None:
    kit.modems.tries = 0
    async with kit.running(PIN):
        await kit.until_sim(SimState.PUK_NEEDED)
    assert kit.modems.given == []


async def test_a_power_cut_between_kit_and_card_costs_no_right_pin(kit: Kit) -> None:
    kit.modems.fails["unlock"] = True
    async with kit.running(PIN):
        await eventually(lambda: kit.modems.unseen > 0)
    kit.modems.fails.clear()
    async with kit.running(PIN):
        await kit.until_sim(SimState.READY)


@pytest.mark.parametrize("content", ["12", "abcd", "", "1234 5678", "\u0661\u0662\u0663\u0664"])
async def test_what_is_no_pin_is_never_given(kit: Kit, content: str) -> None:
    file = await asyncio.to_thread(kit.pin_file, content)
    async with kit.running(settings=config.Mobile(pin_file=file)):
        await kit.until_sim(SimState.PIN_NEEDED)
    assert kit.modems.given == []


async def test_a_pin_that_others_could_read_is_not_used(kit: Kit) -> None:
    file = await asyncio.to_thread(kit.pin_file, PIN, 0o644)
    async with kit.running(settings=config.Mobile(pin_file=file)):
        await kit.until_sim(SimState.PIN_NEEDED)
    assert kit.modems.given == []


async def test_a_disk_that_refuses_does_not_keep_a_card_locked(kit: Kit) -> None:
    await asyncio.to_thread((kit.folder / "state").write_text, "in the way")
    async with kit.running(PIN):
        await kit.until_sim(SimState.READY)


async def test_a_disk_that_refuses_does_not_cost_a_second_try(kit: Kit) -> None:
    await asyncio.to_thread((kit.folder / "state").write_text, "in the way")
    async with kit.running(WRONG):
        await kit.until_sim(SimState.PIN_WRONG)
        kit.modems.power_cut()
        await kit.until_sim(SimState.UNKNOWN)
        await kit.until_sim(SimState.PIN_WRONG)
    assert kit.modems.given == [WRONG]


async def test_damaged_attempts_begin_anew(kit: Kit) -> None:
    await asyncio.to_thread((kit.folder / "state").mkdir)
    await asyncio.to_thread((kit.folder / "state/sim-attempts.json").write_bytes, b'{"salt":"')
    async with kit.running(PIN):
        await kit.until_sim(SimState.READY)


async def test_a_modem_that_falls_off_is_counted_and_brought_on_again(kit: Kit) -> None:
    async with kit.running(PIN):
        await kit.until(lambda mobile: mobile == REGISTERED)
        kit.modems.unplug()
        assert await kit.until(lambda mobile: mobile != REGISTERED) == Mobile(sim=SimState.NO_MODEM)
        kit.modems.power_cut()
        await kit.until(lambda mobile: mobile == REGISTERED)
    assert kit.counts == {"modem_lost": 1}
    assert kit.modems.given == [PIN, PIN]


async def test_a_foreign_network_follows_the_regions_policy(kit: Kit) -> None:
    kit.modems.pin = ""
    kit.modems.power_cut()
    kit.modems.change(registration=5)
    async with kit.running():
        await kit.until(lambda mobile: mobile.registration is Registration.ROAMING_REFUSED)
    async with kit.running(settings=config.Mobile(roaming=True)):
        await kit.until(lambda mobile: mobile.registration is Registration.ROAMING)


async def test_a_modem_that_will_not_is_not_asked_again_and_again(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Counter[str]()
    enable = kit.modems.enable
    monkeypatch.setattr(kit.modems, "enable", lambda held: asked.update(["enable"]) or enable(held))
    kit.modems.fails["enable"] = True
    async with kit.running(PIN):
        await kit.until_sim(SimState.READY)
        for rsrp in range(-100, -80):
            kit.modems.change(rsrp=rsrp)
            await asyncio.sleep(0.001)
        await eventually(lambda: kit.counts["modem_not_enabled"] > 0)
    assert asked["enable"] == 1


async def test_a_modem_that_will_not_now_is_asked_again_later(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mobile_broadband, "REST_S", 0.01)
    kit.modems.fails["enable"] = True
    async with kit.running(PIN):
        await eventually(lambda: kit.counts["modem_not_enabled"] >= 3)
        kit.modems.fails.clear()
        await kit.until(lambda mobile: mobile == REGISTERED)


async def test_the_months_data_is_shown_against_the_budget(kit: Kit) -> None:
    folder = kit.folder / "sys/class/net/wwan0"
    await asyncio.to_thread(_interface, folder, 812_345_678)
    async with kit.running(settings=config.Mobile(budget_mb=1000)):
        mobile = await kit.until(lambda mobile: mobile.used_mb > 0)
    assert (mobile.used_mb, mobile.budget_mb) == (812, 1000)


async def test_neither_card_nor_pin_is_logged_or_kept(kit: Kit) -> None:
    with capture_logs() as logs:
        async with kit.running(WRONG):
            await kit.until_sim(SimState.PIN_WRONG)
        async with kit.running(PIN):
            await kit.until(lambda mobile: mobile == REGISTERED)
    files = [file.read_bytes() for file in await asyncio.to_thread(_files, kit.folder / "state")]
    written = b"".join(files) + repr((logs, kit.counts, kit.changes)).encode()
    assert logs
    assert files
    for secret in (PIN, WRONG, CARD):
        assert secret.encode() not in written


async def eventually(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while True:
            if check():
                return
            await asyncio.sleep(0.001)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _interface(folder: Path, received: int) -> None:
    (folder / "statistics").mkdir(parents=True)
    (folder / "ifindex").write_text("4\n")
    (folder / "uevent").write_text("DEVTYPE=wwan\n")
    (folder / "statistics/rx_bytes").write_text(f"{received}\n")
    (folder / "statistics/tx_bytes").write_text("0\n")
