"""Who may hold a certificate. The broker takes a certificate's common name as the MQTT user, so it must never
hold a wildcard, a slash, or another's name."""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from typing import Final

SERVICES: Final = ("fleet-ingest",)
"""Clients of the broker that are not kits; what each may do is in ``provisioning.broker``."""

_KIT = re.compile(r"kit-[0-9]{4,6}")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


class Role(StrEnum):
    """What a certificate is for."""

    KIT = "kit"
    SERVICE = "service"
    SERVER = "server"


class NameRefused(ValueError):  # noqa: N818 - it names what is wrong
    """A name that must not be certified; the text does not repeat it."""


def role_of_client(name: str) -> Role:
    """KIT or SERVICE; NameRefused for any other name."""
    if _KIT.fullmatch(name):
        return Role.KIT
    if name in SERVICES:
        return Role.SERVICE
    raise NameRefused("neither a kit (kit-0000 to kit-999999) nor a known service")


def check_server(hosts: tuple[str, ...]) -> None:
    """NameRefused unless each is a lower-case DNS name or an IP address, and there is at least one."""
    if not hosts or not all(is_address(host) or _HOST.fullmatch(host) for host in hosts):
        raise NameRefused("a server needs DNS names in lower case, or IP addresses")


def is_address(host: str) -> bool:
    """Whether it is an IP address rather than a DNS name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
