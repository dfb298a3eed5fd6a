"""`python -m bench.calls.relay`: a UDP relay between a near and a far peer, with a bad network inside.

The first line on stdin is an :class:`Order`; answers with a line of two ports, the one for the near peer and
the one for the far peer. The next line holds the peers' own ports. `start` begins the steps; the end of stdin
ends the relay, after a line with an :class:`Account`.
"""

from __future__ import annotations

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


class Account(msgspec.Struct, frozen=True):
    """Bytes offered by the near (up) and the far peer (down) in each second since the start."""

    up: list[int]
    down: list[int]
    lost: int
    dropped: int
    late_ms: float
    """95th percentile of how late the relay itself came to hand a packet on: the machine was busy."""


class Relay:
    """Two sockets and a link in each direction."""

    def __init__(self, order: Order) -> None:
        self.near, self.far = _socket(), _socket()
        self._condition = order.condition
        impairment = order.condition.impairment()
        self._up: Link[bytes] = Link(impairment, 2 * order.seed)
        self._down: Link[bytes] = Link(impairment, 2 * order.seed + 1)
        self._now = {self._up: impairment, self._down: impairment}
        self._traces(order)
        self._near_peer = self._far_peer = (HOST, 0)
        self._steps = sorted(order.condition.steps, key=lambda step: step.at)
        self._left: list[socket.socket] = []
        self._begun: float | None = None
        self._bytes: tuple[list[int], list[int]] = ([], [])
        self._late: deque[float] = deque(maxlen=_JUDGED_PACKETS)

    def meet(self, near_port: int, far_port: int) -> None:
        """Learn where the peers are before they say anything."""
        self._near_peer, self._far_peer = (HOST, near_port), (HOST, far_port)

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
            ready, _, _ = select.select([self.near, self.far, sys.stdin], [], [], wait)
            now = time.monotonic()
            self._step(now)
            if sys.stdin in ready:
                if not sys.stdin.readline():
                    return
                self.start()
            if self.near in ready:
                self._near_peer = self._take(self.near, self._up, 0, now) or self._near_peer
            if self.far in ready:
                self._far_peer = self._take(self.far, self._down, 1, now) or self._far_peer
            self._give(self._up, self.far, self._far_peer, now)
            self._give(self._down, self.near, self._near_peer, now)

    def _traces(self, order: Order) -> None:
        for link, path in ((self._up, order.condition.trace_up), (self._down, order.condition.trace_down)):
            if path:
                link.follow(conditions.trace(path), order.seed * _SEED_OFFSET_MS, time.monotonic())

    def _take(self, sock: socket.socket, link: Link[bytes], way: int, now: float) -> tuple[str, int] | None:
        source = None
        while True:
            try:
                data, source = sock.recvfrom(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return source
            link.offer(now, len(data), data)
            if self._begun is not None:
                series, second = self._bytes[way], int(now - self._begun)
                series += [0] * (second + 1 - len(series))
                series[second] += len(data)

    def _give(self, link: Link[bytes], sock: socket.socket, peer: tuple[str, int], now: float) -> None:
        due = link.next_at()
        if due is not None and due <= now:
            self._late.append(now - due)
        for data in link.due(now):
            if peer[1]:
                sock.sendto(data, peer)

    def _step(self, now: float) -> None:
        while self._begun is not None and self._steps and now - self._begun >= self._steps[0].at:
            step = self._steps.pop(0)
            if step.rebind:  # what comes to the old address goes nowhere, without an ICMP error
                self._left.append(self.far)
                self.far = _socket()
            for name, link in (("up", self._up), ("down", self._down)):
                if step.direction in (name, "both"):
                    self._now[link] = step.applied(self._now[link])
                    link.change(self._now[link])


def _socket() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((HOST, 0))
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    return sock


def main() -> None:
    """Run one relay."""
    relay = Relay(msgspec.json.decode(sys.stdin.readline(), type=Order))
    print(msgspec.json.encode([relay.near.getsockname()[1], relay.far.getsockname()[1]]).decode(), flush=True)
    peers = sys.stdin.readline()
    if not peers:
        return
    relay.meet(*msgspec.json.decode(peers, type=tuple[int, int]))
    relay.run()
    print(msgspec.json.encode(relay.account()).decode(), flush=True)


if __name__ == "__main__":
    main()
