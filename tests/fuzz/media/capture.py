"""`python -m tests.fuzz.media.capture`: makes the seeds anew, from a call of each codec with Chromium.

Both ways a packet in thirty is dropped, so that there is something to ask for again. Pictures and speech are
those of the bench, made by a program: nobody is in them.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import aioice.ice
import aioice.stun
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from bench.calls import scene
from bench.calls.chromium import ChromiumPeer
from kit.media import rtp
from kit.media.rtp import rtcp
from kit.media.rtp.edge import Datagrams
from kit.media.rtp.packet import ExtensionIds, parse
from tests.fuzz.media.bundle import pack

SEEDS = Path(__file__).with_name("seeds")
SECONDS = 6.0
LOSS = 1 / 30
OPUS, RED = 96, 63
MAX_BYTES = 4000
MAX_SEEDS = 6


class Capture:
    """What came over the wire, by target."""

    def __init__(self) -> None:
        self.found: dict[str, list[bytes]] = defaultdict(list)
        self._rng = random.Random(7)

    def lost(self) -> bool:
        """Whether the network loses this one."""
        return self._rng.random() < LOSS

    def keep(self, target: str, *parts: bytes) -> None:
        """Note one input."""
        self.found[target] += parts


def _listen(capture: Capture) -> None:
    """Put ears where datagrams come in and out, for the life of this process."""
    put, send = Datagrams.put_nowait, rtp.KitTransport.send_media
    on_rtp, on_rtcp = rtp.KitTransport._handle_rtp_data, rtp.KitTransport._handle_rtcp_data
    parse_stun = aioice.stun.parse_message

    def take(queue: Datagrams, item: tuple[bytes, int] | None) -> None:
        if item is not None and 20 <= item[0][0] < 64:
            capture.keep("dtls", item[0])
        if item is None or item[0][0] < 128 or not capture.lost():
            put(queue, item)

    def stun(data: bytes) -> aioice.stun.Message:
        message = parse_stun(data)
        capture.keep("stun", data)
        return message

    def leave(transport: rtp.KitTransport, data: bytes) -> None:
        if not capture.lost():
            send(transport, data)

    async def take_rtp(transport: rtp.KitTransport, data: bytes, arrival_time_ms: int) -> None:
        capture.keep("rtp", data)
        capture.keep("call", data)
        await on_rtp(transport, data, arrival_time_ms)

    async def take_rtcp(transport: rtp.KitTransport, data: bytes) -> None:
        capture.keep("rtcp", data)
        capture.keep("call", data)
        await on_rtcp(transport, data)

    ears: tuple[tuple[Any, str, Any], ...] = (
        (Datagrams, "put_nowait", take),
        (rtp.KitTransport, "send_media", leave),
        (rtp.KitTransport, "_handle_rtp_data", take_rtp),
        (rtp.KitTransport, "_handle_rtcp_data", take_rtcp),
        (aioice.stun, "parse_message", stun),
    )
    for owner, name, ear in ears:
        setattr(owner, name, ear)


async def hold(codec: str, capture: Capture) -> None:
    """One call."""
    chromium = ChromiumPeer(codec)
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    pc.addTrack(scene.Microphone())
    pc.addTrack(scene.Camera())
    known = rtp.KitSender.getCapabilities("video")
    assert known is not None
    for transceiver in pc.getTransceivers():
        if transceiver.kind == "video":
            transceiver.setCodecPreferences([c for c in known.codecs if c.name.upper() in (codec, "RTX")])
    await chromium.start()
    try:
        await pc.setLocalDescription(await pc.createOffer())
        capture.keep("sdp", pc.localDescription.sdp.encode())
        answer = await chromium.answer("call", pc.localDescription.sdp)
        capture.keep("sdp", answer.encode())
        await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.sleep(SECONDS)
    finally:
        await chromium.close()
        await pc.close()
    _payloads(capture, codec)


def _payloads(capture: Capture, codec: str) -> None:
    """Sort what the packets carried by what reads it."""
    for data in capture.found["call"]:
        if 192 <= data[1] <= 223:
            messages = rtcp.parse(data).messages
            capture.keep("feedback", *(m.fci for m in messages if isinstance(m, rtcp.TransportFeedback)))
            continue
        packet = parse(data, ExtensionIds(), 0.0)
        if packet.payload_type in (OPUS, RED):
            capture.keep("sound", bytes((packet.payload_type == RED,)) + packet.payload)
        elif len(packet.payload) > 100:
            capture.keep(codec.lower(), bytes((packet.marker,)) + packet.payload)
    capture.keep(f"call-{codec.lower()}", *capture.found.pop("call"))


def _write(found: dict[str, list[bytes]]) -> None:
    """A few of each, of every length that came; inputs that a fuzzer found, of other names, stay."""
    for former in SEEDS.glob("*/*-[0-9].bin"):
        former.unlink()
    for name, inputs in found.items():
        folder = SEEDS / name.partition("-")[0]
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(_bundled(inputs) if name in BUNDLED else _varied(inputs)):
            (folder / f"{name}-{number}.bin").write_bytes(seed)


BUNDLED = {"feedback", "sound", "h264", "vp8", "call-h264", "call-vp8", "dtls"}


def _bundled(inputs: list[bytes]) -> list[bytes]:
    """The first ones together, and some from later on."""
    seeds = []
    for start in (0, len(inputs) // 2, 3 * len(inputs) // 4):
        size = 0
        taken: list[bytes] = []
        for data in inputs[start:]:
            size += len(data) + 2
            if taken and size > MAX_BYTES:
                break
            taken.append(data)
        seeds.append(pack(taken))
    return seeds


def _varied(inputs: list[bytes]) -> list[bytes]:
    by_form = {(len(data) // 8, data[:2]): data for data in inputs}
    chosen = sorted(by_form.values(), key=len)
    return chosen[:: max(1, len(chosen) // MAX_SEEDS)][:MAX_SEEDS]


async def _run() -> None:
    capture = Capture()
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
    rtp.install()
    _listen(capture)
    for codec in ("H264", "VP8"):
        await hold(codec, capture)
    await asyncio.to_thread(_write, capture.found)


if __name__ == "__main__":
    asyncio.run(_run())
