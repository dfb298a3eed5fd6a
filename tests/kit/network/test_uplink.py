"""Which link carries the kit, by the kernel's own tables."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ipc.network import Uplink
from kit.network import uplink
from kit.network.uplink import Link
from tests.kit.hw.trees import NOTHING, RASPBERRY_PI, TABLET, Tree, plant

ROUTES = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"


def default_route(interface: str, metric: int, flags: str = "0003") -> str:
    return f"{interface}\t00000000\t0101A8C0\t{flags}\t0\t0\t{metric}\t00000000\t0\t0\t0\n"


def machine(root: Path, routes: str, **interfaces: str) -> Path:
    tree: Tree = {"proc/net/route": ROUTES + routes}
    for name, uevent in interfaces.items():
        tree[f"sys/class/net/{name}/uevent"] = uevent
        tree[f"sys/class/net/{name}/type"] = "1"
    return plant(root, tree)


def test_the_route_with_the_lowest_metric_carries(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        default_route("wwan0", 700) + default_route("eth0", 100) + default_route("wlan0", 600),
        wwan0="DEVTYPE=wwan",
        eth0="INTERFACE=eth0",
        wlan0="DEVTYPE=wlan",
    )
    assert uplink.read(root) == Link(interface="eth0", uplink=Uplink.CABLE, technology="ethernet")


def test_recorded_machines(tmp_path: Path) -> None:
    assert uplink.read(plant(tmp_path / "tablet", TABLET)) == Link(
        interface="wlp2s0", uplink=Uplink.CARE_WIFI, technology="wifi", signal="fair"
    )
    assert uplink.read(plant(tmp_path / "pi", RASPBERRY_PI)) == Link(
        interface="end0", uplink=Uplink.CABLE, technology="ethernet"
    )
    assert uplink.read(plant(tmp_path / "nothing", NOTHING)) == Link()


@pytest.mark.parametrize(
    ("uevent", "link_type"), [("DEVTYPE=wwan", "1"), ("", "65534"), ("", "512"), ("", "519")]
)
def test_modems_are_mobile_whatever_driver_they_have(tmp_path: Path, uevent: str, link_type: str) -> None:
    root = machine(tmp_path, default_route("wwan0", 5), wwan0=uevent)
    (root / "sys/class/net/wwan0/type").write_text(link_type)
    assert uplink.read(root).uplink is Uplink.MOBILE


def test_a_cable_that_is_out_or_a_route_that_is_rejected_carries_nothing(tmp_path: Path) -> None:
    root = machine(tmp_path, default_route("eth0", 5), eth0="")
    (root / "sys/class/net/eth0/carrier").write_text("0")
    assert uplink.read(root) == Link()
    assert uplink.read(machine(tmp_path / "b", default_route("eth0", 5, "0201"), eth0="")) == Link()
    assert uplink.read(machine(tmp_path / "c", default_route("eth0", 5, "0000"), eth0="")) == Link()


@pytest.mark.parametrize(
    ("level", "signal"), [("-60.", "good"), ("-70.", "fair"), ("-71.", "weak"), ("?", None)]
)
def test_wifi_strength_in_words(tmp_path: Path, level: str, signal: str | None) -> None:
    root = machine(tmp_path, default_route("wlan0", 5), wlan0="DEVTYPE=wlan")
    plant(root, {"proc/net/wireless": f"a\nb\nwlan0: 0000   54.  {level}  -256"})
    assert uplink.read(root).signal == signal


def test_this_machine_answers() -> None:
    assert uplink.read(Path("/")).uplink in Uplink


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_table_is_survived(tmp_path_factory: pytest.TempPathFactory, four: str, six: str) -> None:
    root = tmp_path_factory.mktemp("rubbish")
    plant(
        root,
        {"proc/net/route": (ROUTES + four).encode("utf-8", "replace"), "proc/net/ipv6_route": six.encode()},
    )
    assert uplink.read(root).uplink in Uplink
