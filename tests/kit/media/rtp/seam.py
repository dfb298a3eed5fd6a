"""aiortc as it was after a test that put our RTP into it: the other tests of the process use its own."""

import copy
from collections.abc import Iterator

import aioice.ice
import aioice.stun
import aiortc.codecs
import aiortc.rtcpeerconnection
import pytest

NAMES = ("RTCRtpSender", "RTCRtpReceiver", "RTCDtlsTransport")


@pytest.fixture(autouse=True)
def aiortc_as_it_was() -> Iterator[None]:
    """Give back what ``kit.media.rtp.install`` replaces or adds to."""
    seam = vars(aiortc.rtcpeerconnection)
    classes = {name: seam[name] for name in NAMES}
    codecs = copy.deepcopy(aiortc.codecs.CODECS)
    extensions = copy.deepcopy(aiortc.codecs.HEADER_EXTENSIONS)
    parse_message = vars(aioice.stun)["parse_message"]
    protocol = vars(aioice.ice)["StunProtocol"]
    made, received = protocol.connection_made, protocol.datagram_received
    yield
    protocol.connection_made, protocol.datagram_received = made, received
    vars(aioice.stun)["parse_message"] = parse_message
    seam.update(classes)
    aiortc.codecs.CODECS.update(codecs)
    aiortc.codecs.HEADER_EXTENSIONS.update(extensions)
