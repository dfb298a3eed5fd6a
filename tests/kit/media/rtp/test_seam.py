"""Each name of aiortc that we take over or lean on, so that an upgrade that moves one fails here."""

import ast
import inspect
import textwrap

import aiortc.codecs
import aiortc.rtcdtlstransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import pytest
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcpeerconnection import RTCPeerConnection
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from kit.media import rtp
from kit.media.rtp.packet import TRANSPORT_SEQUENCE

SEAM = {
    "RTCRtpSender": rtp.KitSender,
    "RTCRtpReceiver": rtp.KitReceiver,
    "RTCDtlsTransport": rtp.KitTransport,
}


@pytest.fixture
def installed() -> None:
    rtp.install()


def _source(thing: object) -> str:
    return textwrap.dedent(inspect.getsource(thing))  # type: ignore[arg-type]


def _attributes_of(source: str, names: set[str]) -> set[str]:
    """Attributes that are read or written on `….sender` and the like."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name in names:
                found.add(node.attr)
    return found


@pytest.mark.parametrize("name", SEAM)
def test_the_peer_connection_takes_the_class_from_its_module(name: str) -> None:
    assert name in vars(aiortc.rtcpeerconnection)
    source = _source(aiortc.rtcpeerconnection.RTCPeerConnection)
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert name in calls


@pytest.mark.usefixtures("installed")
def test_a_new_peer_connection_has_our_classes() -> None:
    async def look() -> None:
        pc = RTCPeerConnection()
        transceiver = pc.addTransceiver("video")
        assert isinstance(transceiver.sender, rtp.KitSender)
        assert isinstance(transceiver.receiver, rtp.KitReceiver)
        assert isinstance(transceiver.sender.transport, rtp.KitTransport)
        await pc.close()

    import asyncio

    asyncio.run(look())


@pytest.mark.parametrize(
    ("names", "ours"),
    [
        ({"sender"}, rtp.KitSender),
        ({"receiver"}, rtp.KitReceiver),
    ],
)
def test_all_that_aiortc_asks_of_a_sender_or_receiver_is_there(names: set[str], ours: type) -> None:
    asked = _attributes_of(_source(RTCPeerConnection), names) | _attributes_of(
        _source(RTCRtpTransceiver), names
    )
    written_in_init = _attributes_of(_source(ours), {"self"})
    missing = {name for name in asked if not hasattr(ours, name) and name not in written_in_init}
    assert not missing


@pytest.mark.parametrize("name", ["_handle_rtp_data", "_handle_rtcp_data", "stop", "_get_stats"])
def test_what_our_transport_overrides_is_still_called(name: str) -> None:
    assert callable(getattr(RTCDtlsTransport, name))
    called = _source(aiortc.rtcdtlstransport) + _source(aiortc.rtcpeerconnection)
    called += _source(aiortc.rtcrtpreceiver)
    assert f".{name}(" in called


@pytest.mark.parametrize(
    "name", ["_send_rtp", "_rtp_router", "_stats_id", "state", "transport", "_recv_next"]
)
def test_what_our_transport_leans_on_is_there(name: str) -> None:
    source = _source(RTCDtlsTransport)
    assert f"self.{name}" in source or hasattr(RTCDtlsTransport, name)


def test_a_lost_connection_is_told_to_the_receivers_of_aiortcs_router() -> None:
    assert "self._rtp_router.receivers" in _source(RTCDtlsTransport)
    assert "_handle_disconnect()" in _source(RTCDtlsTransport)
    assert isinstance(aiortc.rtcdtlstransport.RtpRouter().receivers, set)


def test_a_remote_track_is_fed_through_its_queue() -> None:
    track = aiortc.rtcrtpreceiver.RemoteStreamTrack("video")
    assert track._queue.qsize() == 0
    assert hasattr(track._queue, "put_nowait")


def test_the_arguments_of_decrypted_data_are_as_we_take_them() -> None:
    theirs, ours = (inspect.signature(c._handle_rtp_data) for c in (RTCDtlsTransport, rtp.KitTransport))
    assert list(theirs.parameters) == list(ours.parameters)


@pytest.mark.usefixtures("installed")
def test_what_is_offered_grows_once_however_often_it_is_installed() -> None:
    rtp.install()
    for codecs in aiortc.codecs.CODECS.values():
        for codec in codecs:
            assert [f.type for f in codec.rtcpFeedback].count("transport-cc") <= 1
    for extensions in aiortc.codecs.HEADER_EXTENSIONS.values():
        assert [extension.uri for extension in extensions].count(TRANSPORT_SEQUENCE) == 1
        assert len({extension.id for extension in extensions}) == len(extensions)
    names = [codec.name.lower() for codec in aiortc.codecs.CODECS["audio"]]
    assert names.count("red") == 1
