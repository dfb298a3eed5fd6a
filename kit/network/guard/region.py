"""Which of the region's servers a kit reaches, from its configuration, and where names have led. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from kit.config import KitConfig
from kit.network.firewall import Service

HTTPS: Final = 443
MEDIA: Final = ((1024, 65535),)
"""Meeting servers choose among the ports that anybody may use, and say which only in the call."""
KEPT_S: Final = 3600.0
"""After a name was last answered with an address: others of its pool may be in use by then."""
MOST_ADDRESSES: Final = 32
"""Of one name: whoever answers for names could otherwise fill the ruleset."""
_RELAY: Final = re.compile(
    r"(?P<scheme>turns?|stuns?):(?P<host>[A-Za-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?(\?.*)?"
)
_RELAY_PORTS: Final = {"turn": 3478, "stun": 3478, "turns": 5349, "stuns": 5349}


class Named(Struct, frozen=True, kw_only=True):
    """A server by its name, and what of it is reached (see :class:`kit.network.firewall.Service`)."""

    host: str
    tcp: tuple[int, ...] = ()
    udp: tuple[tuple[int, int], ...] = ()
    meeting: bool = False

    def at(self, addresses: Iterable[str]) -> Service:
        """Return the same by addresses."""
        return Service(addresses=tuple(addresses), tcp=self.tcp, udp=self.udp, meeting=self.meeting)


def networks(config: KitConfig) -> tuple[Service, ...]:
    """Return what is reached by address alone: the region's networks of meeting nodes and relays."""
    if not config.region.networks:
        return ()
    return (Service(addresses=config.region.networks, tcp=(HTTPS,), udp=((443, 443), *MEDIA), meeting=True),)


def named(config: KitConfig) -> tuple[Named, ...]:
    """Return every server that the configuration names, once for each name and purpose.

    An entry ``*.name`` stands for names that nobody can list: its servers are in the region's networks.
    """
    return tuple(dict.fromkeys((*_meeting(config), *_fleet(config))))


def _meeting(config: KitConfig) -> Iterator[Named]:
    meeting = config.meeting
    for entry in (*meeting.allowed_hosts, *([meeting.registration.host] if meeting.registration else [])):
        host, _, port = entry.partition(":")
        if host and not host.startswith("*.") and (at := _port(port, HTTPS)):
            yield Named(host=host, tcp=(at,), udp=MEDIA, meeting=True)
    for portal in meeting.portals:
        for _, host, number in portal.endpoints():
            yield Named(host=host, tcp=(number,), udp=MEDIA, meeting=True)
    for url in (url for relay in meeting.relays for url in relay.urls):
        found = _RELAY.fullmatch(url)
        if found and (at := _port(found["port"], _RELAY_PORTS[found["scheme"]])):
            yield Named(host=found["host"], tcp=(at,), udp=((at, at),), meeting=True)
    for address in (meeting.login.collect if meeting.login else "", _probed(config)):
        yield from _of_url(address)


def _fleet(config: KitConfig) -> Iterator[Named]:
    yield Named(host=config.broker.host, tcp=(config.broker.port,))
    for host in config.region.hosts:
        yield Named(host=host, tcp=(HTTPS,))


def _probed(config: KitConfig) -> str:
    return config.wifi_probe.url if config.wifi_probe else ""


def _of_url(url: str) -> Iterator[Named]:
    scheme, _, rest = url.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    if host and (at := _port(port, HTTPS if scheme == "https" else 80)):
        yield Named(host=host, tcp=(at,), meeting=True)


def _port(text: str | None, default: int) -> int:
    """Return the port; 0 for what is none."""
    if not text:
        return default
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536 else 0


class Addresses:
    """Where names have led, for as long as that may still be in use."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, float]] = {}

    def heard(self, host: str, found: Iterable[str], at: float) -> None:
        """Take an answer, of the time ``at`` in seconds."""
        known = self._seen.setdefault(host, {})
        for address in found:
            known.pop(address, None)
            known[address] = at
        while len(known) > MOST_ADDRESSES:
            del known[next(iter(known))]

    def of(self, host: str, at: float) -> tuple[str, ...]:
        """Return where a name may lead now."""
        known = self._seen.get(host, {})
        return tuple(sorted(address for address, seen in known.items() if at - seen < KEPT_S))

    def forget(self) -> None:
        """Drop everything: another network's name servers answer from now on."""
        self._seen.clear()
