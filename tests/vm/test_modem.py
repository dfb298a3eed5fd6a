"""Mobile broadband by a modem that speaks PPP: the kernel's USB, the real ModemManager and NetworkManager."""

from __future__ import annotations

from pathlib import Path

from fleet.contract import Health
from tests.vm import region
from tests.vm.home import Home
from tests.vm.modem import CARD, Modem
from tests.vm.traces import Scanner
from tests.vm.visit import Visit

WEAKER = {"-105": "fair", "-120": "weak", "-85": "good"}
"""RSRP in dBm."""
ALLOW_ROAMING = """
sed -i 's/^\\[mobile\\]/&\\nroaming = true/' /etc/kit/kit.toml
cd /opt/kit; python3 - <<END
from pathlib import Path
from kit.config import load
from kit.network.profiles import write
write(load(Path("/etc/kit/kit.toml")), Path("/usr/lib/NetworkManager/system-connections"))
END
nmcli connection reload
systemctl restart kit-agent
"""
CONNECTED = ("card:ready", "place:home", "by:4g", "signal:good")


def test_mobile_broadband_carries_the_kit_when_the_cable_is_pulled_and_again_after_it_was_lost(
    kit: Home, folder: Path
) -> None:
    with kit.machine(folder) as machine:
        machine.check("bash /run/rig/router cable on")
        modem = Modem(machine)
        modem.shows("cable:in_use", "mobile:ready", *CONNECTED)
        assert modem.behaves()["pin_given"] == 1
        machine.check("bash /run/rig/router cable off")
        modem.shows("mobile:in_use", *CONNECTED)
        _tells(folder, "mobile", registration="home", technology="4g")
        for dbm, word in WEAKER.items():
            modem.turn("signal", dbm)
            modem.shows("mobile:in_use", f"signal:{word}")
        modem.turn("lost")
        modem.shows("place:searching", "mobile:(failed|connecting)")
        before = region.told(folder)
        modem.turn("back")
        modem.shows("mobile:in_use", *CONNECTED)
        _tells(folder, "mobile", since=before, registration="home")
        Visit(machine).keep(folder)
    assert Scanner(CARD).folder(folder) == {}


def test_a_wrong_pin_is_tried_once_and_the_card_kept(kit: Home, folder: Path) -> None:
    with kit.machine(folder) as machine:
        machine.check("bash /run/rig/router cable on")
        modem = Modem(machine, pin="25802580")
        modem.shows("cable:in_use", "card:pin_wrong")
        _tells(folder, "cable", sim="pin_wrong")
        before = region.told(folder)
        machine.check("systemctl kill --kill-whom=main --signal=KILL kit-agent")
        modem.turn("unplug")
        _tells(folder, "cable", since=before, sim="no_modem")
        before = region.told(folder)
        modem.turn("plug")
        _tells(folder, "cable", since=before, sim="pin_wrong")
        behaves = modem.behaves()
        assert (behaves["pin_given"], behaves["pin_tries"]) == (1, 2)


def test_a_foreign_network_is_used_only_where_the_region_allows_it(kit: Home, folder: Path) -> None:
    with kit.machine(folder) as machine:
        modem = Modem(machine)
        modem.shows("mobile:in_use", *CONNECTED)
        dialled = modem.behaves()["dialled"]
        modem.turn("roam")
        modem.shows("place:roaming_refused", "mobile:failed")
        assert modem.behaves()["dialled"] == dialled
        modem.turn("back")
        modem.shows("mobile:in_use", *CONNECTED)
        machine.check(ALLOW_ROAMING, timeout_s=240.0)
        modem.turn("roam")
        _tells(folder, "mobile", registration="roaming")


def _tells(folder: Path, uplink: str, *, since: int = 0, **mobile: str) -> None:
    """Wait until the region was told so over this uplink."""

    def fits(health: Health) -> bool:
        words = {name: getattr(health.mobile, name, None) for name in mobile}
        return health.uplink is not None and health.uplink.kind == uplink and words == mobile

    region.wait_for(Health, folder, fits, since=since)
