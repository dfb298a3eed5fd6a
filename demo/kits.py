"""The three kits: what each is for, its configuration, and its three processes."""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path

from msgspec import Struct

from demo.layout import Layout
from demo.ports import LOOPBACK, Ports
from demo.screens import Screen
from demo.sound import SoundServer
from demo.supervisor import Service
from provisioning.site import Identity

VISITING, SPARE, OWNED = "kit-0001", "kit-0002", "kit-0003"
KIT_IDS = (VISITING, SPARE, OWNED)

TIME_ZONE = "Europe/Stockholm"
HEALTH_INTERVAL_S = 5
KIT_STAGE = 2

# What one machine without a graphics card can draw, encode and decode at once, for both sides of the call.
_PICTURE = (640, 360, 25)


class Kit(Struct, frozen=True, kw_only=True):
    """One kit's files and processes."""

    kit_id: str
    folder: Path
    run_dir: Path
    screen: Screen
    env: dict[str, str]
    registration: str
    """The password by which it is registered as a device that can be called."""
    camera: str = "generated"

    @property
    def alias(self) -> str:
        """What a coordinator calls it by."""
        return self.kit_id.replace("kit-00", "enhet-")

    @property
    def password_file(self) -> Path:
        """Only the kit may read it."""
        return self.folder / "registration.secret"

    @property
    def config(self) -> Path:
        """The TOML that agent and engine read."""
        return self.folder / "kit.toml"

    @property
    def targets(self) -> Path:
        """Where the screen says what can be touched."""
        return self.run_dir / "targets.json"

    @property
    def screen_measurements(self) -> Path:
        """What the screen measured, one JSON object a line."""
        return self.run_dir / "screen.jsonl"

    @property
    def engine_measurements(self) -> Path:
        """What the engine measured, one JSON object a line."""
        return self.run_dir / "engine.jsonl"

    def process(self, part: str) -> str:
        """Name of one of the kit's processes: ``agent``, ``engine`` or ``screen``."""
        return f"{self.kit_id}-{part}"

    def services(self) -> tuple[Service, ...]:
        """The three processes of the kit."""
        width, height = self.screen.size
        return (
            self._service("agent", "kit.agent", "--config", str(self.config)),
            self._service(
                *("engine", "kit.media", "--config", str(self.config)),
                *("--measure", str(self.engine_measurements)),
            ),
            self._service(
                *("screen", "kit.ui", "--run-dir", str(self.run_dir), "--size", f"{width}x{height}"),
                *("--measure", str(self.screen_measurements), "--targets", str(self.targets)),
            ),
        )

    def _service(self, part: str, module: str, *arguments: str) -> Service:
        argv = (sys.executable, "-m", module, *arguments)
        return Service(name=self.process(part), argv=argv, env=self.env, stage=KIT_STAGE)


def make(kit_id: str, layout: Layout, screen: Screen, sound: SoundServer) -> Kit:
    """Describe a kit; nothing is written or started."""
    env = {**screen.env, **sound.for_kit(kit_id), "TZ": TIME_ZONE}
    return Kit(
        kit_id=kit_id,
        folder=layout.kit(kit_id),
        run_dir=layout.kit_run(kit_id),
        screen=screen,
        env=env,
        registration=secrets.token_urlsafe(16),
    )


def prepare(kit: Kit, identity: Identity, ports: Ports) -> None:
    """Write the kit's configuration and make its folders."""
    (kit.folder / "state").mkdir(parents=True)
    kit.run_dir.mkdir(mode=0o700)
    kit.password_file.touch(mode=0o600)
    kit.password_file.write_text(kit.registration)
    kit.config.write_text(configuration(kit, identity, ports))


def configuration(kit: Kit, identity: Identity, ports: Ports) -> str:
    """kit.toml, as ``kit.config`` reads it."""
    width, height, fps = _PICTURE
    return f"""\
kit_id = {_toml(kit.kit_id)}
run_dir = {_toml(kit.run_dir)}
state_dir = {_toml(kit.folder / "state")}
loopback_media = true
health_interval_s = {HEALTH_INTERVAL_S}

[broker]
host = {_toml(LOOPBACK)}
port = {ports.broker}
ca = {_toml(identity.ca)}
certificate = {_toml(identity.certificate)}
key = {_toml(identity.key)}

{_meeting(kit, identity, ports)}
[camera]
source = {_toml(kit.camera)}
width = {width}
height = {height}
fps = {fps}

[second_camera]
source = "generated"
fps = 5

[sound]
playback = "pulse"
capture = "pulse"
"""


def _meeting(kit: Kit, identity: Identity, ports: Ports) -> str:
    """Where it may join, as what it is called, and where logins lead back to."""
    return f"""\
[meeting]
allowed_hosts = [{_toml(f"localhost:{ports.room_tls}")}]
ca = {_toml(identity.ca)}

[meeting.registration]
host = {_toml(f"localhost:{ports.room_tls}")}
alias = {_toml(kit.alias)}
user = {_toml(kit.alias)}
password_file = {_toml(kit.password_file)}

[meeting.login]
shown = {_toml(f"https://localhost:{ports.login}")}
collect = {_toml(f"https://localhost:{ports.collect}")}
"""


def _toml(value: object) -> str:
    """A basic string; TOML's escapes are JSON's."""
    return json.dumps(str(value), ensure_ascii=False)
