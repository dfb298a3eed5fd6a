"""`call.py SECONDS [CHANGE…]`: staff at the kit's screen in a call, and an ear at its speaker.

Leads a visit into the test room, listens for SECONDS, then makes each change of the networks and listens to
what becomes of the sound. Prints what was heard, as JSON. Runs inside the virtual machine, by its time.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import alsaaudio
import msgspec
import numpy as np

from kit.ipc import commands as cmd
from kit.ipc.network import Uplink, UplinkState
from kit.ipc.state import KitState
from kit.ipc.wire import Link, Peer, agent_socket, connect
from kit.media.level import BLOCK, RATE, dbfs
from kit.network.uplinks import NEW_S
from kit.visit import events as ev
from kit.visit.model import Check, Confirmation, Step
from tests.peers.media.pauses import QUIET_DBFS, in_levels_s
from tests.vm.call_heard import Heard

RUN_DIR = Path("/run/kit")
WORLD = "/usr/lib/rig/call-world"
LINK = "https://meet.test/webapp/m/oppet"
LOOP = "plughw:CARD=Loopback,DEV=1"
"""The other end of what the kit plays (snd-aloop)."""
AFTER_S = 6.0
"""So long after a change is listened for pauses."""
LIMIT_S = 300.0
LOOK_EVERY_S = 0.1
LOUD_BLOCKS = 50
UNITS = ("kit-engine", "kit-agent", "rig-far")


class Ear(threading.Thread):
    """Listens from its start on; keeps how loud each 20 ms were."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.levels_dbfs: list[float] = []

    def run(self) -> None:
        """Read until the process ends."""
        pcm = alsaaudio.PCM(
            alsaaudio.PCM_CAPTURE, alsaaudio.PCM_NORMAL, device=LOOP, rate=RATE, channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE, periodsize=BLOCK, periods=50,
        )  # fmt: skip
        rest = b""
        while True:
            count, data = pcm.read()
            if count < 0:
                sys.exit("the ear was late")
            rest += data
            while len(rest) >= 2 * BLOCK:
                self.levels_dbfs.append(dbfs(np.frombuffer(rest[: 2 * BLOCK], np.int16)))
                rest = rest[2 * BLOCK :]


class Screen:
    """The newest snapshot, and touches."""

    def __init__(self, link: Link[KitState]) -> None:
        self._link = link
        self._state = KitState()
        self._changed = asyncio.Event()

    async def follow(self) -> None:
        """Take each snapshot until the agent is gone."""
        async for state in self._link:
            self._state = state
            self._changed.set()

    async def touch(self, *commands: cmd.Command) -> None:
        """Touch one after another."""
        for command in commands:
            await self._link.send(command)

    async def sees(self, what: str, expected: Callable[[KitState], object]) -> None:
        """Wait for it; ends the process when it does not come."""
        say(f"waits: {what}")
        try:
            async with asyncio.timeout(LIMIT_S):
                while not expected(self._state):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            sys.exit(f"{what}: it did not come; {self._state.visit} {self._state.devices}")


def say(what: str) -> None:
    """Write to the machine's serial line, for whoever waits outside."""
    with Path("/dev/ttyS0").open("w") as line:
        line.write(f"{time.monotonic():.1f} {what}\n")


async def lead(screen: Screen, ear: Ear) -> None:
    """Into the call, until the other is heard."""

    def ready(state: KitState) -> bool:
        states = {view.uplink: view.state for view in state.devices.network.uplinks}
        up = (states.get(Uplink.CABLE), states.get(Uplink.MOBILE))
        return up == (UplinkState.IN_USE, UplinkState.READY)

    await screen.sees("uplinks", ready)
    await screen.touch(cmd.SubmitInvitation(LINK))
    await screen.sees("a visit", lambda state: state.visit.step is Step.PREPARE)
    await screen.touch(*[ev.AnswerCheck(check, passed=True) for check in Check], ev.Proceed())
    await screen.sees("questions", lambda state: state.visit.step is Step.CONFIRM)
    await screen.touch(*[ev.Confirm(c, given=True) for c in Confirmation], ev.Proceed())
    await screen.sees("the call", lambda state: state.visit.step is Step.IN_CALL)
    say("waits: sound")
    async with asyncio.timeout(LIMIT_S):
        while not ear.levels_dbfs or min(ear.levels_dbfs[-LOUD_BLOCKS:]) < QUIET_DBFS:  # noqa: ASYNC110 - it is a thread that hears
            await asyncio.sleep(LOOK_EVERY_S)


async def heard(
    screen: Screen, ear: Ear, what: str, words: list[str], carrier: Uplink, after_s: float
) -> Heard:
    """Make a change, and listen until some time after the kit has come over."""
    mark, began, before = len(ear.levels_dbfs), time.monotonic(), _used()
    if words:
        changing = await asyncio.create_subprocess_exec("bash", WORLD, *words)
        if await changing.wait():
            sys.exit(f"{what}: {WORLD} {words} failed")
    await screen.sees(what, lambda state: state.devices.network.uplink is carrier)
    came_over_s = time.monotonic() - began
    await asyncio.sleep(after_s)
    levels = ear.levels_dbfs[mark:]
    pauses, every = in_levels_s(levels), in_levels_s(levels, shortest_s=0.0)
    taken_s, after = time.monotonic() - began, _used()
    shares = {name: round((after[name] - before[name]) / taken_s, 3) for name in after}
    return Heard(
        what=what,
        carrier=carrier,
        came_over_s=round(came_over_s, 2),
        pauses_s=[round(pause, 2) for pause in pauses],
        stutter_s=round(sum(every) - sum(pauses), 2),
        level_dbfs=round(float(np.median(levels)), 1),
        busy=round(shares.pop("busy"), 3),
        shares=shares,
    )


def _used() -> dict[str, float]:
    """Seconds of the processor so far: all that was not idle, and each unit's."""
    cpu = [int(ticks) / 100 for ticks in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    used = {"busy": sum(cpu[:8]) - cpu[3] - cpu[4]}
    for unit in UNITS:
        show = ["systemctl", "show", "--value", "--property=CPUUsageNSec", unit]
        used[unit] = int(subprocess.run(show, check=True, capture_output=True).stdout) / 1e9
    return used


async def reach() -> Link[KitState]:
    """Connect as soon as the agent listens."""
    while True:
        try:
            return await connect(agent_socket(RUN_DIR), Peer.SCREEN, KitState)
        except OSError:
            await asyncio.sleep(LOOK_EVERY_S)


async def main(seconds: float, changes: list[str]) -> None:
    """Call, listen, change and listen. A change is ``what:words:carrier``."""
    screen, ear, all_heard = Screen(await reach()), Ear(), []
    following = asyncio.create_task(screen.follow())
    ear.start()
    await lead(screen, ear)
    await asyncio.sleep(NEW_S)
    for what, words, carrier, after_s in [("no change", "", Uplink.CABLE, seconds)] + [
        (what, words, Uplink(carrier), AFTER_S) for what, words, carrier in (c.split(":") for c in changes)
    ]:
        all_heard.append(await heard(screen, ear, what, words.split(), carrier, after_s))
        say(msgspec.json.encode(all_heard[-1]).decode())
    following.cancel()
    sys.stdout.write(msgspec.json.encode(all_heard).decode())


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), sys.argv[2:]))
