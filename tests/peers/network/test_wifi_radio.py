"""The agent's side: scanning, choosing, ordering a holder, hearing of its end, and having it gone."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from kit.config import Probe
from kit.ipc.network import Signal, WifiSecurity, WifiTrouble
from kit.network.firewall import NFT, Firewall, apply
from kit.network.guard.client import Client, Guarding
from kit.network.guard.service import Guard, Servers, by_resolver
from kit.network.guard.words import MAX_LINE
from kit.network.wifi.hold import Hold, read_hold
from kit.network.wifi.names import Name
from kit.network.wifi.radio import Radio, of_machine
from kit.network.wifi.removal import Removal
from kit.network.wifi.secrets import Secret
from kit.network.wifi.security import Access
from tests.peers.network.air import SAE, WPA2, Air
from tests.peers.network.namespace import Namespace, until

ON = ('{"step":"joining"}', '{"step":"address"}', '{"step":"on"}')
HOLDER = """
import os, sys
order = sys.stdin.readline()
with open(sys.argv[1], "a") as told:
    told.write(order)
for line in sys.argv[2:]:
    if line == "wait":
        sys.stdin.read()
    else:
        print(line, flush=True)
"""
KEY = "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"


class Home:
    """A radio in somebody's home, with holders that say what they are given to say, and a guard."""

    def __init__(self, air: Air, bus: str, folder: Path) -> None:
        self.air = air
        self.forms: list[str] = []
        """Of the firewall, in the order in which the kernel took them."""
        self.socket = folder / "guard"
        self.served: set[asyncio.Future[None]] = set()
        """Connections to the guard."""
        self._bus = bus
        self._folder = folder
        self._orders = folder / "orders"

    def radio(self, *said: str, probe: Probe | None = None) -> Radio:
        command = (sys.executable, "-c", HOLDER, str(self._orders), *said)
        self.guard = Client(self.socket)
        return Radio(probe=probe, bus_address=self._bus, guard=self.guard, command=command)

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Let the guard be away."""
        away = self.socket.rename(self.socket.with_name("away"))
        for connection in self.served:
            connection.cancel()
        yield
        away.rename(self.socket)

    def orders(self) -> list[Hold]:
        lines = self._orders.read_bytes().splitlines() if self._orders.exists() else []
        return [read_hold(line) for line in lines]


@asynccontextmanager
async def living(namespace: Namespace, folder: Path, air: Air) -> AsyncIterator[Home]:
    """Let the kit be there, with the guard's own code before a real kernel."""
    home = Home(air, namespace.bus_address, folder)

    async def put_in_force(firewall: Firewall) -> bool:
        done = await apply(firewall, namespace.entered(*NFT))
        guest = firewall.guest
        home.forms.append("own" if guest is None else " ".join(("guest", *guest.resolvers)))
        return done

    removal = Removal(root=folder, bus_address=namespace.bus_address)
    guard = Guard(Servers(), removal, put_in_force, by_resolver)

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        home.served.add(asyncio.ensure_future(guard.serve(reader, writer)))

    await air.serve(namespace.bus_address)
    server = await asyncio.start_unix_server(serve, path=home.socket, limit=MAX_LINE)
    try:
        assert await guard.close()
        yield home
    finally:
        server.close()
        air.close()
        for connection in home.served:
            connection.cancel()
        await asyncio.gather(*home.served, return_exceptions=True)


@pytest.fixture
async def home(namespace: Namespace, tmp_path: Path) -> AsyncIterator[Home]:
    air = Air()
    air.points = {
        b"Hemma": (80, WPA2),
        b"Nya": (70, SAE),
        b"IEEE": (60, WPA2),
        b"care": (99, WPA2),
        b"Fri": (30, 0),
    }
    air.hidden = {"Gömd".encode(): (50, WPA2), "Öppen".encode(): (50, 0)}
    async with living(namespace, tmp_path, air) as home:
        yield home


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


def outside(process: str) -> bytes:
    """What any other process may read of one."""
    return b"".join(Path(f"/proc/{process}/{name}").read_bytes() for name in ("cmdline", "environ"))


async def test_a_scan_shows_what_staff_may_choose(home: Home) -> None:
    found = await home.radio().scan()
    assert [(one.label, one.signal, one.security) for one in found] == [
        ("Hemma", Signal.GOOD, WifiSecurity.KEY),
        ("Nya", Signal.FAIR, WifiSecurity.KEY),
        ("IEEE", Signal.FAIR, WifiSecurity.KEY),
        ("Fri", Signal.WEAK, WifiSecurity.OPEN),
    ]


