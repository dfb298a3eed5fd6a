"""Which word about loss a sender believes: the transport's feedback, else a receiver's report."""

import asyncio
import time

import pytest
from aiortc import RTCCertificate, RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtpparameters import RTCRtcpParameters, RTCRtpCodecParameters, RTCRtpSendParameters

from kit.media import rtp
from kit.media.rtp import rtcp
from kit.media.rtp.feedback import ArrivalLog

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
PEER = 7
HALF = 128
"""Of all packets, as a report says it (RFC 3550, 6.4.1)."""
SURE_S = 1.0


class Call:
    """A sender of pictures on a transport, and what the other side writes to it."""

    def __init__(self, transport: rtp.KitTransport) -> None:
        self.transport = transport
        self.sender = rtp.KitSender("video", transport)

    async def begin(self) -> None:
        await self.sender.send(RTCRtpSendParameters([VP8], muxId="0", rtcp=RTCRtcpParameters(cname="c")))

    def reports(self) -> None:
        """Half of the pictures' packets are lost, it says; of the repetitions none."""
        stream = self.sender.stream
        blocks = tuple(
            rtcp.ReportBlock(ssrc, lost, 0, 0, 0, 0, 0)
            for ssrc, lost in ((stream.ssrc, HALF), (stream.rtx_ssrc, 0))
        )
        self.transport.on_rtcp_data(rtcp.receiver_report(rtcp.ReceiverReport(PEER, blocks)))

    def feeds_back(self) -> None:
        """All that is sent arrives."""
        log = ArrivalLog()
        for _ in range(30):
            now = time.monotonic()
            log.add(self.transport.estimator.on_sent(now, 1000) & 0xFFFF, now)
        told = log.build()
        assert told is not None
        self.transport.on_rtcp_data(rtcp.transport_wide(PEER, self.sender.stream.ssrc, told))

    @property
    def patience(self) -> int:
        """The least that the other side is asked to wait, in hundredths of a second."""
        assert self.sender.video is not None
        return self.sender.video._patience.delay.least


@pytest.mark.parametrize(("fed_back", "patient"), [(False, True), (True, False)])
async def test_a_report_counts_only_where_no_feedback_is_given(fed_back: bool, patient: bool) -> None:
    gatherer = RTCIceGatherer(iceServers=[])
    call = Call(rtp.KitTransport(RTCIceTransport(gatherer), [RTCCertificate.generateCertificate()]))
    await call.begin()
    try:
        if fed_back:
            call.feeds_back()
        call.reports()
        # The transport's own clock goes on meanwhile.
        await asyncio.sleep(SURE_S)
        assert (call.patience > 0) is patient
    finally:
        await call.sender.stop()
        await call.transport.stop()
