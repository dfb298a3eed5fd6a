"""One interface for all that a task connects, whichever carries the default route.

Libraries make their sockets themselves, and hand on no option that must be set before they connect. So the
engine's sockets are of a class that looks at what its task was told.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

_INTERNET: Final = frozenset({socket.AF_INET, socket.AF_INET6})
_chosen: Final = ContextVar("interface", default="")


def chosen() -> str:
    """Return the interface that this task uses; empty: the one that carries."""
    return _chosen.get()


@contextmanager
def through(interface: str) -> Iterator[None]:
    """Connect by this interface only, in this task and those that it starts; empty: as everybody does.

    What a name means is still asked of the resolver, which asks by the uplink in use.
    """
    before = _chosen.set(interface)
    try:
        yield
    finally:
        _chosen.reset(before)


class ChoosingSocket(socket.socket):
    """A socket that keeps to the interface of the task that makes it."""

    def __init__(self, *words: Any, **named: Any) -> None:
        """OSError when there is no such interface."""
        super().__init__(*words, **named)
        if (interface := _chosen.get()) and self.family in _INTERNET:
            try:
                # Allowed to anybody since Linux 5.7; routes of other interfaces are not looked at then.
                self.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            except OSError:
                self.close()
                raise


def install() -> None:
    """Let :func:`through` work. For the whole process."""
    vars(socket)["socket"] = ChoosingSocket