async def test_wpa2_is_ordered_by_its_key_and_nothing_is_seen_from_outside(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    before = children()
    assert await radio.join(Name(b"IEEE"), Secret("password"), 60) is WifiTrouble.NONE
    [order] = home.orders()
    assert (order.ssid, order.key, order.hidden, order.limit_s) == (b"IEEE", KEY, False, 60)
    [holder] = children() - before
    assert not [word for word in (b"IEEE", b"password", KEY.encode()) if word in outside(holder)]
    assert await radio.remove()
    assert children() == before


async def test_a_hidden_network_that_is_open_is_joined_by_its_name(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    assert await radio.join(Name("Öppen".encode()), None, 60) is WifiTrouble.NONE
    [order] = home.orders()
    assert (order.access, order.key, order.hidden) == (Access.OPEN, "", True)
    assert await radio.remove()


async def test_the_firewall_is_the_guests_while_a_network_is_there_and_then_the_kits_own(home: Home) -> None:
    home.air.resolvers = ["192.168.1.1", "fe80::1%wlan9"]
    radio = home.radio(*ON, "wait")
    assert await radio.join(Name(b"Fri"), None, 60) is WifiTrouble.NONE
    assert home.forms == ["guest", "guest 192.168.1.1 fe80::1"]
    home.air.resolvers = []
    assert await radio.remove()
    assert home.forms[-1] == "own"


async def test_name_servers_that_come_late_are_let_through(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    assert await radio.join(Name(b"Fri"), None, 60) is WifiTrouble.NONE
    keeping = asyncio.create_task(radio.keep_guarded())
    home.air.resolvers = ["192.168.1.7"]
    await asyncio.to_thread(until, lambda: home.forms[-1] == "guest 192.168.1.7")
    home.air.resolvers = []
    keeping.cancel()
    await asyncio.wait([keeping])
    assert await radio.remove()


async def test_without_a_guard_nothing_is_joined(home: Home) -> None:
    home.socket.unlink()
    radio = home.radio(*ON, "wait")
    assert await radio.join(Name(b"Fri"), None, 60) is WifiTrouble.NO_WIFI
    assert home.orders() == []
    assert not await radio.remove()


async def test_the_kits_own_form_does_not_come_back_before_the_removal_is_seen(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    assert await radio.join(Name(b"Fri"), None, 60) is WifiTrouble.NONE
    home.air.resolvers = ["192.168.1.1"]
    removing = asyncio.create_task(radio.remove())
    done, _ = await asyncio.wait([removing], timeout=2)
    assert not done
    assert "own" not in home.forms
    home.air.resolvers = []
    assert await removing
    assert home.forms[-1] == "own"


async def test_whoever_guards_is_asked_again_when_the_connection_is_lost(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    keeping = asyncio.create_task(radio.keep_guarded())
    await asyncio.to_thread(until, lambda: home.forms[-1] == "own")
    home.guard.close()
    await asyncio.to_thread(until, lambda: home.forms[-2:] == ["guest", "own"])
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_a_guard_that_is_away_is_heard_of_and_nothing_is_joined_until_it_is_back(home: Home) -> None:
    radio, heard = home.radio(*ON, "wait"), list[Guarding]()
    radio.guarded = heard.append
    keeping = asyncio.create_task(radio.keep_guarded())
    await asyncio.to_thread(until, lambda: heard == [Guarding.OK])
    with home.unguarded():
        await asyncio.to_thread(until, lambda: heard == [Guarding.OK, Guarding.SILENT])
        assert await radio.join(Name(b"Fri"), None, 60) is WifiTrouble.NO_WIFI
        assert home.orders() == []
    await asyncio.to_thread(until, lambda: heard[-1] is Guarding.OK)
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_the_limit_is_bounded(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    await radio.join(Name(b"Fri"), None, 1e9)
    assert [order.limit_s for order in home.orders()] == [7200]
    await radio.remove()


async def test_a_hidden_network_is_called_by_its_name_and_no_other_is(home: Home) -> None:
    radio = home.radio(*ON, "wait")
    assert await radio.join(Name(b"Hemma"), Secret("password"), 60) is WifiTrouble.NONE
    assert home.air.called == []
    assert await radio.join(Name("Gömd".encode()), Secret("password"), 60) is WifiTrouble.NONE
    assert await radio.join(Name("Gömd".encode()), Secret("password"), 60) is WifiTrouble.NONE
    assert home.air.called == ["Gömd".encode()]
    assert [order.hidden for order in home.orders()] == [False, True, True]
    assert await radio.remove()


@pytest.mark.parametrize(
    ("name", "secret", "said"),
    [
        (b"Borta", "password", WifiTrouble.OUT_OF_REACH),
        (b"Hemma", "kort", WifiTrouble.KEY_FORM),
        (b"Hemma", None, WifiTrouble.KEY_FORM),
        (b"Fri", "password", WifiTrouble.OUT_OF_REACH),
    ],
)
async def test_what_cannot_work_is_said_before_a_holder_is_started(
    home: Home, name: bytes, secret: str | None, said: WifiTrouble
) -> None:
    given = None if secret is None else Secret(secret)
    assert await home.radio(*ON).join(Name(name), given, 60) is said
    assert home.orders() == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('{"step":"joining"}', '{"step":"ended","trouble":"key_wrong"}'), WifiTrouble.KEY_WRONG),
        (('{"step":"joining"}', '{"step":"ended"}'), WifiTrouble.NO_WIFI),
        (('{"step":"joining"}',), WifiTrouble.NO_WIFI),
        (("not a message",), WifiTrouble.NO_WIFI),
        (("x" * 100_000,), WifiTrouble.NO_WIFI),
        ((), WifiTrouble.NO_WIFI),
    ],
)
async def test_a_holder_that_fails_is_ended_and_its_trouble_told(
    home: Home, lines: tuple[str, ...], said: WifiTrouble
) -> None:
    radio, before = home.radio(*lines), children()
    assert await radio.join(Name(b"Hemma"), Secret("password"), 60) is said
    assert children() == before


async def test_the_end_of_a_joined_network_is_told_once(home: Home) -> None:
    radio, heard = home.radio(*ON, '{"step":"ended","trouble":"time_over"}'), asyncio.Queue[WifiTrouble]()
    radio.gone = heard.put_nowait
    assert await radio.join(Name(b"Hemma"), Secret("password"), 60) is WifiTrouble.NONE
    assert await asyncio.wait_for(heard.get(), 30) is WifiTrouble.TIME_OVER
    assert await radio.remove()
    assert heard.empty()


async def test_a_removal_is_not_told_as_an_end(home: Home) -> None:
    radio, heard = home.radio(*ON, "wait", '{"step":"ended"}'), asyncio.Queue[WifiTrouble]()
    radio.gone = heard.put_nowait
    await radio.join(Name(b"Hemma"), Secret("password"), 60)
    assert await radio.remove()
    assert await radio.remove()
    assert heard.empty()


async def test_a_cancelled_join_leaves_no_holder(home: Home) -> None:
    radio, before = home.radio('{"step":"joining"}', "wait"), children()
    joining = asyncio.create_task(radio.join(Name(b"Hemma"), Secret("password"), 60))
    await asyncio.to_thread(until, home.orders)
    joining.cancel()
    await asyncio.wait([joining])
    assert joining.cancelled()
    assert children() == before


async def test_a_network_that_leads_nowhere_is_left_again(home: Home) -> None:
    radio, before = home.radio(*ON, "wait", probe=Probe(url="http://127.0.0.1:9/kit", answer="x")), children()
    assert await radio.join(Name(b"Hemma"), Secret("password"), 60) is WifiTrouble.NO_INTERNET
    assert children() == before


async def test_without_a_radio_or_a_bus_it_is_said(home: Home, namespace: Namespace) -> None:
    home.air.radio = False
    radio = home.radio(*ON)
    assert await radio.scan() == ()
    assert await radio.join(Name(b"Hemma"), Secret("password"), 60) is WifiTrouble.NO_WIFI
    home.air.close()
    assert await radio.scan() == ()
    assert await radio.join(Name(b"Hemma"), Secret("password"), 60) is WifiTrouble.NO_WIFI


async def test_the_radio_of_a_machine_without_provisioning_is_left_alone(tmp_path: Path) -> None:
    assert of_machine(None, tmp_path) is None
    folder = tmp_path / "usr/lib/NetworkManager/system-connections"
    folder.mkdir(parents=True)
    assert of_machine(None, tmp_path) is None
    (folder / "kit-cable.nmconnection").touch()
    assert of_machine(None, tmp_path) is not None


async def test_no_log_line_names_anything(home: Home, capfd: pytest.CaptureFixture[str]) -> None:
    await home.radio(*ON).join(Name(b"Hemma"), Secret("kanarie-password"), 60)
    await home.radio("x").join(Name(b"Nya"), Secret("kanarie-password"), 60)
    await home.radio().join(Name(b"Borta"), Secret("kanarie-password"), 60)
    await home.radio().remove()
    said = "".join(capfd.readouterr())
    assert not [word for word in ("Hemma", "Nya", "Borta", "kanarie", "wlan9") if word in said]
