from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.calls import scene
from kit.media.rtp.codecs import h264, opus, red, vp8
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
