"""Each name of aiortc that we take over or lean on, so that an upgrade that moves one fails here."""

import ast
import asyncio.selector_events
import inspect
import textwrap
import tomllib
from importlib.metadata import version
from pathlib import Path

import aioice.ice
import aioice.stun
import aioice.turn
import aiortc.codecs
import aiortc.rtcdtlstransport
import aiortc.rtcpeerconnection
import aiortc.rtcrtpreceiver
import av
import pylibsrtp
import pytest
from aioice.ice import Connection
from aiortc.rtcdtlstransport import RTCDtlsTransport, State
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcpeerconnection import RTCPeerConnection
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

from kit.media import rtp
from kit.media.rtp.codecs import opus
from kit.media.rtp.edge import CountingSession
from kit.media.rtp.packet import TRANSPORT_SEQUENCE
from tools.tree import ROOT

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


@pytest.mark.parametrize(
    "name", ["_handle_rtp_data", "_handle_rtcp_data", "stop", "_get_stats", "_do_handshake"]
)
def test_what_our_transport_overrides_is_still_called(name: str) -> None:
    assert callable(getattr(RTCDtlsTransport, name))
    called = _source(aiortc.rtcdtlstransport) + _source(aiortc.rtcpeerconnection)
    called += _source(aiortc.rtcrtpreceiver)
    assert f".{name}(" in called


@pytest.mark.parametrize("name", ["_tx_srtp", "_rtp_router", "_stats_id", "state", "transport", "_recv_next"])
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


PRIVATE = {
    "_check_list": (Connection, "for pair in self._check_list:"),
    "_check_list_done": (Connection, "if self._check_list_done:"),
    "_closing": (Connection, "self._closing = True"),
    "_codecs": (RTCRtpTransceiver, "self._codecs"),
    "_connection": (RTCIceTransport, "self._connection = "),
    "_get_stats": (RTCDtlsTransport, "def _get_stats(self) -> RTCStatsReport:"),
    "_nominated": (Connection, "self._nominated"),
    "_queue": (Connection, "await self._queue.get()"),
    "_remote_candidates_expected": (Connection, "def _remote_candidates_expected(self) -> bool:"),
    "_rtp_router": (RTCDtlsTransport, "self._rtp_router.receivers"),
    "_set_state": (RTCDtlsTransport, "def _set_state(self, state: State) -> None:"),
    "_state": (RTCDtlsTransport, "self._state = State.NEW"),
    "_stats_id": (RTCDtlsTransport, "self._stats_id = "),
    "_tx_srtp": (RTCDtlsTransport, "self._tx_srtp = Session(tx_policy)"),
}
"""Each private name of a library that the kit reads or calls, with the line of the library that has it."""
NOT_OF_A_LIBRARY = {"_replace"}
FOLDERS = ("kit/media", "kit/meeting/testroom/media")


def _private_names(path: Path) -> set[str]:
    """Private attributes that no class of the file makes itself."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    made = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    made |= {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    made |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    used = {n.attr for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Load)}
    return {name for name in used - made if name.startswith("_") and not name.startswith("__")}


def _ours() -> list[Path]:
    return [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


def test_no_private_name_is_used_that_is_not_in_the_list() -> None:
    files = {path: path.read_text(encoding="utf-8") for path in _ours()}
    leaning = [path for path, text in files.items() if "aiortc" in text or "aioice" in text or "rtp" in text]
    inherited = set().union(*(_own_names(path) for path in leaning))
    for path in leaning:
        strange = _private_names(path) - PRIVATE.keys() - NOT_OF_A_LIBRARY - inherited
        assert not strange, f"{path}: {strange}"


def _own_names(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }


@pytest.mark.parametrize("name", PRIVATE)
def test_every_private_name_is_where_it_was(name: str) -> None:
    owner, line = PRIVATE[name]
    assert line in _source(owner)


def test_all_datagrams_that_are_not_stun_pass_the_queue_that_is_replaced() -> None:
    source = _source(Connection)
    assert source.count("self._queue.put_nowait((data, component))") == 1
    assert "self._recv = self._connection.recv" in _source(RTCIceTransport)
    assert "self._send = self._connection.send" in _source(RTCIceTransport)
    assert "await self.transport._recv()" in _source(RTCDtlsTransport)
    assert "await self.transport._send(data)" in _source(RTCDtlsTransport)
    assert aioice.ice.Connection(ice_controlling=True)._queue.empty()


def test_media_is_sent_as_aiortc_does_it_where_none_of_its_coroutines_waits() -> None:
    source = _source(RTCDtlsTransport._send_rtp)
    assert "if self._state != State.CONNECTED:" in source
    assert "data = self._tx_srtp.protect_rtcp(data)" in source
    assert "data = self._tx_srtp.protect(data)" in source
    assert "await self.transport._send(data)" in source
    assert "await self.sendto(data, 1)" in _source(Connection.send)
    assert "active_pair = self._nominated.get(component)" in _source(Connection.sendto)
    assert "await active_pair.protocol.send_data(data, active_pair.remote_addr)" in _source(Connection.sendto)
    sending = _source(aioice.ice.StunProtocol.send_data)
    assert sending.splitlines()[1:] == ["    self.transport.sendto(data, addr)"]


def test_a_socket_of_asyncio_is_read_beyond_its_first_datagram_and_with_less_room() -> None:
    transport = asyncio.selector_events._SelectorDatagramTransport  # type: ignore[attr-defined]
    assert "self._sock.recvfrom(self.max_size)" in _source(transport._read_ready)
    assert "self._protocol.datagram_received(data, addr)" in _source(transport._read_ready)
    protocol = aioice.ice.StunProtocol
    assert "self.receiver.data_received(data, self.local_candidate.component)" in _source(
        protocol.datagram_received
    )
    assert "self.transport = " in _source(protocol.connection_made)


def test_every_stun_message_is_parsed_where_ours_takes_the_place() -> None:
    for module in (aioice.ice, aioice.turn):
        assert "stun.parse_message(data)" in _source(module)
        assert vars(module)["stun"] is aioice.stun
        assert "except ValueError" in _source(module)


def test_what_comes_out_of_srtp_passes_the_session_that_counts() -> None:
    source = _source(RTCDtlsTransport)
    assert "self._rx_srtp = Session(rx_policy)" in _source(RTCDtlsTransport._setup_srtp)
    for name in ("unprotect", "unprotect_rtcp"):
        assert f"self._rx_srtp.{name}(data)" in source
        assert callable(getattr(pylibsrtp.Session, name))
        assert callable(getattr(CountingSession, name))
    assert callable(pylibsrtp.Session.remove_stream)
    assert sum("replay" in text for text in pylibsrtp.ERRORS) == 2


def test_a_transport_that_failed_fails_its_peer_connection() -> None:
    assert State.FAILED.name.lower() == "failed"
    assert '"failed" in dtlsStates' in _source(RTCPeerConnection)


def test_the_wheel_of_pyav_holds_the_opus_that_is_reached_in_it() -> None:
    bundled = list((Path(av.__file__).parent.parent / "av.libs").glob("libopus-*.so*"))
    assert len(bundled) == 1
    assert hasattr(opus._opus, "opus_packet_has_lbrr")


@pytest.mark.parametrize("name", ["aiortc", "aioice", "pylibsrtp", "av"])
def test_what_is_leant_on_is_pinned_exactly_and_installed_so(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"{name}=={version(name)}" in project["dependencies"]
