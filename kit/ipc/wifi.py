"""What staff does about the patient's own Wi-Fi. Its name and password are said by no ``repr``."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kit.ipc.network import WifiStep


class BeginWifi(Struct, frozen=True, tag=True):
    """Use the emergency way that is offered: its reason and the first question are shown."""


class AnswerWifi(Struct, frozen=True, tag=True):
    """Yes or no to the question of ``step``: a tap that crosses a new question answers only the old one."""

    step: WifiStep
    yes: bool


class ScanWifi(Struct, frozen=True, tag=True):
    """Look for networks again."""


class ChooseWifi(Struct, frozen=True, tag=True):
    """One network of the scan, by its number in the snapshot."""

    number: Annotated[int, Meta(ge=0, le=99)]


class TypeWifiName(Struct, frozen=True, tag=True):
    """A network that does not tell its name; a wrong length is refused in words."""

    name: Annotated[str, Meta(max_length=64)]

    def __repr__(self) -> str:
        """Say nothing: it is the patient's."""
        return "TypeWifiName(…)"


class ReadWifiCode(Struct, frozen=True, tag=True):
    """Look for the router's QR code with the camera, or stop."""

    on: bool


class EnterWifiKey(Struct, frozen=True, tag=True):
    """The network's password; a wrong length is refused in words."""

    key: Annotated[str, Meta(max_length=128)]

    def __repr__(self) -> str:
        """Say nothing: it is the patient's."""
        return "EnterWifiKey(…)"


class BackWifi(Struct, frozen=True, tag=True):
    """One step back; from joining: stop, and remove what there is of it."""


class CloseWifi(Struct, frozen=True, tag=True):
    """Leave this way, or: what became of it has been read."""


class RemoveWifiNow(Struct, frozen=True, tag=True):
    """Remove the patient's Wi-Fi at once, without a question."""


WifiCommand = (
    BeginWifi
    | AnswerWifi
    | ScanWifi
    | ChooseWifi
    | TypeWifiName
    | ReadWifiCode
    | EnterWifiKey
    | BackWifi
    | CloseWifi
    | RemoveWifiNow
)
