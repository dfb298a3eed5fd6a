"""`python -m kit.network.profiles --config kit.toml FOLDER`: the kit's connections, for NetworkManager.

Provisioning writes them once; NetworkManager reads them at its start. A profile's name says what it is for,
and never what the network is called. Each stands by with its own route metric
(:mod:`kit.network.networkmanager`).
"""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import typer
from msgspec import Struct

from kit.config import CareWifi, ConfigInvalid, Enterprise, KitConfig, load
from kit.ipc.network import Uplink
from kit.network.mobile import gsm_profile
from kit.network.networkmanager import STANDING_BY, name_servers

NAMESPACE: Final = uuid.UUID("6f1c2f0e-6d0c-5a55-9f0b-3d1c2b7a9e11")
MOST_BYTES: Final = 1024
_PASSPHRASE: Final = re.compile(r"[\x20-\x7e]{8,63}|[0-9a-fA-F]{64}")
"""IEEE 802.11, J.4.1: 8 to 63 printable ASCII characters, or the key itself in hexadecimal."""
_PASSWORD: Final = re.compile(r"[^\x00-\x1f\x7f]{1,256}")

Setting = str | bool | int
Settings = Mapping[str, Mapping[str, Setting]]


class ProfileInvalid(Exception):  # noqa: N818 - it names what is wrong
    """A network's settings do not fit. Says which place, never a value."""


class Profile(Struct, frozen=True):
    """One connection. Its repr says nothing of what is in it."""

    name: str
    settings: Settings

    def __repr__(self) -> str:
        """Say which; there are secrets inside."""
        return f"Profile({self.name})"

    def keyfile(self) -> str:
        """Render it (nm-settings-keyfile(5))."""
        groups = ([f"[{name}]", *_lines(group)] for name, group in self.settings.items())
        return "\n\n".join("\n".join(lines) for lines in groups) + "\n"


def profiles(config: KitConfig) -> Iterator[Profile]:
    """Return each connection that the configuration knows; reads its secrets' files."""
    yield _profile(config, "kit-cable", Uplink.CABLE, {"connection": {"type": "802-3-ethernet"}})
    if config.networks.cable is not None:
        login = _login(config, config.networks.cable)
        first: Settings = {"connection": {"type": "802-3-ethernet", "autoconnect-priority": 1}}
        yield _profile(config, "kit-cable-login", Uplink.CABLE, {**first, "802-1x": login})
    for number, wifi in enumerate(config.networks.care_wifi, 1):
        kind: Settings = {"connection": {"type": "802-11-wireless", "autoconnect-priority": -number}}
        settings = {**kind, **_wifi(config, wifi)}
        yield _profile(config, f"kit-care-wifi-{number}", Uplink.CARE_WIFI, settings)
    if config.mobile is not None:
        file = config.mobile.password_file
        gsm = gsm_profile(config.mobile, "" if file is None else _secret(file, _PASSWORD))
        yield _profile(config, "kit-mobile", Uplink.MOBILE, gsm)


def write(config: KitConfig, folder: Path) -> int:
    """Write all of them into ``folder``, each for root only; how many."""
    ready = [(f"{profile.name}.nmconnection", profile.keyfile()) for profile in profiles(config)]
    folder.mkdir(parents=True, exist_ok=True)
    # The agent, which is not root, sees by their names that provisioning has been here.
    folder.chmod(0o755)
    for name, content in ready:
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(content)
    return len(ready)


def _profile(config: KitConfig, name: str, uplink: Uplink, settings: Settings) -> Profile:
    identity = {"id": name, "uuid": str(uuid.uuid5(NAMESPACE, f"{config.kit_id}/{name}"))}
    weight = {"route-metric": STANDING_BY[uplink], "dns-priority": name_servers(uplink)}
    address: dict[str, Setting] = {"method": "auto", **weight}
    return Profile(
        name,
        {
            **settings,
            "connection": {**identity, **settings["connection"]},
            "ipv4": {**address, "dhcp-send-hostname": False},
            "ipv6": {**address, "dhcp-send-hostname": False},
        },
    )


def _wifi(config: KitConfig, wifi: CareWifi) -> Settings:
    name = wifi.ssid.encode()
    if len(name) > 32:
        raise ProfileInvalid("networks.care_wifi.ssid: longer than 32 bytes")
    if (wifi.key_file is None) == (wifi.login is None):
        raise ProfileInvalid("networks.care_wifi: one of key_file and login is needed")
    # As bytes: a name may hold whatever a keyfile gives a meaning to.
    radio: dict[str, Setting] = {"ssid": "".join(f"{byte};" for byte in name), "hidden": wifi.hidden}
    if wifi.login is not None:
        security = {"key-mgmt": "wpa-eap"}
        return {
            "802-11-wireless": radio,
            "802-11-wireless-security": security,
            "802-1x": _login(config, wifi.login),
        }
    assert wifi.key_file is not None
    # NetworkManager takes WPA3's SAE for the same profile where radio and access point have it.
    key = {"key-mgmt": "wpa-psk", "psk": _secret(wifi.key_file, _PASSPHRASE)}
    return {"802-11-wireless": radio, "802-11-wireless-security": key}


def _login(config: KitConfig, login: Enterprise) -> Mapping[str, Setting]:
    common: dict[str, Setting] = {
        "identity": login.identity,
        "ca-cert": str(login.ca),
        "domain-suffix-match": login.domain,
    }
    if login.method == "peap":
        if login.password_file is None:
            raise ProfileInvalid("networks: peap needs a password_file")
        password = _secret(login.password_file, _PASSWORD)
        return {"eap": "peap;", "phase2-auth": "mschapv2", "password": password, **common}
    return {
        "eap": "tls;",
        "client-cert": str(login.certificate or config.broker.certificate),
        "private-key": str(login.key or config.broker.key),
        # 4: not required; the key lies where only root reads it.
        "private-key-password-flags": 4,
        **common,
    }


def _secret(path: Path, form: re.Pattern[str]) -> str:
    """Read a secret's file; its last line break does not belong to it."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode().removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError):
        raise ProfileInvalid("networks: a secret's file cannot be read") from None
    if not form.fullmatch(text):
        raise ProfileInvalid("networks: a secret does not have the form that its network wants")
    return text


def _lines(group: Mapping[str, Setting]) -> Iterator[str]:
    for name, value in group.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if re.search(r"[\x00-\x1f\x7f]", text):
            raise ProfileInvalid("networks: a control character")
        # GKeyFile drops blanks at the ends of a line, and gives a backslash a meaning.
        yield f"{name}={text.replace(chr(92), chr(92) * 2).replace(' ', chr(92) + 's')}"


def main(folder: Path, config: Annotated[Path, typer.Option(help="The kit's configuration (TOML).")]) -> None:
    """Write the kit's connections for NetworkManager into FOLDER."""
    try:
        write(load(config), folder)
    except (ConfigInvalid, ProfileInvalid) as invalid:
        typer.echo(str(invalid), err=True)
        sys.exit(2)


if __name__ == "__main__":
    typer.run(main)
