"""Whether a portal's server can be reached and shows a certificate that holds, before a page is opened.

Chromium would say it in words of its own, for people at a desk. It asks again by itself, with the same
authorities, and lets nobody past a bad certificate.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kit.portal.site import Portal

PATIENCE_S: Final = 8.0


class Unreachable(Exception):  # noqa: N818 - it names what is the matter
    """No server answers there."""


class NotGenuine(Exception):  # noqa: N818 - it names what is the matter
    """The server's certificate does not hold, or the authorities' file cannot be read."""


async def check(portal: Portal, authorities: Path | None, addresses: Mapping[str, str]) -> None:
    """Connect and shake hands once. ``addresses``: ``host:port`` to where it is found instead."""
    scheme, host, port = portal.begin()
    near_host, _, near_port = addresses.get(f"{host}:{port}", f"{host}:{port}").rpartition(":")
    tls = await asyncio.to_thread(_trust, authorities) if scheme == "https" else None
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(
                near_host, int(near_port), ssl=tls, server_hostname=host if tls else None
            )
    except ssl.SSLError:
        raise NotGenuine from None
    except (OSError, TimeoutError):
        raise Unreachable from None
    writer.close()
    with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
        async with asyncio.timeout(1):
            await writer.wait_closed()


def _trust(authorities: Path | None) -> ssl.SSLContext:
    trust = ssl.create_default_context()
    try:
        if authorities is not None:
            trust.load_verify_locations(authorities)
    except (OSError, ssl.SSLError):
        raise NotGenuine from None
    return trust
