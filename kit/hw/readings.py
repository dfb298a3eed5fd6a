"""Everything that the machine tells about itself, read at once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct

from kit.hw import display, machine, power, storage, thermal
from kit.ipc.network import Uplink
from kit.ipc.state import Battery, Condition, Network
from kit.network import uplink

LOW_PERCENT: Final = 30
EMPTY_PERCENT: Final = 15


class Readings(Struct, frozen=True, kw_only=True):
    """One look at the machine. What it does not have is a state with a name in each part."""

    power: power.Power = power.Power()
    thermal: thermal.Thermal = thermal.Thermal()
    machine: machine.Machine = machine.Machine()
    storage: storage.Storage | None = None
    display: display.Display = display.Display()
    link: uplink.Link = uplink.Link()

    def battery_shown(self) -> Battery:
        """The battery as the screen shows it."""
        charging = (
            self.power.battery is power.BatteryState.CHARGING
            or self.power.charger is power.ChargerState.PLUGGED
        )
        return Battery(condition=self._battery(charging), percent=self.power.percent, charging=charging)

    def network_shown(self, region_reachable: bool | None) -> Network:
        """The network as the screen shows it; ``region_reachable``: whether the broker answers."""
        if self.link.uplink is Uplink.NONE:
            condition = Condition.MISSING
        elif region_reachable is False:
            condition = Condition.BAD
        else:
            condition = Condition.WARN if self.link.signal == "weak" else Condition.OK
        return Network(condition=condition, uplink=self.link.uplink, region_reachable=region_reachable)

    def _battery(self, charging: bool) -> Condition:
        if self.power.battery is power.BatteryState.NONE:
            return Condition.MISSING
        if self.power.percent is None:
            return Condition.UNKNOWN
        if self.power.percent < EMPTY_PERCENT and not charging:
            return Condition.BAD
        low = self.power.percent < LOW_PERCENT and not charging
        return Condition.WARN if low or self.power.undervoltage else Condition.OK


def read(root: Path, state_dir: Path) -> Readings:
    """Look at the machine at ``root``; some milliseconds of small files, so not in an event loop."""
    return Readings(
        power=power.read(root),
        thermal=thermal.read(root),
        machine=machine.read(root),
        storage=storage.read(root, state_dir),
        display=display.read(root),
        link=uplink.read(root),
    )
