"""The profile of mobile broadband before the real NetworkManager and ModemManager."""

from __future__ import annotations

import pytest

from kit import config
from kit.network.mobile import Setting, gsm_profile
from tests.peers.network.at_modem import HOME, ROAMING
from tests.peers.network.modem_station import ModemStation
from tests.peers.network.namespace import Namespace, until

NAME = "kit-mobile"
UUID = "6b1e5f6e-70d1-4f3b-9c88-0a4d1f8f1c11"
SETTINGS = config.Mobile(apn="region.test", user="kit")


@pytest.fixture
def station(namespace: Namespace) -> ModemStation:
    station = ModemStation(namespace)
    station.start_service()
    return station


def keyfile(profile: dict[str, dict[str, Setting]]) -> str:
    """As NetworkManager's keyfiles are (nm-settings-keyfile(5))."""
    own: dict[str, Setting] = {"id": NAME, "uuid": UUID, "autoconnect": False}
    lines = []
    for section, settings in profile.items():
        lines.append(f"[{section}]")
        for key, value in (settings if section != "connection" else {**own, **settings}).items():
            lines.append(f"{key}={str(value).lower() if isinstance(value, bool) else value}")
    return "\n".join(lines) + "\n"


def begin(
    namespace: Namespace, station: ModemStation, profile: dict[str, dict[str, Setting]], place: int
) -> None:
    namespace.keyfile(NAME, keyfile(profile))
    station.switch_on(registration=place)
    namespace.network_manager()
    station.plug_in()
    until(lambda: ":gsm:" in namespace.run("nmcli --terse --fields DEVICE,TYPE,STATE device"))
    until(lambda: "registered" in namespace.run("mmcli -m any -K | grep generic.state", check=False))


def test_networkmanager_reads_it_as_it_was_meant(namespace: Namespace) -> None:
    namespace.keyfile(NAME, keyfile(gsm_profile(SETTINGS, "hemligt")))
    namespace.network_manager()
    fields = "connection.metered,gsm.apn,gsm.username,gsm.password,gsm.home-only,gsm.auto-config,gsm.pin"
    said = namespace.run(f"nmcli --show-secrets --get-values {fields} connection show {NAME}")
    assert said.splitlines() == ["yes", "region.test", "kit", "hemligt", "yes", "no", ""]


def test_without_an_apn_the_operators_own_is_taken(namespace: Namespace) -> None:
    namespace.keyfile(NAME, keyfile(gsm_profile(config.Mobile(roaming=True))))
    namespace.network_manager()
    said = namespace.run(f"nmcli --get-values gsm.home-only,gsm.auto-config connection show {NAME}")
    assert said.splitlines() == ["no", "yes"]


@pytest.mark.parametrize(
    ("roaming", "place", "dials"),
    [(False, HOME, True), (False, ROAMING, False), (True, ROAMING, True)],
    ids=["at home", "abroad and forbidden", "abroad and allowed"],
)
def test_data_is_called_for_only_where_the_region_allows_it(
    namespace: Namespace, station: ModemStation, roaming: bool, place: int, dials: bool
) -> None:
    profile = gsm_profile(config.Mobile(apn="region.test", roaming=roaming))
    begin(namespace, station, profile, place)
    namespace.run(f"nmcli --wait 30 connection up {NAME}", check=False)
    assert bool(station.change()["dialled"]) is dials
