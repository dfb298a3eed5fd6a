"""The encoder's child is killed in the middle of a call: the other side goes on seeing."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import aioice.ice
import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from bench.calls import scene
from kit.media import rtp
from kit.media.encoders import Encoders, install
from kit.media.encoders.child import STAND_IN, ChildEncoder
from kit.media.encoders.kinds import KINDS, Kind
from kit.media.encoders.x264 import X264Encoder
from tests.kit.media.rtp.seam import aiortc_as_it_was

__all__ = ["aiortc_as_it_was"]
DEADLINE_S = 20.0


@pytest.fixture(autouse=True)
def chosen(monkeypatch: pytest.MonkeyPatch, aiortc_as_it_was: None) -> Iterator[Encoders]:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    rtp.install()
    child = Kind("ffmpeg_libx264", partial(ChildEncoder, STAND_IN))
    encoders = Encoders(kinds={**KINDS, "H264": (child, Kind("libx264", X264Encoder))})
    encoders.choose(1280, 720)
    install(encoders)
    yield encoders
    install(Encoders())


class Seen:
    """Counts the pictures that arrive."""

    def __init__(self) -> None:
        self.pictures = 0

    async def watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                self.pictures += 1

    async def more(self, count: int) -> None:
        wanted, deadline = self.pictures + count, time.monotonic() + DEADLINE_S
        while self.pictures < wanted:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


def _children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if p.name() == "ffmpeg"]


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP])
async def test_the_call_goes_on_with_a_key_frame_from_software(
    chosen: Encoders, fault: signal.Signals
) -> None:
    assert chosen.choices["H264"].name == "ffmpeg_libx264"
    configuration = RTCConfiguration(iceServers=[])
    near, far, seen = RTCPeerConnection(configuration), RTCPeerConnection(configuration), Seen()
    watching: list[asyncio.Task[None]] = []
    far.on("track", lambda track: watching.append(asyncio.create_task(seen.watch(track))))
    try:
        sender: Any = near.addTrack(scene.Camera())
        known = rtp.KitSender.getCapabilities("video").codecs
        wanted = [c for c in known if c.name.upper() in ("H264", "RTX")]
        near.getTransceivers()[0].setCodecPreferences(wanted)
        await near.setLocalDescription(await near.createOffer())
        await far.setRemoteDescription(near.localDescription)
        await far.setLocalDescription(await far.createAnswer())
        await near.setRemoteDescription(far.localDescription)
        await seen.more(30)
        assert sender.video.encoder.name == "ffmpeg_libx264"
        for child in _children():
            os.kill(child.pid, fault)
        await seen.more(30)
        assert sender.video.encoder.name == "libx264"
        assert sender.video.figures()["encoderImplementation"] == "libx264"
    finally:
        await near.close()
        await far.close()
        await asyncio.gather(*watching)
    assert not _children()
    assert chosen.open("H264").name == "libx264"
