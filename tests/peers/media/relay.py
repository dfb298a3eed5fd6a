"""A network between the kits and the room that can break: a UDP relay for each call."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from kit.meeting.testroom.media import sdp
from kit.meeting.testroom.media.call import Call

Address = tuple[str, int]
_LOOPBACK = "127.0.0.1"
QUEUE_S = 1.0
_CANDIDATE = re.compile(r"a=candidate:[^\r\n]* (?P<host>\S+) (?P<port>\d+) typ host[^\r\n]*\r\n")


class _Side(asyncio.DatagramProtocol):
    """One of a relay's two ends; hands on what it gets through the other."""

    def __init__(self, path: Path, towards: Address) -> None:
        self._path = path
        self.towards = towards
        self.other: _Side | None = None
        self.transport: asyncio.DatagramTransport | None = None
        self._free_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.towards = addr
        if self._path.dead or (self._path.network.dead and not self._path.stays):
            return
        loop = asyncio.get_running_loop()
        if self._path.rate_bps is None:
            self._hand_on(data)
        elif (wait := max(self._free_at - loop.time(), 0.0)) < QUEUE_S:
            self._free_at = loop.time() + wait + len(data) * 8 / self._path.rate_bps
            loop.call_at(self._free_at, self._hand_on, data)

    def _hand_on(self, data: bytes) -> None:
        other = self.other
        if other is not None and other.transport is not None:
            other.transport.sendto(data, other.towards)

    @property
    def port(self) -> int:
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])


class Path:
    """Between one client and the room."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.dead = False
        self.stays = False
        """It carries though the network is dead."""
        self.rate_bps: float | None = None
        """Of each direction, with a queue of a second."""
        self.sides: list[_Side] = []

    async def side(self, towards: Address) -> _Side:
        loop = asyncio.get_running_loop()
        _, side = await loop.create_datagram_endpoint(lambda: _Side(self, towards), local_addr=(_LOOPBACK, 0))
        self.sides.append(side)
        for one, other in zip(self.sides, reversed(self.sides), strict=True):
            one.other = other
        return side


class Network:
    """Puts a path of its own between each call and the room, by the candidates in offer and answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: dict[str, Path] = {}
        self.dead = False
        """No path carries anything."""
        answer = Call.answer

        async def through(call: Call, offer: str) -> str:
            path = self.paths.setdefault(sdp.ufrag(offer), Path(self))
            for_room = await _diverted(offer, path, 0)
            return await _diverted(await answer(call, for_room), path, 1)

        monkeypatch.setattr(Call, "answer", through)

    def newest(self) -> Path:
        return next(reversed(self.paths.values()))

    def close(self) -> None:
        for path in self.paths.values():
            for side in path.sides:
                if side.transport is not None:
                    side.transport.close()


async def _diverted(description: str, path: Path, number: int) -> str:
    """Leave of a description's candidates those on loopback, and lead them to the relay."""
    near = next(match for match in _CANDIDATE.finditer(description) if match["host"] == _LOOPBACK)
    if len(path.sides) <= number:
        await path.side((_LOOPBACK, int(near["port"])))
    port = path.sides[number].port

    def led(line: re.Match[str]) -> str:
        if line["host"] != _LOOPBACK:
            return ""
        return line[0].replace(f" {line['port']} typ", f" {port} typ")

    return _CANDIDATE.sub(led, description)
