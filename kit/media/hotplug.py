"""Hears from the kernel at once when a device is plugged in or pulled out.

Uevents come by netlink, as udev passes them on or, where no udev runs, as the kernel sends them. They only
say that it is time to look again: nothing in them is believed, and without them devices are still looked for
once in a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable

VIDEO, SOUND = "video4linux", "sound"
_NETLINK_KOBJECT_UEVENT = 15
_FROM_KERNEL, _FROM_UDEV = 1, 2
"""Multicast groups. udev's come after the device node got its owner and mode; the kernel's come first."""
_MOST = 16_384
_SUBSYSTEM = re.compile(rb"(?:^|\0)SUBSYSTEM=([a-z0-9_]{1,32})\0")


class Hotplug:
    """Calls ``changed`` with the subsystem (:data:`VIDEO`, :data:`SOUND`, …) in the event loop."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._socket: socket.socket | None = None

    def start(self) -> bool:
        """Begin to listen; call in the event loop. False where the kernel does not let us."""
        try:
            self._socket = listening()
        except OSError:
            return False
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        return True

    def stop(self) -> None:
        """Listen no more."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self) -> None:
        assert self._socket is not None
        changed: set[str] = set()
        # ENOBUFS says that some were lost: as good as one that came.
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    message = self._socket.recv(_MOST)
                except BlockingIOError:
                    raise
                except OSError:
                    changed |= {VIDEO, SOUND}
                    continue
                if (name := subsystem(message)) is not None:
                    changed.add(name)
        for name in changed:
            self._changed(name)


def listening() -> socket.socket:
    """Return a socket that uevents come to; OSError where the kernel does not let us."""
    found = socket.socket(
        socket.AF_NETLINK,
        socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC,
        _NETLINK_KOBJECT_UEVENT,
    )
    try:
        found.bind((0, _FROM_KERNEL | _FROM_UDEV))
    except OSError:
        found.close()
        raise
    return found


def subsystem(message: bytes) -> str | None:
    """Return the subsystem that a uevent is about; None when it names none."""
    found = _SUBSYSTEM.search(message)
    return None if found is None else found[1].decode("ascii")
