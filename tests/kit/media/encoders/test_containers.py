import io
import itertools

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.media.encoders import matroska
from kit.media.encoders.flv import FlvReader, Picture
from kit.media.encoders.interface import EncoderFailed
from kit.media.encoders.parameters import profile

HEADER = b"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00"
RECORD = b"\x01\x42\xc0\x1f\xff\xe1\x00\x04\x67\x42\xc0\x1f\x01\x00\x02\x68\xce"


def _tag(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + bytes(7) + body + bytes(4)


def _video(key: bool, packet: int, content: bytes) -> bytes:
    return _tag(9, bytes(((1 if key else 2) << 4 | 7, packet, 0, 0, 0)) + content)


STREAM = (
    HEADER
    + _tag(18, b"onMetaData")
    + _video(True, 0, RECORD)
    + _video(True, 1, b"\x00\x00\x00\x03\x65ab")
    + _video(False, 1, b"\x00\x00\x00\x02\x41c\x00\x00\x00\x01\x41")
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_pictures_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    reader, made = FlvReader(), list[Picture]()
    marks = [0, *sorted(cuts), len(STREAM)]
    for begin, end in itertools.pairwise(marks):
        made += reader.feed(STREAM[begin:end])
    start = b"\x00\x00\x00\x01"
    assert made == [
        Picture(start + b"\x67\x42\xc0\x1f" + start + b"\x68\xce" + start + b"\x65ab", keyframe=True),
        Picture(start + b"\x41c" + start + b"\x41", keyframe=False),
    ]
    assert profile(made[0].data) == (66, 0xC0, 31)


def test_a_picture_is_there_with_its_last_byte() -> None:
    reader = FlvReader()
    assert reader.feed(STREAM[:-1])[1:] == []
    assert len(reader.feed(STREAM[-1:])) == 1


@given(st.binary(max_size=300), st.booleans())
def test_hostile_bytes_are_refused_or_waited_for(data: bytes, begun: bool) -> None:
    reader = FlvReader()
    try:
        reader.feed((HEADER if begun else b"") + data)
    except EncoderFailed:
        return


@pytest.mark.parametrize(
    "tail",
    [
        b"\x09\xff\xff\xff" + bytes(7),
        _video(True, 0, RECORD[:9]),
        _video(False, 1, b"\x00\x00\x00\x09\x41"),
        _video(False, 1, b"\x00\x00\x00\x00"),
        _tag(9, b"\x12\x00"),
    ],
)
def test_what_does_not_fit_is_refused(tail: bytes) -> None:
    with pytest.raises(EncoderFailed):
        FlvReader().feed(HEADER + tail)


def test_an_independent_reader_finds_the_pictures_and_their_time() -> None:
    pictures = [bytes([shade]) * (64 * 48 * 3 // 2) for shade in (10, 90, 200)]
    stream = matroska.header(64, 48, 25)
    for stamp, picture in zip((0, 40, 1_000_000), pictures, strict=True):
        stream += matroska.picture_head(stamp, len(picture)) + picture
    with av.open(io.BytesIO(stream), "r", format="matroska") as container:
        frames = list(container.decode(video=0))
        assert container.streams.video[0].average_rate == 25
    assert [(f.width, f.height, f.format.name) for f in frames] == [(64, 48, "yuv420p")] * 3
    assert [round(float(f.time or 0), 3) for f in frames] == [0, 0.04, 1000]
    assert [f.to_ndarray().tobytes() for f in frames] == pictures


def test_a_stream_without_parameter_sets_has_no_profile() -> None:
    assert profile(b"\x00\x00\x01\x65abc") is None
    assert profile(b"\x00\x00\x01\x67\x42") is None
    assert profile(b"") is None
