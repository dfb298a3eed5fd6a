"""NetworkManager's side of the bus with a radio, for machines without one: what it sees is data."""

from __future__ import annotations

from typing import Any, Final

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from kit.network.networkmanager_objects import DEVICE, NAME

RADIO: Final = "/org/freedesktop/NetworkManager/Devices/3"
PROVISIONED: Final = "/org/freedesktop/NetworkManager/Settings/1"
WPA2: Final = 0x188
SAE: Final = 0x488


class Air:
    """What is on the air, and what was asked of the radio. A hidden point shows up once it is called."""

    def __init__(self) -> None:
        self.points: dict[bytes, tuple[int, int]] = {}
        """Strength and RSN flags by name."""
        self.hidden: dict[bytes, tuple[int, int]] = {}
        self.called: list[bytes] = []
        self.radio = True
        self.resolvers: list[str] = []
        """Name servers that the network has given."""
        self._scans = 0
        self._bus: MessageBus | None = None

    async def serve(self, address: str) -> None:
        """Be NetworkManager on this bus."""
        self._bus = await MessageBus(bus_address=address, bus_type=BusType.SYSTEM).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name(NAME)

    def close(self) -> None:
        if self._bus is not None:
            self._bus.disconnect()

    def _answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface is None:
            return None
        answers = {
            "GetManagedObjects": lambda: ("a{oa{sa{sv}}}", [self._objects()]),
            "RequestScan": lambda: self._scan(message.body[0]),
            "GetSettings": lambda: ("a{sa{sv}}", [_CARE]),
            "Get": lambda: ("v", [Variant("aa{sv}", self._resolvers())]),
        }
        if message.member not in answers:
            return None
        signature, body = answers[message.member]()  # type: ignore[no-untyped-call]
        return Message.new_method_return(message, signature, body)

    def _scan(self, options: dict[str, Variant]) -> tuple[str, list[Any]]:
        self._scans += 1
        if "ssids" in options:
            names = [bytes(name) for name in options["ssids"].value]
            self.called += names
            self.points |= {name: self.hidden[name] for name in names if name in self.hidden}
        return "", []

    def _resolvers(self) -> list[dict[str, Variant]]:
        given = {"interface": Variant("s", "wlan9"), "nameservers": Variant("as", self.resolvers)}
        return [given] if self.resolvers else []

    def _objects(self) -> dict[str, dict[str, dict[str, Variant]]]:
        points = {
            f"/org/freedesktop/NetworkManager/AccessPoint/{number}": _point(name, *said)
            for number, (name, said) in enumerate(self.points.items())
        }
        device = {
            DEVICE: {
                "Interface": Variant("s", "wlan9"),
                "State": Variant("u", 30),
                "DeviceType": Variant("u", 2),
            },
            f"{DEVICE}.Wireless": {
                "AccessPoints": Variant("ao", list(points)),
                "LastScan": Variant("x", self._scans),
            },
        }
        filename = "/usr/lib/NetworkManager/system-connections/kit-care-wifi.nmconnection"
        profile = {f"{NAME}.Settings.Connection": {"Filename": Variant("s", filename)}}
        return {**({RADIO: device} if self.radio else {}), PROVISIONED: profile, **points}


_CARE: Final = {
    "connection": {"type": Variant("s", "802-11-wireless"), "uuid": Variant("s", "1" * 8)},
    "802-11-wireless": {"ssid": Variant("ay", b"care")},
}


def _point(name: bytes, strength: int, rsn: int) -> dict[str, dict[str, Variant]]:
    said = {
        "Ssid": Variant("ay", name),
        "Strength": Variant("y", strength),
        "Flags": Variant("u", 1 if rsn else 0),
        "WpaFlags": Variant("u", 0),
        "RsnFlags": Variant("u", rsn),
    }
    return {f"{NAME}.AccessPoint": said}
