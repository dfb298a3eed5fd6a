import av
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.calls import scene
from kit.media.rtp.codecs import h264, opus, red, vp8
from kit.media.rtp.codecs.video import VideoEncoder, fit, open_encoder
from kit.media.rtp.ladder import CAMERA, Rung
from kit.media.rtp.packet import MAX_PAYLOAD, MalformedError

START = b"\x00\x00\x00\x01"
CODECS = ["H264", "VP8"]


def _unit(kind: int, size: int) -> bytes:
    body = bytes(range(1, 200)) * (size // 199 + 1)
    return bytes((0x60 | kind,)) + body[: size - 1]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([1, 5, 7, 8]), st.integers(2, 6000)), min_size=1, max_size=6))
def test_an_access_unit_survives_its_packets(units: list[tuple[int, int]]) -> None:
    wanted = [_unit(kind, size) for kind, size in units]
    payloads = h264.packetize(b"".join(START + unit for unit in wanted))
    assert all(len(payload) <= MAX_PAYLOAD for payload in payloads)
    joined = b"".join(map(h264.depacketize, payloads))
    assert list(h264.units(joined)) == wanted
    assert h264.starts_keyframe(payloads[0]) == (units[0][0] in (5, 7))


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=9000), st.integers(0, 0x7FFF))
def test_a_vp8_frame_survives_its_packets(frame: bytes, picture: int) -> None:
    payloads = vp8.packetize(frame, picture)
    assert all(len(payload) <= MAX_PAYLOAD for payload in payloads)
    assert b"".join(map(vp8.depacketize, payloads)) == frame
    assert vp8.starts_keyframe(payloads[0]) == (not frame[0] & 1)


@given(st.sampled_from([h264, vp8]), st.binary(min_size=1, max_size=80))
@example(vp8, b"\x90")
@example(vp8, b"\x90\xff")
@example(h264, b"\x78\xff\xff")
@example(h264, b"\x7c\x80")
def test_hostile_payloads_are_refused_or_read(codec: object, payload: bytes) -> None:
    module = h264 if codec is h264 else vp8
    module.starts_keyframe(payload)
    try:
        module.depacketize(payload)
    except MalformedError:
        return


@given(st.binary(max_size=120))
@example(b"\xe0\x00\x00\x05\x60a")
def test_hostile_redundancy_is_refused_or_read(payload: bytes) -> None:
    try:
        blocks = red.unpack(payload)
    except MalformedError:
        return
    assert sum(len(block.payload) for block in blocks) <= len(payload)


def test_redundant_sound_is_read_oldest_first() -> None:
    head = ((0x80 | 96) << 24 | 960 << 10 | 3).to_bytes(4, "big")
    assert red.unpack(head + b"\x60oldnew") == [red.Block(96, 960, b"old"), red.Block(96, 0, b"new")]


def test_opus_changes_its_rate_while_it_runs() -> None:
    encoder, sound = opus.OpusEncoder(1), scene.speech()
    sizes: dict[int, list[float]] = {}
    for rate in (16_000, 32_000, 16_000):
        encoder.configure(rate, 5)
        frames = [encoder.encode(sound[a : a + 960].tobytes(), 960) for a in range(0, 96_000, 960)]
        sizes.setdefault(rate, []).append(sum(map(len, frames)) * 8 / 2)
    assert all(0.75 < made / 16_000 < 1.15 for made in sizes[16_000])
    assert 0.75 < sizes[32_000][0] / 32_000 < 1.15


def test_a_lost_frame_is_better_from_redundancy_than_made_up() -> None:
    encoder, sound = opus.OpusEncoder(1), scene.speech()
    encoder.configure(32_000, 20)
    packets = [encoder.encode(sound[a : a + 960].tobytes(), 960) for a in range(0, 480 * 960, 960)]
    whole = opus.OpusDecoder(1)
    reference = [whole.decode(packet) for packet in packets]
    errors = {"fec": 0.0, "concealed": 0.0}
    for way in errors:
        decoder = opus.OpusDecoder(1)
        for number, packet in enumerate(packets[:-1]):
            if number % 8 != 7 or not opus.has_fec(packets[number + 1]):
                decoder.decode(packet)
                continue
            made = decoder.recover(packets[number + 1], 960) if way == "fec" else decoder.conceal(960)
            wanted = reference[number]
            assert made is not None
            assert wanted is not None
            errors[way] += float(((made.astype(float) - wanted) ** 2).sum())
    assert errors["fec"] < 0.9 * errors["concealed"]


@given(st.binary(max_size=60))
def test_hostile_opus_gives_sound_or_nothing(packet: bytes) -> None:
    samples = opus.samples_in(packet)
    assert 0 <= samples <= opus.MAX_PACKET_SAMPLES
    decoded = opus.OpusDecoder(2).decode(packet)
    assert decoded is None or decoded.shape[1] == 2
    opus.has_fec(packet)


def _picture(number: int) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(scene.pictures()[number % 30], format="yuv420p")


def _encode(encoder: VideoEncoder, rung: Rung, rate: float, frames: int, begin: float = 0.0) -> list[bytes]:
    made = []
    for number in range(frames):
        now = begin + number / rung.fps
        made.append(encoder.encode(_picture(number), rung, rate, now, keyframe=False).data)
    return made


@pytest.mark.parametrize("codec", CODECS)
def test_an_encoder_gives_what_a_decoder_shows(codec: str) -> None:
    encoder, rung = open_encoder(codec), CAMERA[3]
    decoder = av.CodecContext.create("h264" if codec == "H264" else "libvpx", "r")
    shown = 0
    for number in range(10):
        encoded = encoder.encode(_picture(number), rung, 500_000, number / 30, keyframe=False)
        assert encoded.keyframe == (number == 0)
        assert encoded.size == (640, 360)
        frames = decoder.decode(av.Packet(encoded.data))
        shown += sum((frame.width, frame.height) == (640, 360) for frame in frames)
    assert shown >= 9
    encoder.close()


@pytest.mark.parametrize("codec", CODECS)
def test_a_key_frame_comes_when_asked_for(codec: str) -> None:
    encoder, rung = open_encoder(codec), CAMERA[2]
    _encode(encoder, rung, 200_000, 5)
    assert encoder.encode(_picture(6), rung, 200_000, 0.2, keyframe=True).keyframe
    assert not encoder.encode(_picture(7), rung, 200_000, 0.3, keyframe=False).keyframe


def test_x264_follows_a_new_rate_without_a_key_frame() -> None:
    encoder, rung = open_encoder("H264"), CAMERA[3]
    _encode(encoder, rung, 600_000, 60)
    slow = [encoder.encode(_picture(n), rung, 300_000, 2 + n / 30, keyframe=False) for n in range(90)]
    assert not any(encoded.keyframe for encoded in slow)
    assert sum(len(encoded.data) for encoded in slow[30:]) * 8 / 2 < 1.25 * 300_000


def test_pictures_keep_their_shape_and_are_never_scaled_up() -> None:
    portrait = av.VideoFrame(720, 1280, "yuv420p")
    assert (fit(portrait, CAMERA[3]).width, fit(portrait, CAMERA[3]).height) == (360, 640)
    small = av.VideoFrame(320, 180, "yuv420p")
    assert fit(small, CAMERA[-1]) is small
    assert np.prod((fit(small, CAMERA[0]).width, 2)) % 2 == 0
