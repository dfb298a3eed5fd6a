"""What a call does for the first time takes many times as long as the next: done once while nobody waits.

Libraries load parts of themselves when these are first used, and OpenSSL its own.
"""

from __future__ import annotations

import contextlib
import ssl

from kit.media.leg import MediaLeg, Sink
from kit.meeting.pexip import api
from kit.meeting.room import IceServers


async def rehearse(sink: Sink, most_bps: int, tls: ssl.SSLContext | None) -> None:
    """Make an offer that nobody gets and a request that nobody hears. Nothing leaves the machine."""
    leg = MediaLeg(IceServers(), sink, most_bps, tls)
    with contextlib.suppress(ValueError, OSError):
        await leg.offer()
    await leg.close()
    if tls is not None:
        await api.rehearse(tls)
