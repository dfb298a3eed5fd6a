"""Where aioice and aiortc do otherwise: 127.0.0.1 as a candidate, and no server of a third party."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

import aioice.ice
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransport
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy
from msgspec.structs import replace

from kit.media import paths
from kit.meeting.room import IceServers

GATHER_S = 2.5
"""Four round trips, as an allocation over TLS takes, of a slow mobile network."""
_CHECKS = 4
"""Begun every 20 ms, where aioice begins one: RFC 8445, 14.2 lets nobody begin more than one each 5 ms."""
_READY = (aioice.ice.CandidatePair.State.WAITING, aioice.ice.CandidatePair.State.FROZEN)
"""In the order in which they are begun."""
_STUN = re.compile(r"stuns?:[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?")
_TURN = re.compile(r"turns?:[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?(\?transport=(udp|tcp))?")

_gather: Callable[[aioice.ice.Connection], Coroutine[Any, Any, None]] = (
    aioice.ice.Connection.gather_candidates
)
_connect: Callable[[aioice.ice.Connection], Coroutine[Any, Any, None]] = aioice.ice.Connection.connect
_host_addresses: Callable[[bool, bool], list[str]] = aioice.ice.get_host_addresses


def hasten() -> None:
    """Wait no longer for STUN and TURN servers than one that answers needs, and check paths faster.

    What is left in the middle gives back its sockets and tasks. For the whole process.
    """
    connection = vars(aioice.ice)["Connection"]
    connection.get_component_candidates.__defaults__ = (GATHER_S,)
    connection.gather_candidates = _gather_whole
    connection.connect = _connect_unless_closed
    connection._check_periodic = _check_several


def add_loopback() -> None:
    """Offer 127.0.0.1 too, which aioice leaves out: the room runs on this machine. For the whole process."""
    aioice.ice.get_host_addresses = _with_loopback


def in_order(servers: IceServers) -> tuple[IceServers, ...]:
    """Return what to try one after the other, each with one relay, which is all that aioice takes.

    UDP goes first; TLS on port 443, which looks like any web page to a firewall, goes last.
    """
    relays = [
        replace(turn, urls=(url,)) for turn in servers.turn for url in turn.urls if _TURN.fullmatch(url)
    ]
    relays.sort(key=lambda relay: _hardness(relay.urls[0]))
    return tuple(replace(servers, turn=(relay,)) for relay in relays) or (servers,)


def _hardness(url: str) -> int:
    if url.startswith("turns:"):
        return 3 if ":443" in url else 2
    return 1 if url.endswith("transport=tcp") else 0


def configuration(servers: IceServers) -> RTCConfiguration:
    """Return aiortc's configuration; addresses that it could not read are left out.

    The list is never None: aiortc would then ask a public STUN server.
    """
    ice = [RTCIceServer(urls=url) for url in servers.stun if _STUN.fullmatch(url)]
    for turn in servers.turn:
        urls = [url for url in turn.urls if _TURN.fullmatch(url)]
        if urls:
            ice.append(RTCIceServer(urls=urls, username=turn.username, credential=turn.credential))
    policy = RTCIceTransportPolicy.RELAY if servers.relay_only else RTCIceTransportPolicy.ALL
    return RTCConfiguration(
        iceServers=ice, iceTransportPolicy=policy, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE
    )


def trust_relay(transport: RTCIceTransport, tls: ssl.SSLContext | None) -> None:
    """Let a connection trust whom the room trusts; without trust a relay gives no candidate, silently.

    aiortc knows only whether TLS is wanted; what aioice takes is asyncio's ``ssl``.
    """
    connection: Any = transport._connection
    if connection.turn_ssl and tls is not None:
        connection.turn_ssl = tls


async def _gather_whole(connection: aioice.ice.Connection) -> None:
    """Gather to the end, whoever stops waiting: aioice forgets the sockets of one that is cancelled."""
    await asyncio.shield(_gather_and_tidy(connection))


async def _gather_and_tidy(connection: aioice.ice.Connection) -> None:
    await paths.look()
    await _gather(connection)
    if connection._closing:
        # What was closed meanwhile did not have these sockets yet.
        await connection.close()


async def _connect_unless_closed(connection: aioice.ice.Connection) -> None:
    """Raise ConnectionError for what was closed while its last check succeeded.

    aioice begins its consent checks then, which nothing ends any more.
    """
    await _connect(connection)
    if connection._closing:
        await connection.close()
        msg = "closed while it connected"
        raise ConnectionError(msg)


def _check_several(connection: aioice.ice.Connection) -> bool:
    """Begin checks; whether to be called again in 20 ms. aioice would wait even if none is left."""
    if connection._check_list_done:
        return False
    pairs = [pair for pair in connection._check_list if pair.task is None and pair.state in _READY]
    pairs.sort(key=lambda pair: _READY.index(pair.state))
    for pair in pairs[:_CHECKS]:
        connection.check_start_task(pair)
    return len(pairs) > _CHECKS or connection._remote_candidates_expected()


def _with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    addresses = _host_addresses(use_ipv4, use_ipv6)
    return [*addresses, "127.0.0.1"] if use_ipv4 and "127.0.0.1" not in addresses else addresses
