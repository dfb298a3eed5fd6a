"""The region's networks as NetworkManager's keyfiles."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kit import config as cf
from kit.network import profiles
from kit.network.profiles import ProfileInvalid

CANARY = "Kanariefågel 7"
SECRET = "hemlig passfras; #7\\n"


def kit(folder: Path, networks: cf.Networks, mobile: cf.Mobile | None = None) -> cf.KitConfig:
    pem = folder / "kit.pem"
    return cf.KitConfig(
        kit_id="kit-0007",
        run_dir=folder,
        state_dir=folder,
        broker=cf.Broker(host="localhost", port=8883, ca=pem, certificate=pem, key=pem),
        meeting=cf.Meeting(allowed_hosts=("meet.example",)),
        networks=networks,
        mobile=mobile,
    )


def with_key(folder: Path, key: str, ssid: str = CANARY) -> cf.KitConfig:
    file = folder / "key"
    file.write_text(key + "\n", encoding="utf-8")
    return kit(folder, cf.Networks(care_wifi=(cf.CareWifi(ssid=ssid, key_file=file),)))


def test_a_kit_without_settings_takes_any_cable(tmp_path: Path) -> None:
    [cable] = profiles.profiles(kit(tmp_path, cf.Networks()))
    assert cable.name == "kit-cable"
    assert "route-metric=1101" in cable.keyfile()


def test_files_are_for_root_only_and_no_name_or_file_tells_the_network(tmp_path: Path) -> None:
    assert profiles.write(with_key(tmp_path, SECRET), tmp_path / "out") == 2
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755
    file = tmp_path / "out" / "kit-care-wifi-1.nmconnection"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert CANARY not in file.read_text()


def test_no_repr_holds_a_secret_or_a_networks_name(tmp_path: Path) -> None:
    config = with_key(tmp_path, SECRET)
    said = repr(list(profiles.profiles(config))) + repr(config.networks)
    assert CANARY not in said
    assert SECRET not in said


@pytest.mark.parametrize("key", ["kort", "x" * 64, "åäö" * 4, "rad\nrad8888", "", "x" * 5000])
def test_a_key_that_no_network_takes_is_refused_without_being_said(tmp_path: Path, key: str) -> None:
    with pytest.raises(ProfileInvalid) as refused:
        list(profiles.profiles(with_key(tmp_path, key)))
    assert len(key) < 3 or key not in str(refused.value)


def test_a_name_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid):
        list(profiles.profiles(with_key(tmp_path, SECRET, "ö" * 32)))


def test_a_login_is_checked_against_the_regions_authority(tmp_path: Path) -> None:
    login = cf.Enterprise(method="eap-tls", identity="kit-0007", domain="radius.test", ca=tmp_path / "ca.pem")
    networks = cf.Networks(care_wifi=(cf.CareWifi(ssid=CANARY, login=login),), cable=login)
    found = {profile.name: profile.settings for profile in profiles.profiles(kit(tmp_path, networks))}
    for name in ("kit-cable-login", "kit-care-wifi-1"):
        assert found[name]["802-1x"]["ca-cert"] == str(tmp_path / "ca.pem")
        assert found[name]["802-1x"]["domain-suffix-match"] == "radius.test"
        assert found[name]["802-1x"]["client-cert"] == str(tmp_path / "kit.pem")
    peap = replace(login, method="peap")
    with pytest.raises(ProfileInvalid):
        list(profiles.profiles(kit(tmp_path, cf.Networks(cable=peap))))


@given(st.text(max_size=40), st.text(max_size=80))
def test_hostile_names_and_keys_add_no_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, key: str
) -> None:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "key").write_bytes(key.encode("utf-8", "surrogatepass"))
    wifi = cf.CareWifi(ssid=name, key_file=folder / "key")
    try:
        *_, last = profiles.profiles(kit(folder, cf.Networks(care_wifi=(wifi,))))
    except (ProfileInvalid, UnicodeEncodeError):
        return
    plain = last.keyfile().splitlines()
    assert [line for line in plain if line.startswith("[")] == [
        "[connection]",
        "[802-11-wireless]",
        "[802-11-wireless-security]",
        "[ipv4]",
        "[ipv6]",
    ]
    assert len(plain) == 25
