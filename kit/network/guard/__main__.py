"""``python -m kit.network.guard --config kit.toml``: guard the kit's networks until SIGTERM. Needs root.

Without a configuration that fits, none of the region's servers is reached. The ruleset outlives the process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from kit.config import ConfigInvalid, load
from kit.log import configure, log, loop_error
from kit.network.firewall import apply
from kit.network.guard.region import named, networks
from kit.network.guard.service import Guard, Servers, by_resolver
from kit.network.guard.words import MAX_LINE, SOCKET
from kit.network.wifi.removal import Removal


def servers(path: Path) -> Servers:
    """Read the region's servers from the kit's configuration; none when it does not fit."""
    try:
        config = load(path)
    except ConfigInvalid as invalid:
        log.error("configuration_invalid", detail=str(invalid))
        return Servers()
    return Servers(networks=networks(config), named=named(config))


async def guard(region: Servers, path: Path) -> bool:
    """Serve until cancelled; False when not even the strict form could be put in force."""
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(loop_error)
    one = Guard(region, Removal(), apply, by_resolver)
    if not await one.close():
        return False
    running = asyncio.current_task()
    assert running is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with _listening(path) as listener:
        server = await asyncio.start_unix_server(one.serve, sock=listener, limit=MAX_LINE)
        _notify(b"READY=1")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(one.follow_names())
                tasks.create_task(_be_alive())
        finally:
            server.close()
    return True


async def _be_alive() -> None:
    """Tell systemd, which starts anew what hangs (WatchdogSec=), as often as it asks for thrice."""
    within_us = int(os.environ.get("WATCHDOG_USEC", "0"))
    while within_us:
        _notify(b"WATCHDOG=1")
        await asyncio.sleep(within_us / 3e6)


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """A socket for the owner and group of its folder: the agent is of that group."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        before = os.umask(0o117)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        os.chown(path, -1, path.parent.stat().st_gid)
        yield listener


def _notify(what: bytes) -> None:
    """Tell systemd (sd_notify): once it is ready the network may come up."""
    if where := os.environ.get("NOTIFY_SOCKET"):
        address = f"\0{where[1:]}" if where.startswith("@") else where
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.sendto(what, address)


def main() -> None:
    """The process that guards."""
    words = argparse.ArgumentParser(prog="python -m kit.network.guard")
    words.add_argument("--config", type=Path, required=True, help="The kit's configuration (TOML).")
    words.add_argument("--socket", type=Path, default=SOCKET, help="Where the agent finds it.")
    said = words.parse_args()
    configure("guard")
    with contextlib.suppress(asyncio.CancelledError):
        if not asyncio.run(guard(servers(said.config), said.socket)):
            sys.exit(1)


if __name__ == "__main__":
    main()
