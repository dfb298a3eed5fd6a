"""The contract of who holds the kit's connections, against the real NetworkManager."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec.structs import replace

from kit import config as cf
from kit.ipc.network import Uplink, UplinkState
from kit.network import profiles
from kit.network.networkmanager import STANDING_BY, NetworkManager, name_servers
from kit.network.networkmanager_objects import Observed
from tests.kit.network.test_profiles import kit as provisioned
from tests.peers.network.namespace import LIMIT_S, Namespace, end, until

PROFILE = """
[connection]
id={name}
uuid=00000000-0000-4000-8000-00000000000{number}
type=802-3-ethernet
interface-name={interface}
[ipv4]
method=auto
route-metric={metric}
dns-priority={servers}
[ipv6]
method=auto
route-metric={metric}
dns-priority={servers}
"""


def provision(namespace: Namespace) -> None:
    """Cable and mobile broadband, which another cable plays: a profile's name says what it is for."""
    for number, uplink in enumerate((Uplink.CABLE, Uplink.MOBILE), 1):
        namespace.keyfile(f"kit-{uplink.value}", profile(uplink, number))


def profile(uplink: Uplink, number: int) -> str:
    """Weighed as provisioning does it."""
    return PROFILE.format(
        name=f"kit-{uplink.value}",
        number=number,
        interface=uplink.value,
        metric=STANDING_BY[uplink],
        servers=name_servers(uplink),
    )


def two_uplinks(namespace: Namespace) -> None:
    provision(namespace)
    namespace.link("cable", "192.168.7")
    namespace.link("mobile", "192.168.8")


class Watch:
    """What an observer has been told last."""

    def __init__(self, manager: NetworkManager) -> None:
        self.manager = manager
        self.last = Observed()
        self._told = asyncio.Event()

    async def run(self) -> None:
        async for observed in self.manager.changes():
            self.last = observed
            self._told.set()

    async def until(self, condition: Callable[[Observed], bool]) -> Observed:
        async with asyncio.timeout(LIMIT_S):
            while not condition(self.last):
                self._told.clear()
                await self._told.wait()
        return self.last

    async def state(self, uplink: Uplink, state: UplinkState) -> Observed:
        return await self.until(lambda seen: uplink in seen.uplinks and seen.uplinks[uplink].state is state)


@asynccontextmanager
async def watching(namespace: Namespace) -> AsyncIterator[Watch]:
    watch = Watch(NetworkManager(namespace.bus_address))
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def carrier(namespace: Namespace) -> str:
    """Over which interface the kernel would send."""
    words = namespace.run("ip route get 192.0.2.1", check=False).split()
    return words[words.index("dev") + 1] if "dev" in words else ""


def addresses(namespace: Namespace, interface: str) -> str:
    return namespace.run(f"ip -4 -brief address show dev {interface}")


async def test_what_is_plugged_in_is_told_as_it_happens(namespace: Namespace) -> None:
    provision(namespace)
    namespace.network_manager()
    async with watching(namespace) as watch:
        await watch.until(lambda seen: seen.present and seen.steered)
        namespace.link("cable", "192.168.7")
        observed = await watch.state(Uplink.CABLE, UplinkState.READY)
        assert observed.devices[Uplink.CABLE].interface == "cable"
        assert Uplink.MOBILE not in observed.devices
        namespace.run("ip link set world-cable down", world=True)
        await watch.state(Uplink.CABLE, UplinkState.DOWN)
        # Before NetworkManager itself gives the connection up.
        assert "192.168.7." in addresses(namespace, "cable")


async def test_another_uplink_is_made_to_carry_and_both_stay_up(namespace: Namespace) -> None:
    two_uplinks(namespace)
    namespace.network_manager()
    async with watching(namespace) as watch:
        await watch.until(lambda seen: len(seen.devices) == 2)
        kept = [addresses(namespace, name) for name in ("cable", "mobile")]
        for uplink in (Uplink.MOBILE, Uplink.CABLE, Uplink.MOBILE):
            assert await watch.manager.carry(uplink)
            until(lambda uplink=uplink: carrier(namespace) == uplink.value)
            assert [addresses(namespace, name) for name in ("cable", "mobile")] == kept


async def test_a_connection_is_ended_stays_away_and_is_begun_again(namespace: Namespace) -> None:
    two_uplinks(namespace)
    namespace.network_manager()
    async with watching(namespace) as watch:
        await watch.until(lambda seen: len(seen.devices) == 2)
        await watch.manager.switch(Uplink.MOBILE, on=True)
        await watch.manager.switch(Uplink.MOBILE, on=False)
        await watch.until(lambda seen: Uplink.MOBILE in seen.resting)
        assert addresses(namespace, "mobile").split()[2:] == []
        await watch.manager.switch(Uplink.MOBILE, on=False)
        await watch.manager.switch(Uplink.MOBILE, on=True)
        await watch.state(Uplink.MOBILE, UplinkState.READY)
        assert "192.168.8." in addresses(namespace, "mobile")


async def test_only_the_carriers_name_servers_are_asked(namespace: Namespace) -> None:
    two_uplinks(namespace)
    namespace.network_manager()
    async with watching(namespace) as watch:
        await watch.until(lambda seen: len(seen.devices) == 2)
        for uplink, server in ((Uplink.MOBILE, "192.168.8.1"), (Uplink.CABLE, "192.168.7.1")):
            assert await watch.manager.carry(uplink)
            file = namespace.path("/run/NetworkManager/resolv.conf")
            only = ["nameserver", server]
            until(lambda file=file, only=only: file.read_text().splitlines()[1:] == [" ".join(only)])


