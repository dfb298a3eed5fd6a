"""`python -m bench.handover`: seconds without sound when the network under a call changes.

The real agent and the real engine, NetworkManager and several uplinks, in a call with the test room; what
leaves the speaker is listened to. Needs root. `make bench-handover PARTS=namespaces,machine ROUNDS=3`, with
QUICK=1 in namespaces only. Leaves build/bench/handover.json.

- `namespaces`: on this machine, in its own time, with two cables, of which one plays mobile broadband. A
  cable is pulled, plugged in again, and dead though it is up.
- `machine`: in a virtual machine (:mod:`tests.vm.call`), in **virtual time**: a machine of one processor of
  1000 million instructions a second, whose seconds take several here. With care Wi-Fi from a radio to an
  access point, a modem that speaks PPP, and delay and loss on each uplink.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import bench
from bench.handovers import far
from bench.handovers.ear import Ear
from kit.ipc import commands as cmd
from kit.ipc.network import Uplink
from kit.network import uplinks
from kit.visit import events as ev
from kit.visit.model import Check, Confirmation, Step
from tests.kit.meeting.pexip import certificates
from tests.peers.media.pulse import Pulse
from tests.peers.network.inside import ENGINE, REGION, Inside, region
from tests.peers.network.namespace import Namespace, python, until
from tests.peers.network.test_networkmanager import two_uplinks
from tests.vm import call, disk

NAME = "meet.test"
AFTER_S = 6.0
"""So long after a change is listened for pauses."""
DEAD = """
nft add table inet dead
nft add chain inet dead input '{ type filter hook input priority 0; }'
nft add rule inet dead input iifname world-cable meta l4proto { tcp, udp } drop
nft add chain inet dead output '{ type filter hook output priority 0; }'
nft add rule inet dead output oifname world-cable meta l4proto { tcp, udp } drop
"""
Change = Callable[[Namespace], None]


def pull(namespace: Namespace) -> None:
    """Pull the cable."""
    namespace.run("ip link set world-cable down", world=True)


def plug(namespace: Namespace) -> None:
    """Plug it in again."""
    namespace.run("ip link set world-cable up", world=True)


def kill(namespace: Namespace) -> None:
    """Let the cable's router drop everything, both ways."""
    namespace.run(DEAD, world=True)


CHANGES: tuple[tuple[str, Change, Uplink], ...] = (
    ("cable pulled, over to mobile", pull, Uplink.MOBILE),
    ("cable stable again, back to it", plug, Uplink.CABLE),
    ("cable dead though it is up, over to mobile", kill, Uplink.MOBILE),
)


IN_THE_MACHINE: tuple[tuple[str, str, Uplink], ...] = (
    ("cable pulled, over to mobile", "cable out", Uplink.MOBILE),
    ("care Wi-Fi stable, over to it", "wifi on", Uplink.CARE_WIFI),
    ("cable stable again, back to it", "cable in", Uplink.CABLE),
    ("cable pulled, over to care Wi-Fi", "cable out", Uplink.CARE_WIFI),
    ("access point without power, over to mobile", "wifi off", Uplink.MOBILE),
)
LISTEN_S = 10.0
"""Before the first change: what is missed then is no change's."""


def main() -> int:
    """Measure; ends with 0 when every change was measured, whatever it showed."""
    load, parts = os.getloadavg()[0], _parts()
    silent: dict[str, list[float]] = {}
    for _ in range(int(os.environ.get("ROUNDS", "1"))):
        if "namespaces" in parts:
            with tempfile.TemporaryDirectory(prefix="handover-") as folder, Namespace() as namespace:
                asyncio.run(_round(Path(folder), namespace, silent))
        if "machine" in parts:
            _in_the_machine(silent)
    figures = [
        bench.Figure(what=f"without sound, {what}", value=statistics.median(s), unit="s", better="less")
        for what, s in silent.items()
    ]
    bench.write("handover", figures, load)
    return 0


def _parts() -> list[str]:
    """Which parts are wanted; the machine takes minutes before it measures anything."""
    every = "namespaces" if os.environ.get("QUICK") else "namespaces,machine"
    return os.environ.get("PARTS", every).split(",")


def _in_the_machine(silent: dict[str, list[float]]) -> None:
    with call.machine(disk.BUILD / "call") as machine:
        for heard in call.call(machine, LISTEN_S, IN_THE_MACHINE):
            print(f"\n{heard}", flush=True)
            silent.setdefault(f"{heard.what} (virtual time)", []).append(sum(heard.pauses_s))


async def _round(folder: Path, namespace: Namespace, silent: dict[str, list[float]]) -> None:
    two_uplinks(namespace)
    region(namespace)
    namespace.network_manager()
    keys = certificates.make(folder, host=NAME)
    namespace.write("/run/hosts", f"127.0.0.1 localhost\n{REGION} {NAME}\n", 0o644)
    namespace.run("mount --bind /run/hosts /etc/hosts")
    words = [REGION, NAME, *map(str, keys)]
    there = namespace.start(*python("-m", far.__name__, *words), world=True)
    until(lambda: "ready" in namespace.output(there))
    pulse = Pulse(folder)
    pulse.start()
    try:
        more = ENGINE.format(ca=keys.ca)
        async with Inside(namespace, folder, NAME, more, pulse.environment) as kit, Ear(pulse) as ear:
            kit.start("kit.media")
            await _to_call(kit)
            for what, change, uplink in CHANGES:
                silent.setdefault(what, []).append(
                    await _changed(kit, ear, partial(change, namespace), uplink)
                )
    finally:
        pulse.stop()


async def _to_call(kit: Inside) -> None:
    async def touch(*commands: cmd.Command) -> None:
        assert kit.screen is not None
        for command in commands:
            await kit.screen.send(command)

    await kit.settled()
    await touch(cmd.SubmitInvitation(f"https://{NAME}/webapp/m/{far.ROOM}"))
    await kit.sees(lambda state: state.visit.step is Step.PREPARE)
    await touch(*[ev.AnswerCheck(check, passed=True) for check in Check], ev.Proceed())
    await kit.sees(lambda state: state.visit.step is Step.CONFIRM)
    await touch(*[ev.Confirm(c, given=True) for c in Confirmation], ev.Proceed())
    await kit.sees(lambda state: state.visit.step is Step.IN_CALL and state.call.remote_picture)
    await asyncio.sleep(uplinks.NEW_S)


async def _changed(kit: Inside, ear: Ear, change: Callable[[], None], uplink: Uplink) -> float:
    """Make a change; seconds without sound until some time after the kit has come over."""
    mark = ear.now
    await asyncio.to_thread(change)
    await kit.carried_by(uplink)
    await asyncio.sleep(AFTER_S)
    pauses = ear.pauses_s(mark)
    print(f" {sum(pauses):.2f} s", end="", flush=True)
    return sum(pauses)


if __name__ == "__main__":
    sys.exit(main())
