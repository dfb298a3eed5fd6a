"""Networks that let only some of the ways to a relay through: a real coturn, and a room behind it."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest

from kit.media.leg import MediaLeg
from kit.media.legs import ATTEMPT_S, CallLeg, Legs
from kit.media.stats import Counters
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import IceServers, TurnServer
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.conftest import Node

NOBODY = 9


class Stage:
    """In the engine's place; what comes is dropped."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self.made: list[IceServers] = []
        self.used: CallLeg | None = None

    def make_leg(self, servers: IceServers) -> MediaLeg:
        self.made.append(servers)
        return MediaLeg(servers, self, 400_000, self._tls)

    def switched(self, leg: CallLeg | None) -> None:
        self.used = leg

    def counted(self, counters: Counters) -> None: ...

    def picture(self, picture: av.VideoFrame) -> None: ...

    def slide(self, picture: av.VideoFrame) -> None: ...


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def coturn(certificates: Certificates, tmp_path: Path) -> AsyncIterator[dict[str, int]]:
    """Its ports for TCP and TLS; it does not answer over UDP, as if a firewall were between."""
    ports = {"tcp": free_port(), "tls": free_port()}
    process = await asyncio.create_subprocess_exec(
        *("turnserver", "-n", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--no-udp", "--no-dtls"),
        *(f"--listening-port={ports['tcp']}", f"--tls-listening-port={ports['tls']}", "--no-cli"),
        *("--lt-cred-mech", "--user=kit:secret", "--realm=region.test", "--allow-loopback-peers"),
        *(f"--cert={certificates.certificate}", f"--pkey={certificates.key}", "--cli-password=unused"),
        *("--log-file=stdout", f"--pidfile={tmp_path / 'pid'}", f"--userdb={tmp_path / 'users'}"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    for port in ports.values():
        await _listening(port)
    yield ports
    process.terminate()
    await process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def connected(
    node: Node, tls: ssl.SSLContext, urls: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> tuple[Stage, list[str], float]:
    """Join over relays only; what was tried, and the seconds that it took."""
    servers = IceServers(turn=(TurnServer(urls, "kit", "secret"),), relay_only=True)
    monkeypatch.setattr(PexipRoom, "servers", servers)
    stage = Stage(tls)
    room: Any = PexipRoom(Invitation(host=node.host, alias="oppet", pin=None), "Kit", tls, lambda _: None)
    legs = Legs(stage, lambda: room)
    await room.join()
    began = time.monotonic()
    try:
        await legs.connect()
        assert stage.used is not None
        return stage, [turn.urls[0] for made in stage.made for turn in made.turn], time.monotonic() - began
    finally:
        await legs.close()
        await room.leave()


async def test_where_udp_is_barred_the_relay_is_reached_over_tcp(
    node: Node, tls: ssl.SSLContext, coturn: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    over_tcp = f"turn:localhost:{coturn['tcp']}?transport=tcp"
    urls = (over_tcp, f"turn:localhost:{coturn['tcp']}?transport=udp")
    _, tried, seconds = await connected(node, tls, urls, monkeypatch)
    assert tried == [urls[1], over_tcp]
    assert seconds < ATTEMPT_S + 3


async def test_where_only_web_pages_pass_the_relay_is_reached_over_tls(
    node: Node, tls: ssl.SSLContext, coturn: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    over_tls = f"turns:localhost:{coturn['tls']}?transport=tcp"
    urls = (over_tls, f"turn:localhost:{NOBODY}?transport=tcp", f"turn:localhost:{NOBODY}")
    _, tried, seconds = await connected(node, tls, urls, monkeypatch)
    assert tried == [urls[2], urls[1], over_tls]
    assert seconds < 2 * ATTEMPT_S + 3
