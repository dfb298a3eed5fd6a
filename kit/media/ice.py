"""Where aioice and aiortc do otherwise: 127.0.0.1 as a candidate, and no server of a third party."""

from __future__ import annotations

import re
from collections.abc import Callable

import aioice.ice
from aiortc import RTCConfiguration, RTCIceServer
from aiortc.rtcconfiguration import RTCBundlePolicy, RTCIceTransportPolicy

from kit.meeting.room import IceServers

_STUN = re.compile(r"stuns?:[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?")
_TURN = re.compile(r"turns?:[A-Za-z0-9.-]{1,250}(:[0-9]{1,5})?(\?transport=(udp|tcp))?")

_host_addresses: Callable[[bool, bool], list[str]] = aioice.ice.get_host_addresses


def add_loopback() -> None:
    """Offer 127.0.0.1 too, which aioice leaves out: the room runs on this machine. For the whole process."""
    aioice.ice.get_host_addresses = _with_loopback


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


def _with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    addresses = _host_addresses(use_ipv4, use_ipv6)
    return [*addresses, "127.0.0.1"] if use_ipv4 and "127.0.0.1" not in addresses else addresses
