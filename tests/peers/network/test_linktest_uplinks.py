"""Every uplink is tested, each by itself, whichever carries the kit."""

import asyncio
import json
from pathlib import Path

from bench.handovers import far
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.linktest import LinkTried, TrialEnd, TryLink
from kit.ipc.network import LinkAdvice, LinkFigures, LinkTest, LinkVerdict, Uplink, Verdict
from kit.ipc.state import Condition, Device
from kit.ipc.wire import Link, Peer
from tests.kit.meeting.pexip import certificates
from tests.peers.media.pulse import Pulse
from tests.peers.network import inside
from tests.peers.network.inside import ENGINE, REGION, Inside
from tests.peers.network.namespace import LIMIT_S, Namespace, python, until
from tests.peers.network.test_networkmanager import two_uplinks

NAME = "meet.test"
LONG_S = 120.0
"""Two tests, and a processor that others use too."""
NOISE_BYTES = 40_000
"""Far more than to join a room takes, far less than a test."""
ASK = """
import asyncio, socket, sys
from kit.network.interface import Way, install, through
async def main():
    loop = asyncio.get_running_loop()
    async def ask(name):
        return (await loop.getaddrinfo(name, 443, type=socket.SOCK_STREAM))[0][4][0]
    with through(Way(interface="mobile", name_servers=("192.168.8.1",))):
        print(await ask(sys.argv[1]))
    print(await ask(sys.argv[1]))
    try:
        with through(Way(interface="mobile", name_servers=("192.168.8.1",))):
            print(await ask("nobody.test"))
    except socket.gaierror:
        print("gaierror")
install()
asyncio.run(main())
print("done", flush=True)
"""
OK = Device(condition=Condition.OK, simulated=True)
FINE = LinkFigures(up_kbps=2000, down_kbps=2000, round_trip_ms=40, jitter_ms=2, longest_gap_ms=40)


async def ordered(engine: Link[ng.Order]) -> TryLink:
    async with asyncio.timeout(LIMIT_S):
        while not isinstance(order := await engine.receive(), TryLink):
            assert order is not None
    return order


async def verdict_of(kit: Inside) -> LinkTest:
    """Wait for the outcome."""
    await kit.sees(lambda _: kit.network.test is not None and not kit.network.test.running, LONG_S)
    assert kit.network.test is not None
    return kit.network.test


async def test_after_the_uplink_in_use_those_that_stand_by_are_tried_and_each_has_a_verdict(
    namespace: Namespace, tmp_path: Path
) -> None:
    two_uplinks(namespace)
    inside.region(namespace)
    namespace.network_manager()
    async with Inside(namespace, tmp_path) as kit:
        await kit.settled()
        engine = await kit.connect(Peer.ENGINE, ng.Order)
        await engine.send(ng.EngineReady(OK, OK, OK, ""))
        await kit.sees(lambda state: state.devices.camera.condition is Condition.OK)
        assert kit.screen is not None
        await kit.screen.send(cmd.TestLink())
        assert (await ordered(engine)).interface == ""
        await engine.send(LinkTried(TrialEnd.SILENT))
        order = await ordered(engine)
        assert (order.interface, order.name_servers) == ("mobile", ("192.168.8.1",))
        await kit.sees(lambda _: kit.network.test is not None and kit.network.test.uplink is Uplink.MOBILE)
        await engine.send(LinkTried(TrialEnd.MEASURED, FINE))
        test = await verdict_of(kit)
        assert (test.uplink, test.verdict, test.advice) == (Uplink.CABLE, Verdict.POOR, LinkAdvice.OTHER)
        assert test.others == (LinkVerdict(uplink=Uplink.MOBILE, verdict=Verdict.GOOD),)
        said = {view.uplink: view.verdict for view in kit.network.uplinks if view.verdict}
        assert said == {Uplink.CABLE: Verdict.POOR, Uplink.MOBILE: Verdict.GOOD}
        await engine.close()


async def test_real_media_go_through_the_uplink_that_is_tested_and_no_other(
    namespace: Namespace, tmp_path: Path
) -> None:
    two_uplinks(namespace)
    names(namespace, "mobile", REGION)
    inside.region(namespace)
    namespace.network_manager()
    keys = certificates.make(tmp_path, host=NAME)
    namespace.write("/run/hosts", f"127.0.0.1 localhost\n{REGION} {NAME}\n", 0o644)
    namespace.run("mount --bind /run/hosts /etc/hosts")
    there = namespace.start(*python("-m", far.__name__, REGION, NAME, *map(str, keys)), world=True)
    until(lambda: "ready" in namespace.output(there))
    pulse = Pulse(tmp_path)
    pulse.start()
    try:
        more = ENGINE.format(ca=keys.ca)
        async with Inside(namespace, tmp_path, NAME, more, pulse.environment) as kit:
            kit.start("kit.media")
            await kit.settled()
            await kit.sees(lambda state: state.devices.camera.simulated, LONG_S)
            assert kit.screen is not None
            await kit.screen.send(cmd.TestLink())
            await kit.sees(
                lambda _: kit.network.test is not None and kit.network.test.uplink is Uplink.MOBILE, LONG_S
            )
            cable, mobile = sent(namespace)
            assert cable > NOISE_BYTES > mobile
            test = await verdict_of(kit)
            assert test.verdict is not None
            assert [one.uplink for one in test.others] == [Uplink.MOBILE]
            assert test.others[0].verdict is not None
            cable_later, mobile_later = sent(namespace)
            assert cable_later < cable + NOISE_BYTES
            assert mobile_later > NOISE_BYTES
    finally:
        pulse.stop()


async def test_names_are_asked_of_the_uplink_that_is_tested(namespace: Namespace) -> None:
    two_uplinks(namespace)
    names(namespace, "cable", "203.0.113.7")
    names(namespace, "mobile", "203.0.113.8")
    namespace.network_manager()
    namespace.write("/run/resolv.conf", "nameserver 192.168.7.1\n", 0o644)
    namespace.run("mount --bind /run/resolv.conf /etc/resolv.conf")
    until(lambda: namespace.run("ip -4 route show default").count("default") == 2)
    asking = namespace.start(*python("-c", ASK, NAME))
    asking.wait(LIMIT_S)
    assert namespace.output(asking).split() == ["203.0.113.8", "203.0.113.7", "gaierror", "done"]


def names(namespace: Namespace, uplink: str, address: str) -> None:
    """Let an uplink's router answer for names: it knows one."""
    known = ("--no-resolv", "--no-hosts", f"--address=/{NAME}/{address}")
    alone = ("--bind-interfaces", f"--interface=world-{uplink}", "--except-interface=lo")
    words = ("--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--pid-file=")
    namespace.start("dnsmasq", *words, *alone, *known, world=True)


def sent(namespace: Namespace) -> tuple[int, int]:
    """Bytes that have left by cable and by mobile broadband."""
    said = json.loads(namespace.run("ip -json -statistics link show"))
    by = {link["ifname"]: int(link["stats64"]["tx"]["bytes"]) for link in said}
    return by["cable"], by["mobile"]
