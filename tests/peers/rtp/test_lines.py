"""Several pictures over one connection: what is missing of one is said of that one."""

import asyncio
import re
import struct
from collections.abc import AsyncIterator

import aioice.ice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcconfiguration import RTCBundlePolicy

from bench.calls import scene
from kit.media import rtp
from kit.media.leg import receiver_of
from kit.media.rtp import rtcp

DEADLINE_S = 20.0
PAYLOAD_FEEDBACK = 206


@pytest.fixture
async def pair(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[RTCPeerConnection, RTCPeerConnection]]:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    rtp.install()
    configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    sending, receiving = RTCPeerConnection(configuration), RTCPeerConnection(configuration)
    yield sending, receiving
    await asyncio.gather(sending.close(), receiving.close())


async def test_a_key_frame_is_asked_for_by_the_line_that_lacks_it(
    pair: tuple[RTCPeerConnection, RTCPeerConnection],
) -> None:
    """A forwarding room has the media's SSRC of others in mind: it goes by the SSRC of who asks."""
    sending, receiving = pair
    for _ in range(2):
        sending.addTransceiver(scene.Camera(), direction="sendonly")
    await sending.setLocalDescription(await sending.createOffer())
    await receiving.setRemoteDescription(sending.localDescription)
    await receiving.setLocalDescription(await receiving.createAnswer())
    await sending.setRemoteDescription(receiving.localDescription)
    lines = [receiver_of(line) for line in receiving.getTransceivers()]
    async with asyncio.timeout(DEADLINE_S):
        while any(line.video is None or not line.video.media_ssrc for line in lines):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    said: list[bytes] = []
    lines[0].transport.send_media = said.append  # type: ignore[assignment, method-assign]
    asked = []
    for line in lines:
        assert line.video is not None
        line.video._ask_keyframe()
        asked.append(_asker(said, line.video.media_ssrc))
    assert asked == _named(receiving.localDescription.sdp)


def _named(sdp: str) -> list[int]:
    """The SSRC of each line's own direction, as the room was told; its repetitions have another."""
    return [int(ssrc) for ssrc in re.findall(r"^a=ssrc-group:FID (\d+) ", sdp, re.MULTILINE)]


def _asker(said: list[bytes], media_ssrc: int) -> int:
    for data in said:
        assert rtcp.parse(data)
        if data[1] == PAYLOAD_FEEDBACK and struct.unpack_from("!L", data, 8)[0] == media_ssrc:
            return int(struct.unpack_from("!L", data, 4)[0])
    raise AssertionError("nobody asked")
