"""The desk of uplinks: lets them be steered, tells them what the call meets, and tells everybody who carries.

Which interface carries is the kernel's word (:mod:`kit.network.uplink`); what that interface is, is
NetworkManager's and ModemManager's. Where neither is there, as on a developer's machine, the kernel's word
is all there is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from kit.ipc import engine as ng
from kit.ipc.network import Mobile, Technology, Uplink, UplinkState, UplinkView
from kit.ipc.state import Network
from kit.meeting.invitation import home_host
from kit.network import reach
from kit.network.mobile_broadband import MobileBroadband
from kit.network.modemmanager import ModemManager
from kit.network.networkmanager import NetworkManager
from kit.network.networkmanager_objects import Device
from kit.network.steering import Steering
from kit.network.uplink import Link
from kit.network.uplinks import Carrying, carrying

if TYPE_CHECKING:
    from kit.agent.agent import Agent

BUS: Final = "run/dbus/system_bus_socket"


class UplinkDesk:
    """Every uplink of the kit, the mobile broadband's own care included."""

    def __init__(self, agent: Agent, root: Path) -> None:
        """``root`` is where the bus is, and /sys."""
        self._agent = agent
        bus = f"unix:path={root / BUS}"
        connections = NetworkManager(bus)
        self._steering = Steering(connections, self._answers, changed=self._changed, unheard=self._unheard)
        config = agent.config
        self.broadband = MobileBroadband(
            config.mobile,
            config.state_dir,
            ModemManager(bus),
            wall=agent.wall,
            changed=lambda _: self._changed(),
            count=agent.reporter.counters.count,
            switch=lambda on: connections.switch(Uplink.MOBILE, on=on),
            root=root,
        )

    @property
    def mobile(self) -> Mobile | None:
        """What health tells of mobile broadband; None where the kit is not meant to have any."""
        return self.broadband.mobile if self.broadband.provisioned else None

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._steering.run())
            tasks.create_task(self.broadband.run())

    def heard(self, event: ng.Event) -> None:
        """Take from the engine's events how the uplink in use carries the call."""
        match event:
            case ng.CallQuality(quality) if not self._agent.book.shown.changing_path:
                self._steering.carried(carrying(quality))
            case ng.PathChanging(on=True) | ng.CallInterrupted(server=False):
                self._steering.carried(Carrying.DEAD)
            case ng.PathChanging(on=False) | ng.CallRestored() | ng.RoomJoined() | ng.CallEnded():
                self._steering.carried(Carrying.UNKNOWN)

    def known(self, link: Link) -> Link:
        """Correct the kernel's word of what the link in use is."""
        for uplink, device in self._steering.observed.devices.items():
            if device.interface == link.interface:
                return replace(link, uplink=uplink)
        return link

    def standing_by(self) -> dict[Uplink, Device]:
        """Return those that could carry the kit and do not."""
        devices = self._steering.observed.devices
        ready = [view.uplink for view in self._steering.views if view.state is UplinkState.READY]
        return {uplink: devices[uplink] for uplink in ready if uplink in devices}

    def shown(self, network: Network) -> Network:
        """Add the uplinks to what the screen shows."""
        mobile = self.broadband.mobile
        uplinks = tuple(_with_signal(view, mobile) for view in self._steering.views)
        changing = self._steering.changing or self._agent.book.shown.changing_path
        return replace(network, uplinks=uplinks, mobile=mobile, changing=changing)

    def _changed(self) -> None:
        self._agent.reporter.look_again()
        self._agent.reporter.changed()
        self._agent.publish()

    def _unheard(self) -> bool:
        """Whether the fleet says nothing; a call does not tell, it may go on over the former uplink."""
        return not self._agent.reporter.status.connected

    async def _answers(self, interface: str) -> bool:
        home = home_host(self._agent.allowed_hosts())
        return home is None or await reach.answers(home, interface)


def _with_signal(view: UplinkView, mobile: Mobile) -> UplinkView:
    """What only ModemManager knows of mobile broadband."""
    if view.uplink is not Uplink.MOBILE or mobile.technology is Technology.NONE:
        return view
    return replace(view, technology=mobile.technology, signal=mobile.signal)
