"""TCP ports of this machine: the usual ones when they are free, so that addresses can be remembered."""

from __future__ import annotations

import contextlib
import socket
from functools import cache

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
    login: int
    """Where somebody's phone comes back to after a login."""
    collect: int
    """Where kits ask what a login gave."""


USUAL = Ports(broker=18883, room=18080, room_tls=18443, lab=18081, fleet=18090, login=18446, collect=18447)


def choose(preferred: Ports = USUAL) -> Ports:
    """Take the preferred ports where they are free, and any free one in place of the others.

    Of two demos at once on a machine only the first is given its wish: the servers bind their ports seconds
    later, and would find them taken.
    """
    yields = preferred == USUAL and not _is_first()
    wish = [(name, 0 if yields else port) for name, port in _items(preferred)]
    with contextlib.ExitStack() as held:
        return Ports(**{name: _hold(held, port) for name, port in wish})


@cache
def _claim() -> socket.socket:
    return socket.socket(socket.AF_UNIX)


def _is_first() -> bool:
    """An abstract socket name is free again when its process ends, however that was."""
    claim = _claim()
    if not claim.getsockname():
        with contextlib.suppress(OSError):
            claim.bind("\0hembesok-demo")
    return bool(claim.getsockname())


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
