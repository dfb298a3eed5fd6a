"""The relay process as the calls use it: it stands in each SDP instead of the other side."""

from __future__ import annotations

import asyncio
import re
import sys

import msgspec

from bench.calls.relay import HOST, Account, Order

_TIMEOUT_S = 30.0
_CANDIDATE = re.compile(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", re.IGNORECASE)


class Network:
    """A bad network that each flow of a call is led through."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._process: asyncio.subprocess.Process | None = None
        self._faces: list[tuple[int, int]] = []

    async def open(self) -> None:
        """Start it."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.calls.relay",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await self._tell(msgspec.json.encode(self._order))
        self._faces = msgspec.json.decode(await self._line(), type=list[tuple[int, int]])

    def for_far(self, flow: int, sdp: str) -> str:
        """The near side's SDP as the far side must see it."""
        return _through(sdp, HOST, (self._order.face, self._faces[flow][1]))

    def for_near(self, flow: int, sdp: str) -> str:
        """The far side's SDP as the near side must see it."""
        return _through(sdp, self._order.far_host, (HOST, self._faces[flow][0]))

    async def meet(self, flow: int, near_sdp: str, far_sdp: str) -> None:
        """Say where the two sides of a flow are."""
        ports = (_port(near_sdp, HOST), _port(far_sdp, self._order.far_host))
        await self._tell(msgspec.json.encode((flow, *ports)))

    async def start(self) -> None:
        """Begin the counted time."""
        await self._tell(b"[]")

    async def close(self) -> Account:
        """End it."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        account = await self._line()
        await self._process.wait()
        return msgspec.json.decode(account, type=Account)

    async def _tell(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        await self._process.stdin.drain()

    async def _line(self) -> bytes:
        assert self._process is not None
        assert self._process.stdout is not None
        return await asyncio.wait_for(self._process.stdout.readline(), _TIMEOUT_S)


def _port(sdp: str, host: str) -> int:
    found = (_CANDIDATE.match(line) for line in sdp.splitlines())
    return next(int(candidate[2]) for candidate in found if candidate and candidate[1] == host)


def _through(sdp: str, host: str, face: tuple[str, int]) -> str:
    """Leave the candidates of one host, and let them be the relay."""
    lines = []
    for line in sdp.splitlines():
        found = _CANDIDATE.match(line)
        if found and found[1] == host:
            lines.append(line.replace(f"{host} {found[2]} typ", f"{face[0]} {face[1]} typ"))
        elif not line.startswith("a=candidate"):
            lines.append(line)
    return "\r\n".join(lines) + "\r\n"
