"""The light encoders, and each private name of aiortc and aioice that the engine stands on."""

import inspect

import aioice.ice
import aiortc.rtcrtpreceiver
import aiortc.rtcrtpsender
import av
import numpy as np
import pytest
from aiortc.codecs import get_encoder
from aiortc.codecs.h264 import H264Decoder, H264Encoder, h264_depayload
from aiortc.codecs.vpx import Vp8Decoder, Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from kit.media import encoder, hearing, ice, timecode
from kit.media.camera import planes
from kit.media.encoder import FLOOR_BPS, Ceiling, VideoEncoder, VoiceEncoder
from kit.media.level import BLOCK, RATE
from kit.media.scene import Scene
from kit.meeting.room import IceServers, TurnServer

NOON = 1_700_000_000_000
CODECS = {
    "H264": (h264_depayload, H264Decoder),
    "VP8": (vp8_depayload, Vp8Decoder),
}


class Film:
    """Pictures of the scene, 25 a second."""

    def __init__(self, width: int = 640, height: int = 360) -> None:
        self.scene = Scene(width, height)
        self.count = 0

    def next(self) -> av.VideoFrame:
        frame = av.VideoFrame(self.scene.width, self.scene.height, "yuv420p")
        self.scene.draw(planes(frame), NOON + self.count * 40)
        frame.pts, frame.time_base = self.count * 3600, VIDEO_TIME_BASE
        self.count += 1
        return frame


def bits(payloads: list[bytes]) -> int:
    return 8 * sum(map(len, payloads))


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_what_is_encoded_is_seen_again_at_once(codec: str) -> None:
    depayload, decoder = CODECS[codec][0], CODECS[codec][1]()
    film, coder = Film(), VideoEncoder(codec, Ceiling(1_000_000))
    for number in range(12):
        payloads, timestamp = coder.encode(film.next(), force_keyframe=number == 0)
        assert timestamp == number * 3600
        assert all(len(payload) <= 1300 for payload in payloads)
        data = b"".join(depayload(payload) for payload in payloads)
        (picture,) = decoder.decode(JitterFrame(data, timestamp))
        assert isinstance(picture, av.VideoFrame)
        assert timecode.read(planes(picture).y) == (NOON + number * 40) % timecode.SPAN_MS


def test_the_rate_follows_the_target_without_a_key_frame() -> None:
    film, coder = Film(), VideoEncoder("H264", Ceiling(1_000_000))
    coder.target_bitrate = 600_000
    coder.encode(film.next(), force_keyframe=True)
    for target in (600_000, 200_000, 500_000):
        coder.target_bitrate = target
        for _ in range(40):
            coder.encode(film.next())
        sizes = [bits(coder.encode(film.next())[0]) for _ in range(50)]
        assert sum(sizes) / 2 < target * 1.2
        assert max(sizes) < 12 * sum(sizes) / 50


def test_a_key_frame_comes_when_it_is_asked_for_and_not_by_itself() -> None:
    film, coder = Film(), VideoEncoder("H264", Ceiling(1_000_000))

    def has_key(payloads: list[bytes]) -> bool:
        stream = b"".join(h264_depayload(payload) for payload in payloads)
        return any(nal[0] & 0x1F == 5 for nal in H264Encoder._split_bitstream(stream))

    assert has_key(coder.encode(film.next(), force_keyframe=True)[0])
    assert not any(has_key(coder.encode(film.next())[0]) for _ in range(60))
    assert has_key(coder.encode(film.next(), force_keyframe=True)[0])


def test_the_target_stays_between_the_floor_and_what_the_room_allows() -> None:
    ceiling = Ceiling(1_000_000)
    coder = VideoEncoder("H264", ceiling)
    coder.target_bitrate = 1
    assert coder.target_bitrate == FLOOR_BPS
    coder.target_bitrate = 5_000_000
    assert coder.target_bitrate == 1_000_000
    ceiling.lower_to(300_000)
    assert coder.target_bitrate == 300_000
    ceiling.lower_to(None)
    assert coder.target_bitrate == 1_000_000


def test_pictures_may_change_their_size() -> None:
    coder = VideoEncoder("H264", Ceiling(1_000_000))
    assert coder.encode(Film().next())[0]
    assert coder.encode(Film(320, 180).next())[0]


