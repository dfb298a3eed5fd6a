"""The region's side: broker, test room, and the fleet with its two municipalities."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from demo.kits import Kit
from demo.layout import Layout
from demo.ports import LOOPBACK, Ports
from demo.supervisor import Service
from provisioning.broker import Broker
from provisioning.site import Identity

FLEET_STAGE = 1


def broker_service(plan: Broker) -> Service:
    """Mosquitto with the configuration that provisioning wrote."""
    return Service(name="broker", argv=("mosquitto", "-c", str(plan.config)))


def room_service(layout: Layout, identity: Identity, ports: Ports, kits: Iterable[Kit]) -> Service:
    """The test room, over HTTP for the browser and over HTTPS for kits; the kits are devices that ring."""
    file = layout.fleet / "rooms.toml"
    file.write_text("".join(_device(kit) for kit in kits))
    return Service(
        name="room",
        argv=(
            *(sys.executable, "-m", "kit.meeting.testroom", "--lab", f"{LOOPBACK}:{ports.lab}"),
            *("--rooms", str(file)),
            *("--listen", f"{LOOPBACK}:{ports.room}", "--tls-listen", f"{LOOPBACK}:{ports.room_tls}"),
            *("--cert", str(identity.certificate), "--key", str(identity.key)),
        ),
        stage=FLEET_STAGE,
    )


def login_service(identity: Identity, ports: Ports) -> Service:
    """Where a login on somebody's phone leads back to."""
    return Service(
        name="login",
        argv=(
            *(sys.executable, "-m", "fleet.web.returns", "--kits", str(identity.ca)),
            *("--certificate", str(identity.certificate), "--key", str(identity.key)),
            *("--listen", f"{LOOPBACK}:{ports.login}", "--kit-listen", f"{LOOPBACK}:{ports.collect}"),
        ),
        stage=FLEET_STAGE,
    )


def database(layout: Layout) -> str:
    """The fleet's database as SQLAlchemy writes it."""
    return f"sqlite:///{layout.fleet / 'fleet.db'}"


def seed_service(layout: Layout, ports: Ports) -> Service:
    """Registers municipalities and kits, and ends."""
    file = layout.fleet / "seed.toml"
    file.write_text(seed(ports))
    argv = (sys.executable, "-m", "fleet.store", "seed", "--database", database(layout), "--file", str(file))
    return Service(name="fleet-seed", argv=argv)


def ingest_service(layout: Layout, identity: Identity, ports: Ports) -> Service:
    """From the broker into the database, and back."""
    return Service(
        name="fleet-ingest",
        argv=(
            *(sys.executable, "-m", "fleet.ingest", "--broker", f"{LOOPBACK}:{ports.broker}"),
            *("--database", database(layout), "--ca", str(identity.ca)),
            *("--cert", str(identity.certificate), "--key", str(identity.key)),
        ),
        stage=FLEET_STAGE,
    )


def web_service(layout: Layout, ports: Ports) -> Service:
    """The dashboard and the API."""
    return Service(
        name="fleet-web",
        argv=(
            *(sys.executable, "-m", "fleet.web", "--listen", f"{LOOPBACK}:{ports.fleet}"),
            *("--database", database(layout)),
        ),
        stage=FLEET_STAGE,
    )


def seed(ports: Ports) -> str:
    """The register: Norrkommunen rents its kits from the region, Sörkommunen owns its own."""
    hosts = f'allowed_hosts = ["localhost:{ports.room_tls}"]\nphone = "08-465 004 44"'
    return f"""\
[region]
name = "Regionens utrustningsservice"
phone = "08-465 004 10"
hours = "vardagar 7–17"

[[municipality]]
id = "norr"
name = "Norrkommunen"
agreement = "rental"
since = 2026-01-01
{hosts}
support = {{ name = "Norrkommunens IT-support", phone = "031-390 06 10", hours = "vardagar 8–16" }}

[[municipality]]
id = "soder"
name = "Sörkommunen"
agreement = "owned"
since = 2026-01-01
{hosts}
support = {{ name = "Sörkommunens IT-support", phone = "031-390 06 20", hours = "vardagar 8–16" }}

{_kit("kit-0001", "norr", "region", "active", "Enhet 01", "Hemsjukvården Norr")}
{_kit("kit-0002", "norr", "region", "spare", "Reserv 02", "Förrådet Norr")}
{_kit("kit-0003", "soder", "municipality", "active", "Enhet 03", "Hemtjänsten Söder")}
"""


def _device(kit: Kit) -> str:
    return f"""\
[[devices]]
alias = "{kit.alias}"
user = "{kit.alias}"
password = "{kit.registration}"
"""


def _kit(kit_id: str, municipality: str, owner: str, role: str, unit_name: str, place: str) -> str:
    return f"""\
[[kit]]
id = "{kit_id}"
municipality = "{municipality}"
owner = "{owner}"
role = "{role}"
unit_name = "{unit_name}"
place = "{place}"
serial = "HB-{kit_id[-4:]}"
parts = ["tablet", "case", "stand", "puck", "backpack", "charger", "extension_cable"]
"""
