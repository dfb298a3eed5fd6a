"""The patient's Wi-Fi in a visit: a real agent and its radio, from the offer to the verified removal."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import pytest

from kit.agent.agent import Agent
from kit.agent.wifi_flow import OFFER_AFTER_S
from kit.config import Broker, KitConfig, Meeting
from kit.ipc import commands as cmd
from kit.ipc import wifi
from kit.ipc.network import Signal, WifiSecurity, WifiStep, WifiTrouble
from kit.visit import events as ev
from kit.visit.model import Step
from tests.kit.agent.conftest import LINK, Bench, Screen
from tests.peers.network.air import WPA2, Air
from tests.peers.network.namespace import Namespace
from tests.peers.network.test_wifi_radio import ON, Home, living

KEY = "kanariefagel-4711"


class Visit(Bench):
    """A kit with no network but what is in the air, and a clock that can be moved on."""

    def __init__(self, config: KitConfig, home: Home, folder: Path, *said: str) -> None:
        super().__init__(config)
        self.ahead = 0.0
        radio = home.radio(*said)
        self.agent = Agent(config, lambda: time.time() + self.ahead, folder / "machine", radio)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()

    async def at_the_list(self) -> Screen:
        """A meeting was chosen, nothing carries the kit, and both questions were answered."""
        screen = await self.screen()
        await screen.touch(cmd.SubmitInvitation(LINK))
        await screen.sees(lambda s: s.visit.step is Step.PREPARE)
        self.ahead += OFFER_AFTER_S
        await screen.sees(lambda s: s.devices.network.patient.offered)
        yes = [wifi.AnswerWifi(step, yes=True) for step in (WifiStep.REASON, WifiStep.CONSENT)]
        await screen.touch(wifi.BeginWifi(), *yes)
        await screen.sees(lambda s: s.devices.network.patient.networks)
        return screen


@pytest.fixture
async def home(namespace: Namespace, tmp_path: Path) -> AsyncIterator[Home]:
    air = Air()
    air.points = {b"Hemma": (80, WPA2), b"Fri": (30, 0)}
    async with living(namespace, tmp_path, air) as home:
        yield home


@pytest.fixture
def config(tmp_path: Path) -> KitConfig:
    """A kit whose broker is away."""
    folders = [tmp_path / name for name in ("run", "state")]
    for folder in folders:
        folder.mkdir()
    nothing = tmp_path / "none.pem"
    return KitConfig(
        kit_id="kit-0007",
        run_dir=folders[0],
        state_dir=folders[1],
        broker=Broker(host="localhost", port=1, ca=nothing, certificate=nothing, key=nothing),
        meeting=Meeting(allowed_hosts=("meet.example",)),
    )


async def test_from_the_offer_to_the_removal_that_is_verified(
    home: Home, config: KitConfig, tmp_path: Path
) -> None:
    async with Visit(config, home, tmp_path, *ON, "wait") as visit:
        screen = await visit.at_the_list()
        networks = screen.state.devices.network.patient.networks
        assert [(one.label, one.signal, one.security) for one in networks] == [
            ("Hemma", Signal.GOOD, WifiSecurity.KEY),
            ("Fri", Signal.WEAK, WifiSecurity.OPEN),
        ]
        await screen.touch(wifi.ChooseWifi(networks[0].number), wifi.EnterWifiKey(KEY))
        await screen.sees(lambda s: s.devices.network.patient.step is WifiStep.ON)
        assert len(home.orders()) == 1
        await screen.touch(ev.HangUp())
        state = await screen.sees(lambda s: s.visit.wifi_removed)
        assert state.visit.wifi_used


async def test_a_network_that_ends_is_removed_and_said(home: Home, config: KitConfig, tmp_path: Path) -> None:
    lost = '{"step":"ended","trouble":"out_of_reach"}'
    async with Visit(config, home, tmp_path, *ON, lost) as visit:
        screen = await visit.at_the_list()
        await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey(KEY))
        state = await screen.sees(lambda s: s.devices.network.patient.step is WifiStep.REMOVED)
        assert state.devices.network.patient.trouble is WifiTrouble.OUT_OF_REACH


async def test_a_wrong_password_comes_back_as_such(home: Home, config: KitConfig, tmp_path: Path) -> None:
    wrong = ('{"step":"joining"}', '{"step":"ended","trouble":"key_wrong"}')
    async with Visit(config, home, tmp_path, *wrong) as visit:
        screen = await visit.at_the_list()
        await screen.touch(wifi.ChooseWifi(0), wifi.EnterWifiKey(KEY))
        state = await screen.sees(lambda s: s.devices.network.patient.trouble is not WifiTrouble.NONE)
        patient = state.devices.network.patient
        assert (patient.step, patient.trouble) == (WifiStep.KEY, WifiTrouble.KEY_WRONG)
