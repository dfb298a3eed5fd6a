"""What takes bytes from the other side of a call, each as a function of bytes that must not raise.

What they assert beside that are bounds: how much is made or remembered of an input.
"""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import av
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceGatherer, RTCIceTransport
from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)
from aiortc.sdp import SessionDescription
from OpenSSL import SSL

from kit.media import rtp
from kit.media.rtp import edge, guard
from kit.media.rtp import packet as packets
from kit.media.rtp import rtcp as reports
from kit.media.rtp.codecs import opus, red
from kit.media.rtp.congestion.estimator import Limits, SendSideEstimator
from kit.media.rtp.decoding import MAX_PIXELS, VideoDecoder
from kit.media.rtp.feedback import MAX_REPORTED, FeedbackReader
from kit.media.rtp.packet import ExtensionIds, MalformedError, RtpPacket
from kit.media.rtp.playout.playout import FRAME, MAX_PACKETS, AudioPlayout
from kit.media.rtp.sound_in import CHANNELS, SoundDecoder
from kit.media.rtp.video_buffer import Frame
from kit.meeting.pexip.sdp import send_limit_bps
from kit.meeting.testroom.media import sdp as room_sdp
from tests.fuzz.media.bundle import unpack

IDS = ExtensionIds(mid=1, audio_level=2, abs_send_time=3, transport_sequence=5)
OPUS, RED, H264, H264_RTX, VP8 = 96, 63, 97, 98, 100
DECODE_S = 5.0
EXTENSIONS = [
    RTCRtpHeaderExtensionParameters(id=IDS.mid, uri=packets.MID),
    RTCRtpHeaderExtensionParameters(id=IDS.abs_send_time, uri=packets.ABS_SEND_TIME),
    RTCRtpHeaderExtensionParameters(id=IDS.transport_sequence, uri=packets.TRANSPORT_SEQUENCE),
]
CODECS = {
    "audio": [
        RTCRtpCodecParameters("audio/opus", 48_000, 2, OPUS),
        RTCRtpCodecParameters("audio/red", 48_000, 2, RED),
    ],
    "video": [
        RTCRtpCodecParameters("video/H264", 90_000, payloadType=H264),
        RTCRtpCodecParameters("video/rtx", 90_000, payloadType=H264_RTX, parameters={"apt": H264}),
        RTCRtpCodecParameters("video/VP8", 90_000, payloadType=VP8),
    ],
}


def rtp_packet(data: bytes) -> None:
    """Header, extensions and padding; a retransmission inside."""
    try:
        packet = packets.parse(data, IDS, 0.0)
    except MalformedError:
        return
    assert len(packet.payload) + packet.padding <= len(data)
    packets.unwrap_rtx(packet)
    packets.serialize(packet, IDS, b"0", 1.0)


def rtcp_compound(data: bytes) -> None:
    """Reports, requests, estimates, farewells."""
    reading = reports.parse(data)
    assert len(reading.messages) <= reports.MAX_PACKETS
    for message in reading.messages:
        if isinstance(message, reports.Nack):
            assert len(message.lost) <= 17 * len(data)


def feedback(data: bytes) -> None:
    """Transport-wide feedback, and the estimator that believes it."""
    reader, estimator = FeedbackReader(), SendSideEstimator(Limits())
    estimator.begin_probing(0.0)
    now = 0.0
    for fci in unpack(data):
        now += 0.05
        for _ in range(20):
            probe = estimator.take_probe()
            estimator.on_sent(now, 1000, probe.cluster if probe is not None else 0)
        with suppress(MalformedError):
            reading = reader.read(fci)
            assert len(reading) <= MAX_REPORTED
            estimator.on_feedback(now, reading, reader.missed)
        estimator.on_tick(now)
        assert Limits().floor <= estimator.target <= Limits().ceiling
        assert estimator.flight.bytes >= 0


def stun(data: bytes) -> None:
    """aioice's parser as it is reached."""
    with suppress(ValueError):
        edge.careful_stun(data)


@functools.cache
def _certificate() -> RTCCertificate:
    return RTCCertificate.generateCertificate()


@functools.cache
def _tls() -> SSL.Context:
    return _certificate()._create_ssl_context(
        srtp_profiles=RTCDtlsTransport(_ice(), [_certificate()])._srtp_profiles
    )


def _ice() -> RTCIceTransport:
    return RTCIceTransport(RTCIceGatherer(iceServers=[]))


