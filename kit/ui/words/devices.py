"""The kit's parts on the start screen: word, tone and icon of each."""

from typing import NamedTuple

from kit.ipc.network import Uplink
from kit.ipc.state import Battery, Condition, Device
from kit.ui.catalogue import N_, Catalogue


class Card(NamedTuple):
    """One status card. The state is said three times: by icon, word and colour."""

    name: str
    label: str
    word: str
    icon: str
    tone: str
    mark: str


UPLINKS = {
    Uplink.CABLE: N_("Nätverkskabel"),
    Uplink.CARE_WIFI: N_("Vårdens Wi-Fi"),
    Uplink.MOBILE: N_("Mobilnät"),
    Uplink.PATIENT_WIFI: N_("Patientens Wi-Fi"),
    Uplink.NONE: N_("Nätverk"),
}
UPLINK_ICONS = {
    Uplink.CABLE: "ethernet-port",
    Uplink.CARE_WIFI: "wifi",
    Uplink.MOBILE: "signal",
    Uplink.PATIENT_WIFI: "wifi",
    Uplink.NONE: "wifi-off",
}
NETWORK_WORDS = {
    Condition.OK: N_("Fungerar"),
    Condition.WARN: N_("Svagt"),
    Condition.BAD: N_("Fel"),
    Condition.MISSING: N_("Inget nät"),
    Condition.UNKNOWN: N_("Söker …"),
}
DEVICE_WORDS = {
    Condition.OK: N_("Fungerar"),
    Condition.WARN: N_("Se över"),
    Condition.BAD: N_("Fel"),
    Condition.MISSING: N_("Saknas"),
    Condition.UNKNOWN: N_("Söker …"),
}
TONES = {
    Condition.OK: "ok",
    Condition.WARN: "warn",
    Condition.BAD: "bad",
    Condition.MISSING: "bad",
    Condition.UNKNOWN: "unknown",
}
MARKS = {
    "ok": "circle-check",
    "warn": "triangle-alert",
    "bad": "circle-x",
    "unknown": "circle-ellipsis",
}


def battery_card(battery: Battery, tr: Catalogue) -> Card:
    """Return the battery's card; a machine without battery runs on mains, which is well."""
    if battery.percent is None:
        return Card("battery", tr("Batteri"), tr("Nätström"), "plug", "ok", MARKS["ok"])
    tone = TONES[battery.condition]
    label = tr("Batteri")
    if battery.charging:
        label = tr("Laddar")
    elif tone != "ok":
        label = tr("Ladda nu") if tone == "bad" else tr("Ladda snart")
    return Card("battery", label, f"{battery.percent} %", _battery_icon(battery), tone, MARKS[tone])


def device_card(name: str, label: str, icon: str, device: Device, tr: Catalogue) -> Card:
    """Return the card of camera, microphone or speaker."""
    tone = TONES[device.condition]
    return Card(name, label, tr(DEVICE_WORDS[device.condition]), icon, tone, MARKS[tone])


def _battery_icon(battery: Battery) -> str:
    if battery.charging:
        return "battery-charging"
    percent = battery.percent or 0
    return "battery-full" if percent > 66 else "battery-medium" if percent > 33 else "battery-low"