def test_voice_is_small_and_in_time() -> None:
    coder, total = VoiceEncoder(), 0
    at = np.arange(BLOCK)
    for number in range(50):
        wave = (8000 * np.sin((at + number * BLOCK) * 2 * np.pi * 220 / RATE)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, number * BLOCK
        payloads, timestamp = coder.encode(frame)
        assert timestamp == number * BLOCK
        total += bits(payloads)
    assert 15_000 < total < 60_000


def test_an_encoder_is_named_only_after_it_has_encoded() -> None:
    assert encoder.probe(640, 360) == "x264 ultrafast"
    assert encoder.probe(0, 0) == ""


def test_aiortc_makes_its_encoders_through_the_name_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiortc.rtcrtpsender, "get_encoder", get_encoder)
    assert "get_encoder(codec)" in inspect.getsource(aiortc.rtcrtpsender.RTCRtpSender._next_encoded_frame)
    assert ".target_bitrate = bitrate" in inspect.getsource(aiortc.rtcrtpsender.RTCRtpSender)
    encoder.install(Ceiling(1))
    made = {
        name: type(vars(aiortc.rtcrtpsender)["get_encoder"](RTCRtpCodecParameters(f"{kind}/{name}", rate, 1)))
        for kind, name, rate in (
            ("video", "H264", 90_000),
            ("video", "VP8", 90_000),
            ("audio", "opus", 48_000),
        )
    }
    assert made == {"H264": VideoEncoder, "VP8": VideoEncoder, "opus": VoiceEncoder}


def test_the_packetizers_are_where_they_were() -> None:
    assert callable(H264Encoder._packetize)
    assert callable(H264Encoder._split_bitstream)
    assert callable(Vp8Encoder._packetize)


def test_aiortc_makes_its_jitter_buffers_through_the_name_that_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aiortc.rtcrtpreceiver, "JitterBuffer", JitterBuffer)
    source = inspect.getsource(aiortc.rtcrtpreceiver.RTCRtpReceiver.__init__)
    assert "JitterBuffer(capacity=16, prefetch=4)" in source
    assert "JitterBuffer(capacity=512, is_video=True)" in source
    hearing.install()
    assert vars(aiortc.rtcrtpreceiver)["JitterBuffer"] is hearing.PassThrough


def test_aiortc_keeps_its_counts_where_the_leg_reads_them() -> None:
    source = inspect.getsource(aiortc.rtcrtpreceiver.RTCRtpReceiver)
    assert "self.__remote_streams: dict[int, StreamStatistics]" in source
    assert "self.__rtx_ssrc: dict[int, int]" in source


def test_sound_is_handed_on_at_once_and_video_is_buffered_as_before() -> None:
    sound = hearing.PassThrough(16, 4)

    def packet(number: int) -> RtpPacket:
        made = RtpPacket(payload_type=96, sequence_number=number, timestamp=number * BLOCK)
        vars(made)["_data"] = b"%d" % number
        return made

    def given(number: int) -> bytes | None:
        _, ready = sound.add(packet(number))
        return None if ready is None else ready.data

    assert [given(n) for n in (65_534, 65_535, 0, 2, 2, 1, 3)] == [
        b"65534",
        b"65535",
        b"0",
        b"2",
        None,
        None,
        b"3",
    ]
    video = hearing.PassThrough(512, is_video=True)
    assert video.add(packet(1)) == (False, None)


def test_loopback_is_offered_beside_the_other_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", aioice.ice.get_host_addresses)
    monkeypatch.setattr(ice, "_host_addresses", lambda _v4, _v6: ["192.0.2.7"])
    assert "get_host_addresses(" in inspect.getsource(aioice.ice.Connection)
    ice.add_loopback()
    assert aioice.ice.get_host_addresses(True, True) == ["192.0.2.7", "127.0.0.1"]


def test_only_the_rooms_own_servers_are_asked_and_only_those_that_can_be_read() -> None:
    assert ice.configuration(IceServers()).iceServers == []
    turn = TurnServer(("turn:turn.region.test?transport=udp", "turn:?x"), "u", "c")
    given = ice.configuration(IceServers(("stun:stun.region.test", "stun:bad url"), (turn,), relay_only=True))
    assert given.iceServers is not None
    assert [server.urls for server in given.iceServers] == [
        "stun:stun.region.test",
        ["turn:turn.region.test?transport=udp"],
    ]
    assert given.iceTransportPolicy.value == "relay"
