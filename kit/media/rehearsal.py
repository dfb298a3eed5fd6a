"""What a call does for the first time takes many times as long as the next: done once while nobody waits.

Libraries load parts of themselves when these are first used, and OpenSSL its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription

from kit.media.ice import configuration
from kit.media.leg import MediaLeg, Sink
from kit.media.level import BLOCK, BLOCK_S
from kit.media.tracks import MicrophoneTrack
from kit.meeting.pexip import api
from kit.meeting.room import IceServers

LIMIT_S = 1.0
_BLOCKS = 15


async def rehearse(sink: Sink, most_bps: int, tls: ssl.SSLContext | None) -> None:
    """Call oneself, and make a request that nobody hears. Nothing leaves the machine."""
    leg = MediaLeg(IceServers(), sink, most_bps, tls)
    other, sound = RTCPeerConnection(configuration(IceServers())), MicrophoneTrack()
    other.addTrack(sound)
    try:
        # A machine without an address cannot even call itself.
        with contextlib.suppress(TimeoutError, ValueError, OSError):
            async with asyncio.timeout(LIMIT_S):
                await _call(leg, other, sound)
    finally:
        sound.stop()
        await asyncio.gather(leg.close(), other.close(), return_exceptions=True)
    if tls is not None:
        await api.rehearse(tls)


async def _call(leg: MediaLeg, other: RTCPeerConnection, sound: MicrophoneTrack) -> None:
    await other.setRemoteDescription(RTCSessionDescription(await leg.offer(), "offer"))
    await other.setLocalDescription(await other.createAnswer())
    await leg.answer(other.localDescription.sdp, None)
    if await leg.connected(LIMIT_S):
        for _ in range(_BLOCKS):
            sound.put(np.full(BLOCK, 1000, np.int16))
            await asyncio.sleep(BLOCK_S)
            leg.pull(0.0)
