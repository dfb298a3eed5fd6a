"""TCP ports of this machine: the usual ones when they are free, so that addresses can be remembered."""

from __future__ import annotations

import contextlib
import socket

from msgspec import Struct

LOOPBACK = "127.0.0.1"


class Ports(Struct, frozen=True, kw_only=True):
    """Where the servers of the demo listen."""

    broker: int
    room: int
    """The test room over HTTP: a browser takes camera and microphone on http://localhost."""
    room_tls: int
    """The same room over HTTPS: kits join nothing else."""
    lab: int
    """Where faults of the test room are made on purpose."""
    fleet: int


USUAL = Ports(broker=18883, room=18080, room_tls=18443, lab=18081, fleet=18090)


def choose(preferred: Ports = USUAL) -> Ports:
    """Take the preferred ports where they are free, and any free one in place of the others."""
    with contextlib.ExitStack() as held:
        return Ports(**{name: _hold(held, port) for name, port in _items(preferred)})


def _items(ports: Ports) -> list[tuple[str, int]]:
    return [(name, getattr(ports, name)) for name in ports.__struct_fields__]


def _hold(held: contextlib.ExitStack, port: int) -> int:
    """Bind, so that no two get the same; a port in TIME_WAIT is as good as free."""
    for candidate in (port, 0):
        probe = held.enter_context(socket.socket())
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((LOOPBACK, candidate))
            bound: int = probe.getsockname()[1]
            return bound
    raise OSError("no free TCP port")
