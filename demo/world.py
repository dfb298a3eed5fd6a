"""The whole system on this machine, in order: what is started, when it is ready, how it ends.

``async with running(root) as world`` is the demo without its printing, for tests too.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

from demo import kits, ports, ready, screens, servers
from demo.fleet import Fleet
from demo.kits import KIT_IDS, VISITING, Kit
from demo.layout import Claim, Layout
from demo.screens import Screen, ScreenChoice
from demo.sound import SoundServer
from demo.supervisor import Service, Supervisor
from demo.taps import Finger
from provisioning.site import Site

SERVER_DEADLINE_S = 90.0
KIT_DEADLINE_S = 60.0

Tell = Callable[[str], None]


class World:
    """Everything that runs; :meth:`start` it once, :meth:`close` it always."""

    def __init__(self, layout: Layout, choice: ScreenChoice, kit_ids: tuple[str, ...] = KIT_IDS) -> None:
        """Nothing is started yet; NoScreen when a window is demanded without a display."""
        self.layout = layout
        self.ports = ports.choose()
        self.supervisor = Supervisor(layout.log)
        self.sound = SoundServer(folder=layout.run)
        self._screens = screens.choose(choice, kit_ids)
        self.kits = {id_: kits.make(id_, layout, self._screens[id_], self.sound) for id_ in kit_ids}

    @property
    def visiting(self) -> Kit:
        """The kit that is out on the visit."""
        return self.kits[VISITING]

    @property
    def coordinator_page(self) -> str:
        """Where the coordinator joins; on ``localhost``, where a browser gives camera and microphone."""
        return f"http://localhost:{self.ports.room}/"

    @property
    def dashboard(self) -> str:
        """The fleet's dashboard."""
        return f"http://localhost:{self.ports.fleet}/"

    @property
    def api(self) -> str:
        """The fleet's API, described by itself."""
        return f"http://localhost:{self.ports.fleet}/docs"

    @property
    def lab(self) -> str:
        """Where faults of the test room are made on purpose."""
        return f"http://localhost:{self.ports.lab}/lab/"

    @property
    def report(self) -> Path:
        """Where the automatic visit writes what it measured."""
        return self.layout.root / "report.html"

    def finger(self, kit_id: str = VISITING) -> Finger:
        """Return a finger on a kit's screen."""
        kit = self.kits[kit_id]
        return Finger(kit.screen, kit.targets, lambda: self.supervisor.pid(kit.process("screen")))

    def link(self, room: str) -> str:
        """An invitation to a room of the test room, as a region would send it."""
        return f"https://localhost:{self.ports.room_tls}/webapp/m/{room}"

    async def book(self, kit_id: str, room: str) -> None:
        """Book a meeting for a kit through the fleet's API; the kit shows it soon."""
        async with Fleet(self.dashboard) as fleet:
            await fleet.book(kit_id, "Vårdmöte", self.link(room))

    def picture_of(self, kit: Kit) -> Path:
        """Where the picture of a virtual screen is."""
        return self.layout.pictures / f"{kit.kit_id}.png"

    async def picture_screens(self) -> None:
        """Renew the pictures of the virtual screens, for those who have no display to look at."""
        for kit in self.kits.values():
            if kit.screen.virtual:
                picture = await kit.screen.picture(None)
                await asyncio.to_thread(picture.save, self.picture_of(kit))

    async def start(self, tell: Tell) -> None:
        """Start everything and wait until it is ready; ServiceFailed names the part that is not."""
        site = await asyncio.to_thread(Site, self.layout.site)
        await asyncio.to_thread(self._prepare_kits, site)
        tell("certificates and settings of broker, servers and kits")
        await self._together(
            self._start_sound(tell),
            *(self._start_screen(kit_id, screen, tell) for kit_id, screen in self._screens.items()),
            self._start_servers(site, tell),
        )
        await self._together(*(self._start_kit(kit, tell) for kit in self.kits.values()))

    async def close(self) -> None:
        """End everything that was started, and nothing else."""
        await self.supervisor.close()

    def _prepare_kits(self, site: Site) -> None:
        for kit in self.kits.values():
            kits.prepare(kit, site.kit(kit.kit_id), self.ports)

    async def _start_sound(self, tell: Tell) -> None:
        await self.supervisor.start(self.sound.service(self.kits))
        await self._ready("pulseaudio", ready.socket_open(self.sound.socket))
        kitchen = (sys.executable, "-m", "demo.kitchen")
        env = self.sound.into_microphone(VISITING)
        await self.supervisor.start(Service(name="kitchen", argv=kitchen, env=env, stage=kits.KIT_STAGE))
        tell("sound: a speaker and a microphone for each kit, voices in the kitchen")

    async def _start_screen(self, kit_id: str, screen: Screen, tell: Tell) -> None:
        if screen.virtual:
            service = screen.service(kit_id)
            await self.supervisor.start(service)
            await self._ready(service.name, ready.socket_open(screen.socket))
            tell(f"{kit_id}: virtual screen {screen.display}")
        else:
            tell(f"{kit_id}: a window on {screen.display}")

    async def _start_servers(self, site: Site, tell: Tell) -> None:
        await self._start_broker(site, tell)
        await self._together(
            self._start_room(site, tell), self._start_fleet(site, tell), self._start_login(site, tell)
        )

    async def _start_broker(self, site: Site, tell: Tell) -> None:
        plan = await asyncio.to_thread(site.broker, self.ports.broker)
        await self.supervisor.start(servers.broker_service(plan))
        await self._ready("broker", ready.port_open(self.ports.broker))
        tell("broker: MQTT with certificates")

    async def _start_room(self, site: Site, tell: Tell) -> None:
        identity = await asyncio.to_thread(site.server, "room")
        room = servers.room_service(self.layout, identity, self.ports, self.kits.values())
        await self.supervisor.start(room)
        await self._ready("room", ready.answers(self.coordinator_page))
        tell("test room")

    async def _start_login(self, site: Site, tell: Tell) -> None:
        identity = await asyncio.to_thread(site.server, "login")
        await self.supervisor.start(servers.login_service(identity, self.ports))
        await self._ready("login", ready.port_open(self.ports.collect))
        tell("logins on somebody's phone")

    async def _start_fleet(self, site: Site, tell: Tell) -> None:
        await self.supervisor.run(servers.seed_service(self.layout, self.ports), SERVER_DEADLINE_S)
        tell("fleet: database with two municipalities and their kits")
        identity = await asyncio.to_thread(site.service, "fleet-ingest")
        await self.supervisor.start(servers.ingest_service(self.layout, identity, self.ports))
        await self.supervisor.start(servers.web_service(self.layout, self.ports))
        await self._ready("fleet-web", ready.answers(self.dashboard))
        tell("fleet: ingest and dashboard")

    async def _start_kit(self, kit: Kit, tell: Tell) -> None:
        for service in kit.services():
            await self.supervisor.start(service)
        await self._ready(kit.process("screen"), ready.exists(kit.targets), KIT_DEADLINE_S)
        tell(f"{kit.kit_id}: agent, engine and screen")

    async def _ready(self, name: str, probe: ready.Probe, deadline_s: float = SERVER_DEADLINE_S) -> None:
        await ready.service_ready(self.supervisor, name, probe, deadline_s)

    async def _together(self, *parts: Coroutine[Any, Any, None]) -> None:
        """Run all at once; the first that fails ends the others and is raised as it is."""
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def parts(kit_ids: tuple[str, ...] = KIT_IDS) -> int:
    """How often :meth:`World.start` tells something."""
    return 7 + 2 * len(kit_ids)


@contextlib.asynccontextmanager
async def running(
    root: Path,
    choice: ScreenChoice = ScreenChoice.VIRTUAL,
    kit_ids: tuple[str, ...] = KIT_IDS,
    tell: Tell = lambda _: None,
) -> AsyncIterator[World]:
    """Start the system below ``root``, and end it whatever happens."""
    claim = Claim(root)
    try:
        world = World(claim.layout, choice, kit_ids)
        try:
            await world.start(tell)
            yield world
        finally:
            await world.close()
    finally:
        claim.give_back()
