"""`python -m bench.calls.relay`: a UDP relay between a near and a far side, with a bad network inside.

The first line on stdin is an :class:`Order`; answers with a line of pairs of ports, one pair for each flow:
the one that the near side talks to and the one that the far side talks to. A line ``[flow, near port, far
port]`` says where the two are; ``[]`` begins the steps. The end of stdin ends the relay, after a line with an
:class:`Account`. All flows share the way, as those of one home do.
"""

from __future__ import annotations

import io
import os
import select
import socket
import sys
import time
from collections import deque

import msgspec

from bench.calls import conditions
from bench.calls.conditions import Condition
from bench.calls.link import Link

HOST = "127.0.0.1"
_POLL_S = 0.05
_BUFFER = 1 << 21
_SEED_OFFSET_MS = 37_000
_JUDGED_PACKETS = 20_000


class Order(msgspec.Struct, frozen=True):
    """Which network to be."""

    condition: Condition
    seed: int
    flows: int = 1
    face: str = HOST
    """The relay's address as the far side sees it."""
    far_host: str = HOST


class Account(msgspec.Struct, frozen=True):
    """Bytes offered by the near (up) and the far peer (down) in each second since the start."""

    up: list[int]
    down: list[int]
    lost: int
    dropped: int
    late_ms: float
    """95th percentile of how late the relay itself came to hand a packet on: the machine was busy."""


class Flow:
    """Two sockets, and who is behind each."""

    def __init__(self, order: Order) -> None:
        self.near, self.far = _socket(HOST), _socket(order.face)
        self.near_peer, self.far_peer = (HOST, 0), (order.far_host, 0)


Packet = tuple[Flow, bytes]


class Relay:
    """Flows, and a link in each direction that they share."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._condition = order.condition
        impairment = order.condition.impairment()
        self._up: Link[Packet] = Link(impairment, 2 * order.seed)
        self._down: Link[Packet] = Link(impairment, 2 * order.seed + 1)
        self._now = {self._up: impairment, self._down: impairment}
        self.flows = [Flow(order) for _ in range(order.flows)]
        self._steps = sorted(order.condition.steps, key=lambda step: step.at)
        self._left: list[socket.socket] = []
        self._begun: float | None = None
        self._bytes: tuple[list[int], list[int]] = ([], [])
        self._late: deque[float] = deque(maxlen=_JUDGED_PACKETS)
        self._said = b""

    def meet(self, flow: int, near_port: int, far_port: int) -> None:
        """Learn where the peers are; what comes from elsewhere is passed over.

        Traces begin with the first flow: who starts or joins sooner meets the same seconds of them.
        """
        if flow == 0:
            self._follow_traces()
        self.flows[flow].near_peer = (HOST, near_port)
        self.flows[flow].far_peer = (self._order.far_host, far_port)

    def start(self) -> None:
        """Begin the counted time."""
        self._begun = time.monotonic()

    def account(self) -> Account:
        """Return what went through."""
        lost = self._up.lost + self._down.lost
        late = sorted(self._late)[int(0.95 * len(self._late))] if self._late else 0.0
        dropped = self._up.dropped + self._down.dropped
        return Account(*self._bytes, lost, dropped, round(1000 * late, 2))

    def run(self) -> None:
        """Relay until stdin ends."""
        while True:
            moments = [at for link in (self._up, self._down) if (at := link.next_at()) is not None]
            wait = max(0.0, min([_POLL_S, *(at - time.monotonic() for at in moments)]))
            sockets = [sock for flow in self.flows for sock in (flow.near, flow.far)]
            ready, _, _ = select.select([*sockets, sys.stdin], [], [], wait)
            now = time.monotonic()
            self._step(now)
            if sys.stdin in ready and not self._told():
                return
            for flow in self.flows:
                if flow.near in ready:
                    self._take(flow.near, flow, 0, now)
                if flow.far in ready:
                    self._take(flow.far, flow, 1, now)
            for flow, data in self._due(self._up, now):
                _send(flow.far, data, flow.far_peer)
            for flow, data in self._due(self._down, now):
                _send(flow.near, data, flow.near_peer)

    def _told(self) -> bool:
        data = os.read(sys.stdin.fileno(), 4096)
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            if where := msgspec.json.decode(line, type=tuple[int, ...]):
                self.meet(*where)
            else:
                self.start()
        return bool(data)

    def _follow_traces(self) -> None:
        condition, now = self._order.condition, time.monotonic()
        for link, path in ((self._up, condition.trace_up), (self._down, condition.trace_down)):
            if path:
                link.follow(conditions.trace(path), self._order.seed * _SEED_OFFSET_MS, now)

    def _take(self, sock: socket.socket, flow: Flow, way: int, now: float) -> None:
        while True:
            try:
                data, source = sock.recvfrom(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return
            # A browser checks the path from each address of its machine all through a call. Those others
            # lead past this network, and what is sent to them does not come back to the call.
            if source != (flow.near_peer, flow.far_peer)[way]:
                continue
            (self._up, self._down)[way].offer(now, len(data), (flow, data))
            if self._begun is not None:
                series, second = self._bytes[way], int(now - self._begun)
                series += [0] * (second + 1 - len(series))
                series[second] += len(data)

    def _due(self, link: Link[Packet], now: float) -> list[Packet]:
        due = link.next_at()
        if due is not None and due <= now:
            self._late.append(now - due)
        return link.due(now)

    def _step(self, now: float) -> None:
        while self._begun is not None and self._steps and now - self._begun >= self._steps[0].at:
            step = self._steps.pop(0)
            if step.rebind:  # what comes to the old address goes nowhere, without an ICMP error
                for flow in self.flows:
                    self._left.append(flow.far)
                    flow.far = _socket(self._order.face)
            for name, link in (("up", self._up), ("down", self._down)):
                if step.direction in (name, "both"):
                    self._now[link] = step.applied(self._now[link])
                    link.change(self._now[link])


def _send(sock: socket.socket, data: bytes, peer: tuple[str, int]) -> None:
    if peer[1]:
        sock.sendto(data, peer)


def _socket(host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return sock


def main() -> None:
    """Run one relay."""
    relay = Relay(msgspec.json.decode(io.FileIO(0, closefd=False).readline(), type=Order))
    faces = [(flow.near.getsockname()[1], flow.far.getsockname()[1]) for flow in relay.flows]
    print(msgspec.json.encode(faces).decode(), flush=True)
    relay.run()
    print(msgspec.json.encode(relay.account()).decode(), flush=True)


if __name__ == "__main__":
    main()
