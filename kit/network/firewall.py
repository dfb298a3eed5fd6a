"""What may leave and reach the kit: an nftables ruleset, put in force by :mod:`kit.network.guard`.

The ruleset is made of addresses only, each of them parsed, and replaces the one before in one transaction of
the kernel: there is no moment without one. Nothing comes in that the kit did not ask for. Out go address,
name and time requests, the region's hosts and the meeting's media; on the patient's network only the meeting
and its names, and nothing that lives in the patient's home but the name servers it gave.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from msgspec import Struct

Network = IPv4Network | IPv6Network

NFT: Final = ("nft", "-f", "-")
_APPLY_S: Final = 30.0
_HOME: Final = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "224.0.0.0/4",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
"""Where other machines of a home are: private, link-local, shared by carriers (RFC 6598), and multicast."""
# Neighbours and routers must be found, or there is no IPv6 at all (RFC 4890, 4.4.1).
_NEIGHBOURS: Final = "nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert"
# Errors of what was sent, without which large packets vanish (RFC 4890, 4.3.1).
_ERRORS: Final = "destination-unreachable, packet-too-big, time-exceeded, parameter-problem"


class Service(Struct, frozen=True, kw_only=True):
    """Addresses or networks (CIDR) of one of the region's services, and the ports it is reached at.

    Without ports nothing of it is reached. ``meeting``: needed for a meeting, so that it is reached from the
    patient's network too.
    """

    addresses: tuple[str, ...]
    tcp: tuple[int, ...] = ()
    udp: tuple[tuple[int, int], ...] = ()
    """First and last of each range."""
    meeting: bool = False


class Guest(Struct, frozen=True, kw_only=True):
    """The patient's network, which the kit is a guest in. ``resolvers`` are the name servers that it gave."""

    interface: str
    """Its name, or the beginning of names with ``*`` behind it."""
    resolvers: tuple[str, ...] = ()


class Firewall(Struct, frozen=True, kw_only=True):
    """Everything the ruleset is made of."""

    services: tuple[Service, ...] = ()
    guest: Guest | None = None


async def apply(firewall: Firewall, command: Sequence[str] = NFT) -> bool:
    """Put it in force; needs CAP_NET_ADMIN. False where it cannot be: then the one before stays in force."""
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    rules = ruleset(firewall).encode()
    try:
        # nft's own messages quote the rules, with addresses in them.
        nft = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=nothing, stderr=nothing)
    except OSError:
        return False
    try:
        async with asyncio.timeout(_APPLY_S):
            await nft.communicate(rules)
    except TimeoutError:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            nft.kill()
    return nft.returncode == 0


def ruleset(firewall: Firewall) -> str:
    """Return what ``nft -f`` takes. ValueError for an address that is none, or a range that is none."""
    lines = [
        # Made first, as only what is there can be removed: both in the same transaction.
        "table inet kit",
        "delete table inet kit",
        "table inet kit {",
        *_input(),
        "chain forward { type filter hook forward priority filter; policy drop; }",
        *_output(firewall),
        *_guest(firewall),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _input() -> list[str]:
    return [
        "chain input {",
        "type filter hook input priority filter; policy drop;",
        'iifname "lo" accept',
        "ct state invalid drop",
        "ct state established,related accept",
        # Answers to a request that was sent to everybody are not of a connection the kernel knows.
        "meta nfproto ipv4 udp sport 67 udp dport 68 accept",
        "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept",
        f"icmpv6 type {{ {_NEIGHBOURS} }} ip6 hoplimit 255 accept",
        f"icmpv6 type {{ {_ERRORS} }} accept",
        "}",
    ]


def _output(firewall: Firewall) -> list[str]:
    guest = firewall.guest
    return [
        "chain output {",
        "type filter hook output priority filter; policy drop;",
        'oifname "lo" accept',
        "ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept",
        "ip6 daddr ff02::1:2 udp sport 546 udp dport 547 accept",
        f"icmpv6 type {{ {_NEIGHBOURS} }} ip6 hoplimit 255 accept",
        # Before what is established: no connection that was begun elsewhere goes on in a patient's home.
        *([f'oifname "{guest.interface}" goto guest'] if guest else []),
        "ct state established,related accept",
        "udp sport 68 udp dport 67 accept",
        "meta l4proto { tcp, udp } th dport 53 accept",
        "udp dport 123 accept",
        *_services(firewall.services),
        # At once, so that a program sees that it may not, and does not wait.
        "reject with icmpx type admin-prohibited",
        "}",
    ]


def _guest(firewall: Firewall) -> list[str]:
    if firewall.guest is None:
        return []
    return [
        "chain guest {",
        # The lease is renewed with the router itself.
        "udp sport 68 udp dport 67 accept",
        *_to(firewall.guest.resolvers, "meta l4proto { tcp, udp } th dport 53"),
        # A name server of the home may say that the region's host is a machine of the home.
        *_to(_HOME, "", "reject with icmpx type admin-prohibited"),
        *_services(service for service in firewall.services if service.meeting),
        "reject with icmpx type admin-prohibited",
        "}",
    ]


def _services(services: Iterable[Service]) -> list[str]:
    lines = []
    for service in services:
        if service.tcp:
            lines += _to(service.addresses, f"tcp dport {{ {', '.join(map(str, service.tcp))} }}")
        if service.udp:
            ranges = ", ".join(
                f"{first}-{last}" if first != last else f"{first}" for first, last in service.udp
            )
            if any(last < first for first, last in service.udp):
                raise ValueError("a range of ports ends before it begins")
            lines += _to(service.addresses, f"udp dport {{ {ranges} }}")
    return lines


def _to(addresses: Iterable[str], what: str, then: str = "accept") -> list[str]:
    """One rule for each family that is among the addresses."""
    networks = [_network(address) for address in addresses]
    lines = []
    for family, version in (("ip", 4), ("ip6", 6)):
        if of_family := sorted({str(network) for network in networks if network.version == version}):
            lines.append(f"{family} daddr {{ {', '.join(of_family)} }} {what} {then}")
    return lines


def _network(address: str) -> Network:
    # The name of a link behind an address may be anything, and nft would read it.
    if "%" in address:
        raise ValueError("an address with the name of a link")
    return ip_network(address, strict=False)