async def test_a_cable_that_comes_back_stands_by(namespace: Namespace) -> None:
    two_uplinks(namespace)
    namespace.network_manager()
    async with watching(namespace) as watch:
        await watch.until(lambda seen: len(seen.devices) == 2)
        assert await watch.manager.carry(Uplink.CABLE)
        namespace.run("ip link set world-cable down", world=True)
        await watch.state(Uplink.CABLE, UplinkState.DOWN)
        assert await watch.manager.carry(Uplink.MOBILE)
        until(lambda: carrier(namespace) == "mobile")
        namespace.run("ip link set world-cable up", world=True)
        await watch.state(Uplink.CABLE, UplinkState.READY)
        assert carrier(namespace) == "mobile"


async def test_a_phones_network_is_told_as_such(namespace: Namespace) -> None:
    provision(namespace)
    namespace.link("cable", "192.168.7", "--dhcp-option-force=43,ANDROID_METERED")
    namespace.network_manager()
    async with watching(namespace) as watch:
        observed = await watch.state(Uplink.CABLE, UplinkState.READY)
        assert observed.uplinks[Uplink.CABLE].hotspot
        assert observed.uplinks[Uplink.CABLE].metered


async def test_a_cable_whose_router_gives_no_address_is_no_uplink(namespace: Namespace) -> None:
    provision(namespace)
    namespace.link("cable")
    impatient = ("[ipv6]\nmethod=auto", "dhcp-timeout=2\n[ipv6]\nmethod=disabled")
    namespace.keyfile("kit-cable", profile(Uplink.CABLE, 1).replace(*impatient))
    namespace.network_manager()
    async with watching(namespace) as watch:
        await watch.until(lambda seen: Uplink.CABLE in seen.uplinks)
        await watch.state(Uplink.CABLE, UplinkState.FAILED)
        assert not await watch.manager.carry(Uplink.CABLE)


async def test_without_provisioned_profiles_nobody_steers(namespace: Namespace) -> None:
    namespace.link("cable", "192.168.7")
    namespace.network_manager()
    namespace.run("nmcli connection add type ethernet ifname cable con-name work")
    async with watching(namespace) as watch:
        observed = await watch.state(Uplink.CABLE, UplinkState.READY)
        assert not observed.steered
        assert not await watch.manager.carry(Uplink.CABLE)


async def test_networkmanager_may_be_missing_die_and_come_back(namespace: Namespace) -> None:
    two_uplinks(namespace)
    async with watching(namespace) as watch:
        assert watch.last == Observed()
        assert not await watch.manager.carry(Uplink.CABLE)
        process = namespace.network_manager()
        await watch.until(lambda seen: len(seen.devices) == 2)
        process.kill()
        await watch.until(lambda seen: not seen.present)
        assert not await watch.manager.carry(Uplink.CABLE)
        end(process)
        namespace.network_manager()
        await watch.until(lambda seen: len(seen.devices) == 2)
        assert await watch.manager.carry(Uplink.MOBILE)


async def test_a_bus_that_is_not_there_is_as_good_as_no_networkmanager() -> None:
    watch = Watch(NetworkManager("unix:path=/nonexistent/bus"))
    task = asyncio.create_task(watch.run())
    began = time.monotonic()
    while time.monotonic() - began < 0.3:
        await asyncio.sleep(0.05)
        assert not task.done()
    assert watch.last == Observed()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_networkmanager_reads_the_profiles_of_provisioning_as_they_were_meant(
    namespace: Namespace, tmp_path: Path
) -> None:
    key = "  hemlig; \\s #[x]\\ "
    (tmp_path / "key").write_text(key + "\n")
    login = cf.Enterprise(method="peap", identity="kit 7", domain="radius.test", ca=tmp_path / "ca.pem")
    login = replace(login, password_file=tmp_path / "key")
    names = cf.Networks(
        care_wifi=(
            cf.CareWifi(ssid="Ö;=[1] \\", key_file=tmp_path / "key"),
            cf.CareWifi(ssid="x", login=login),
        )
    )
    mobile = cf.Mobile(apn="iot.example", user="kit", password_file=tmp_path / "key")
    config = provisioned(tmp_path, replace(names, cable=login), mobile)
    for profile in profiles.profiles(config):
        namespace.keyfile(profile.name, profile.keyfile())
    namespace.network_manager()

    def read(name: str, what: str) -> str:
        said = namespace.run(f"nmcli --show-secrets --escape no --get-values {what} connection show {name}")
        return said.removesuffix("\n")

    assert read("kit-care-wifi-1", "802-11-wireless.ssid") == "Ö;=[1] \\"
    assert read("kit-care-wifi-1", "802-11-wireless-security.psk") == key
    assert read("kit-care-wifi-2", "802-1x.password") == key
    assert read("kit-care-wifi-2", "802-1x.domain-suffix-match") == "radius.test"
    assert read("kit-cable-login", "802-1x.identity") == "kit 7"
    assert read("kit-mobile", "gsm.apn,gsm.password,gsm.home-only").splitlines() == [
        "iot.example",
        key,
        "yes",
    ]
    # Whoever else stands by is behind it, and whoever is made to carry before: it is never applied anew.
    assert read("kit-mobile", "ipv4.route-metric") == "1001"
    assert read("kit-mobile", "ipv4.dns-priority") == "-1"
