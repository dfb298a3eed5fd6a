"""Staff at the kit's screen: leads a visit to the patient's Wi-Fi, joins it by name and password, hangs up.

The network is named each time that the file /run/rig/go is there. SIGTERM is the hang-up. What the screen
shows of the Wi-Fi from then on is in /run/rig/steps, a line for each step and its trouble; what it shows of
uplinks and modem is in /run/rig/uplinks, a line for each change. Runs inside the virtual machine.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit.ipc import commands as cmd
from kit.ipc import wifi
from kit.ipc.network import WifiStep
from kit.ipc.state import KitState, Network
from kit.ipc.wire import Link, Peer, agent_socket, connect
from kit.visit import events as ev
from kit.visit.model import Step

RIG = Path("/run/rig")
LINK = "https://meet.example/webapp/m/norr"
LOOK_EVERY_S = 0.05


class Screen:
    """The newest snapshot, and touches."""

    def __init__(self, link: Link[KitState]) -> None:
        self._link = link
        self._state = KitState()
        self._changed = asyncio.Condition()
        self._told = ""
        self._uplinks = ""
        self.tells = False
        """Whether steps are written down."""

    async def follow(self) -> None:
        """Take each snapshot until the agent is gone."""
        async for state in self._link:
            self._state = state
            self._tell(state)
            async with self._changed:
                self._changed.notify_all()

    async def touch(self, *commands: cmd.Command) -> None:
        """Touch one after another."""
        for command in commands:
            await self._link.send(command)

    async def sees(self, expected: Callable[[KitState], Any]) -> None:
        """Wait for it."""
        async with self._changed:
            await self._changed.wait_for(lambda: expected(self._state))

    def _tell(self, state: KitState) -> None:
        if (uplinks := words(state.devices.network)) != self._uplinks:
            self._uplinks = uplinks
            with (RIG / "uplinks").open("a") as lines:
                lines.write(f"{uplinks}\n")
        patient = state.devices.network.patient
        step = f"{patient.step}:{patient.trouble}"
        if state.visit.wifi_used and state.visit.wifi_removed:
            step = f"removed:{patient.trouble}"
        if self.tells and step != self._told:
            self._told = step
            with (RIG / "steps").open("a") as steps:
                steps.write(f"{step}\n")


def words(network: Network) -> str:
    """What it shows of uplinks and modem."""
    uplinks = (f"{view.uplink}:{view.state}" for view in network.uplinks)
    modem = network.mobile
    told = {"card": modem.sim, "place": modem.registration, "by": modem.technology, "signal": modem.signal}
    return " ".join((*uplinks, *(f"{name}:{word}" for name, word in told.items())))


async def lead(screen: Screen) -> None:
    """To the list of networks, and each time when told so into one of them."""
    await screen.touch(cmd.SubmitInvitation(LINK))
    await screen.sees(lambda s: s.visit.step is Step.PREPARE and s.devices.network.patient.offered)
    yes = [wifi.AnswerWifi(step, yes=True) for step in (WifiStep.REASON, WifiStep.CONSENT)]
    await screen.touch(wifi.BeginWifi(), *yes)
    await screen.sees(lambda s: s.devices.network.patient.networks)
    (RIG / "ready").touch()
    while True:
        while not (RIG / "go").exists():  # noqa: ASYNC110 - a shell script cannot set an event
            await asyncio.sleep(LOOK_EVERY_S)
        (RIG / "go").unlink()
        screen.tells = True
        await screen.touch(wifi.TypeWifiName(os.environ["SSID"]), wifi.EnterWifiKey(os.environ["PASSWORD"]))


async def reach(run_dir: Path) -> Link[KitState]:
    """Connect as soon as the agent listens."""
    while True:
        try:
            return await connect(agent_socket(run_dir), Peer.SCREEN, KitState)
        except OSError:
            await asyncio.sleep(LOOK_EVERY_S)


async def main(run_dir: Path) -> None:
    """One visit, until the agent is gone."""
    screen, hang_up = Screen(await reach(run_dir)), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, hang_up.set)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(screen.follow())
        tasks.create_task(lead(screen))
        await hang_up.wait()
        await screen.touch(ev.HangUp())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