def dtls(data: bytes) -> None:
    """Datagrams at the transport's edge, and the records among them given to OpenSSL as aiortc does."""
    refusals = guard.Refusals()
    queue = edge.Datagrams(refusals)
    for datagram in unpack(data):
        queue.put_nowait((datagram, 1))
    assert queue.qsize() <= guard.MAX_WAITING
    connection = SSL.Connection(_tls())
    connection.set_accept_state()
    while not queue.empty():
        item = queue.get_nowait()
        assert item is not None
        if item[0][0] >= 128:
            continue
        connection.bio_write(item[0])
        with suppress(SSL.Error):
            connection.do_handshake()
        with suppress(SSL.Error):
            connection.bio_read(1500)


def sdp(data: bytes) -> None:
    """An offer to the test room, an answer to the kit: what is read of them before aiortc's state machine."""
    text = data.decode("utf-8", "replace")
    limit = send_limit_bps(text)
    assert limit is None or limit > 0
    with suppress(ValueError):
        sections = room_sdp.sections(text)
        room_sdp.dress(text, sections, 1_000_000)
        # Whatever aiortc raises here is caught where it is called.
        with suppress(Exception):
            SessionDescription.parse(text)
    room_sdp.ufrag(text)


def sound(data: bytes) -> None:
    """Opus and RED payloads into what is heard; the first byte of each says which."""
    playout = AudioPlayout(SoundDecoder(CHANNELS), CHANNELS)
    now = 0.0
    for number, part in enumerate(unpack(data)):
        now += 0.02
        timestamp = 1 << 32 | number * FRAME
        if part[:1] == b"\x01":
            with suppress(MalformedError):
                for block in red.unpack(part[1:]):
                    if block.payload:
                        playout.add(timestamp - block.offset, block.payload, now, redundant=block.offset > 0)
        elif part[1:]:
            playout.add(timestamp + int.from_bytes(part[:1], "big") // 2, part[1:], now)
        assert len(playout._packets) <= MAX_PACKETS
        for _ in range(2 if number % 3 else 1):
            heard = playout.pull()
            assert heard is None or heard.shape == (FRAME, CHANNELS)
        assert len(playout._ready) < 4 * opus.MAX_PACKET_SAMPLES


def pictures(codec: str, data: bytes) -> None:
    """Payloads into pictures; the first byte of each is the marker, which ends a frame."""
    shown: list[av.VideoFrame] = []
    ended = threading.Event()
    decoder = VideoDecoder(codec, lambda p: ended.set() if p is None else shown.append(p), lambda: None)
    payloads: list[bytes] = []
    frames = 0
    for part in unpack(data):
        if len(part) > 1:
            payloads.append(part[1:])
        if payloads and part[:1] != b"\x00":
            decoder.add(Frame(frames * 3000, tuple(payloads), keyframe=False), frames * 3000)
            frames, payloads = frames + 1, []
    decoder.close()
    assert ended.wait(DECODE_S)
    assert decoder.counters.failed == 0
    assert all(picture.width * picture.height <= MAX_PIXELS for picture in shown)


def call(data: bytes) -> None:
    """Decrypted RTP and RTCP into a transport with a sender and receivers of both kinds."""
    asyncio.run(_call(data))


async def _call(data: bytes) -> None:
    transport = rtp.KitTransport(_ice(), [_certificate()])
    receivers = {kind: rtp.KitReceiver(kind, transport) for kind in CODECS}
    for mid, (kind, receiver) in enumerate(receivers.items()):
        parameters = RTCRtpReceiveParameters(CODECS[kind], EXTENSIONS, str(mid))
        await receiver.receive(parameters)
    sender = rtp.KitSender("video", transport)
    await sender.send(
        RTCRtpSendParameters(CODECS["video"], EXTENSIONS, "1", rtcp=RTCRtcpParameters(cname="c"))
    )
    for number in range(50):
        packet = RtpPacket(H264, True, 0, number, sender._ssrc, bytes(100))
        sender.stream.number(packet, time.monotonic())
        packet.transport_sequence = transport.estimator.on_sent(time.monotonic(), 200)
    try:
        for datagram in unpack(data):
            if len(datagram) > 1 and 192 <= datagram[1] <= 223:
                await transport._handle_rtcp_data(datagram)
            else:
                await transport._handle_rtp_data(datagram, 0)
        await asyncio.sleep(0)
        assert transport.state == "new"
        assert len(transport._guarded) <= guard.MAX_STREAMS
    finally:
        for receiver in receivers.values():
            await receiver.stop()
        await sender.stop()
        await transport.stop()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "rtp": rtp_packet,
    "rtcp": rtcp_compound,
    "feedback": feedback,
    "stun": stun,
    "dtls": dtls,
    "sdp": sdp,
    "sound": sound,
    "h264": functools.partial(pictures, "H264"),
    "vp8": functools.partial(pictures, "VP8"),
    "call": call,
}
