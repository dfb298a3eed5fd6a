"""What has been ended does not begin: aiortc may be late with its word while a connection is closed."""

import asyncio

import pytest
from aiortc import RTCCertificate, RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)

from kit.media import rtp

CODECS = {
    "audio": [RTCRtpCodecParameters("audio/opus", 48_000, 2, 96)],
    "video": [RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)],
}


@pytest.fixture
async def transport() -> rtp.KitTransport:
    gatherer = RTCIceGatherer(iceServers=[])
    return rtp.KitTransport(RTCIceTransport(gatherer), [RTCCertificate.generateCertificate()])


@pytest.mark.parametrize("kind", CODECS)
async def test_what_was_stopped_before_it_began_never_begins(kind: str, transport: rtp.KitTransport) -> None:
    before = asyncio.all_tasks()
    sender, receiver = rtp.KitSender(kind, transport), rtp.KitReceiver(kind, transport)
    await sender.stop()
    await receiver.stop()
    await sender.send(RTCRtpSendParameters(CODECS[kind], muxId="0", rtcp=RTCRtcpParameters(cname="c")))
    await receiver.receive(RTCRtpReceiveParameters(CODECS[kind], muxId="0"))
    assert asyncio.all_tasks() == before
