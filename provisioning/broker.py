"""The broker's set-up: mosquitto.conf and the access rules for Mosquitto 2.0.

Each line is there for a measured reason; those that surprise carry it as a comment into the file.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct

from fleet.contract import MAX_MESSAGE_BYTES, PRESENCE, REPORT, all_kits, topic
from provisioning import files
from provisioning.names import SERVICES

PACKET_OVERHEAD: Final = 4096
"""Topic and MQTT 5 properties around a message."""
USER: Final = "%u"

_RULES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "fleet-ingest": (
        ("read", all_kits(REPORT)),
        ("read", all_kits(PRESENCE)),
        ("write", "kits/+/cmd/#"),
    ),
}
_BY_KIT: Final = (REPORT, PRESENCE)


class Broker(Struct, frozen=True, kw_only=True):
    """Where the broker listens and where its files are. ``user``: what it runs as when started by root."""

    folder: Path
    host: str
    port: int
    root: Path
    certificate: Path
    key: Path
    user: str = "mosquitto"

    @property
    def config(self) -> Path:
        """The file to start Mosquitto with."""
        return self.folder / "mosquitto.conf"

    @property
    def access(self) -> Path:
        """The access rules."""
        return self.folder / "access.acl"

    @property
    def crl(self) -> Path:
        """The broker's own copy of the revocation list."""
        return self.folder / "crl.pem"

    @property
    def data(self) -> Path:
        """Retained messages and sessions."""
        return self.folder / "data"


def write(broker: Broker, crl: bytes, locked_out: Iterable[str]) -> None:
    """Write configuration, access rules, revocation list (PEM) and data folder.

    Mosquitto reads all of them, and its key, as ``user``.
    """
    broker.folder.mkdir(parents=True, exist_ok=True)
    broker.data.mkdir(mode=0o700, exist_ok=True)
    refresh(broker, crl, locked_out)
    files.write(broker.config, configuration(broker).encode())


def refresh(broker: Broker, crl: bytes, locked_out: Iterable[str]) -> None:
    """Write revocation list and access rules anew; they hold from the next :func:`reload` on."""
    files.write(broker.crl, crl)
    files.write(broker.access, access_rules(locked_out).encode(), 0o600)


def reload(pid: int) -> None:
    """Let a running broker read revocation list and access rules again."""
    os.kill(pid, signal.SIGHUP)


def access_rules(locked_out: Iterable[str]) -> str:
    """A kit writes and reads what is its own; a service what it needs; the locked out nothing.

    The revocation list only keeps new connections out. The one that a lost kit holds open ends in its rules.
    """
    lines = []
    for name in SERVICES:
        lines += [f"user {name}", *(f"topic {access} {where}" for access, where in _RULES[name]), ""]
    for name in locked_out:
        lines += [f"user {name}", f"topic deny kits/{name}/#", ""]
    lines += [f"pattern write {topic(channel, USER)}" for channel in _BY_KIT]
    lines += [f"pattern read kits/{USER}/cmd/#"]
    return "\n".join(lines) + "\n"


def configuration(broker: Broker) -> str:
    """mosquitto.conf."""
    return f"""\
# Written by provisioning; changes are lost.
user {broker.user}
per_listener_settings false
listener {broker.port} {broker.host}

# Who connects is decided by the certificate alone.
cafile {broker.root}
certfile {broker.certificate}
keyfile {broker.key}
crlfile {broker.crl}
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
# Without this a kit could take over another's session and eat its commands.
use_username_as_clientid true
allow_anonymous false
acl_file {broker.access}

# 0 is no limit: a limit loses messages that were accepted with success.
max_queued_messages 0
max_inflight_messages 0
max_packet_size {MAX_MESSAGE_BYTES + PACKET_OVERHEAD}

persistence true
persistence_location {broker.data}/
autosave_interval 1

# Connection messages hold network addresses: those of patients' homes.
connection_messages false
log_dest stderr
log_type error
log_type warning
log_type notice
"""
