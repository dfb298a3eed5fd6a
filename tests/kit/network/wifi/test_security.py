"""What an access point asks for, and what NetworkManager is given."""

import pytest

from kit.ipc.network import WifiSecurity, WifiTrouble
from kit.network.wifi.hold import Hold
from kit.network.wifi.names import Name
from kit.network.wifi.profile import ID, wifi
from kit.network.wifi.secrets import Secret
from kit.network.wifi.security import Access, access, key, shown

CCMP = 0x88
POINTS = [
    ((0x0, 0x0, 0x0), Access.OPEN),
    ((0x1, 0x0, 0x0), Access.WEP),
    ((0x1, 0x0, CCMP | 0x100), Access.WPA2),
    ((0x1, CCMP | 0x100, CCMP | 0x100), Access.WPA2),
    ((0x1, 0x144, 0x0), Access.WPA2),
    ((0x1, 0x0, CCMP | 0x500), Access.MIXED),
    ((0x1, 0x0, CCMP | 0x400), Access.SAE),
    ((0x1, 0x0, CCMP | 0x200), Access.ENTERPRISE),
    ((0x1, 0x0, CCMP | 0x300), Access.WPA2),
    ((0x1, 0x0, CCMP | 0x800), Access.OWE),
    ((0x0, 0x0, 0x1000), Access.OPEN),
    ((0x1, 0x0, 0x80000000), Access.WEP),
]
NAME = Name(b"IEEE")


def hold(kind: Access, secret: str = "") -> Hold:
    return Hold(
        uuid="01234567-89ab-4cde-8f01-23456789abcd",
        interface="wlan0",
        access_point="/org/freedesktop/NetworkManager/AccessPoint/7",
        ssid=NAME.octets,
        access=kind,
        key=secret,
        limit_s=60,
    )


@pytest.mark.parametrize(("flags", "kind"), POINTS)
def test_an_access_points_flags_say_how_one_gets_in(flags: tuple[int, int, int], kind: Access) -> None:
    assert access(*flags) is kind


def test_staff_is_told_open_key_or_not_supported() -> None:
    assert {kind: shown(kind) for kind in Access} == {
        Access.OPEN: WifiSecurity.OPEN,
        Access.OWE: WifiSecurity.OPEN,
        Access.WPA2: WifiSecurity.KEY,
        Access.MIXED: WifiSecurity.KEY,
        Access.SAE: WifiSecurity.KEY,
        Access.ENTERPRISE: WifiSecurity.NOT_SUPPORTED,
        Access.WEP: WifiSecurity.NOT_SUPPORTED,
    }


def test_wpa2s_password_never_reaches_networkmanager() -> None:
    assert "password" not in str(wifi(hold(Access.WPA2, str(key(Access.WPA2, NAME, Secret("password"))))))


def test_wpa3_is_given_its_password() -> None:
    assert key(Access.SAE, NAME, Secret("kort")) == "kort"
    assert key(Access.MIXED, NAME, Secret("password")) == "password"


def test_a_password_that_cannot_be_right_is_said_before_anything_is_joined() -> None:
    assert key(Access.WPA2, NAME, None) is WifiTrouble.KEY_FORM
    assert key(Access.WPA2, NAME, Secret("kort")) is WifiTrouble.KEY_FORM
    assert key(Access.MIXED, NAME, Secret("kort")) is WifiTrouble.KEY_FORM
    assert key(Access.SAE, NAME, Secret("")) is WifiTrouble.KEY_FORM
    assert key(Access.WEP, NAME, Secret("kort")) is WifiTrouble.NOT_SUPPORTED
    assert key(Access.ENTERPRISE, NAME, Secret("password")) is WifiTrouble.NOT_SUPPORTED


def test_an_open_network_is_given_no_password() -> None:
    assert key(Access.OPEN, NAME, Secret("password")) == ""
    assert "802-11-wireless-security" not in wifi(hold(Access.OPEN))


@pytest.mark.parametrize("kind", [Access.OPEN, Access.OWE, Access.WPA2, Access.MIXED, Access.SAE])
def test_a_profile_is_neutral_and_random(kind: Access) -> None:
    settings = wifi(hold(kind, "0" * 64 if kind in (Access.WPA2, Access.SAE, Access.MIXED) else ""))
    connection, radio = settings["connection"], settings["802-11-wireless"]
    assert (connection["id"], connection["autoconnect"]) == (ID, False)
    assert radio["assigned-mac-address"] == "random"
    assert "cloned-mac-address" not in radio
    assert "bssid" not in radio
    assert "hidden" not in radio


@pytest.mark.parametrize("kind", [Access.WEP, Access.ENTERPRISE])
def test_there_is_no_profile_for_what_is_not_supported(kind: Access) -> None:
    with pytest.raises(ValueError, match="no profile"):
        wifi(hold(kind))
