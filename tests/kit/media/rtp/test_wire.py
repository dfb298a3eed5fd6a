import random
import struct

import aiortc.rtp
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.media.rtp import packet as rtp
from kit.media.rtp import rtcp
from kit.media.rtp.feedback import MAX_REPORTED, ArrivalLog, FeedbackReader
from kit.media.rtp.packet import ExtensionIds, MalformedError, PlayoutDelay, RtpPacket
from kit.media.rtp.serial import Unwrapper

IDS = ExtensionIds(mid=1, audio_level=2, abs_send_time=3, transport_sequence=5, playout_delay=6)
U16, U32 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)


@given(st.integers(0, 70_000), st.lists(st.integers(-2000, 2000), max_size=200))
def test_wrapping_numbers_become_whole_again(start: int, steps: list[int]) -> None:
    unwrap, highest = Unwrapper(16), start
    offset = unwrap(start & 0xFFFF) - start
    for step in steps:
        number = max(0, highest + step)
        assert unwrap(number & 0xFFFF) == number + offset
        highest = max(highest, number)


@given(U16, U32, U32, st.binary(max_size=1200), st.integers(0, 255), U16, st.booleans())
def test_a_packet_reads_as_it_was_written(
    sequence: int, timestamp: int, ssrc: int, payload: bytes, padding: int, number: int, marker: bool
) -> None:
    packet = RtpPacket(96, marker, sequence, timestamp, ssrc, payload, padding, number, 30)
    read = rtp.parse(rtp.serialize(packet, IDS, b"video0", 1234.5), IDS, 7.0)
    assert (read.sequence_number, read.timestamp, read.ssrc) == (sequence, timestamp, ssrc)
    assert (read.payload, read.padding, read.marker) == (payload, padding, marker)
    assert (read.transport_sequence, read.mid, read.arrival) == (number, "video0", 7.0)


def test_aiortc_reads_the_extensions_of_our_packets() -> None:
    from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters

    uris = (rtp.MID, rtp.AUDIO_LEVEL, rtp.ABS_SEND_TIME, rtp.TRANSPORT_SEQUENCE)
    known = aiortc.rtp.HeaderExtensionsMap()
    extensions = [
        RTCRtpHeaderExtensionParameters(id=number, uri=uri) for uri, number in zip(uris, IDS, strict=False)
    ]
    known.configure(RTCRtpParameters(headerExtensions=extensions))
    packet = RtpPacket(96, True, 1, 2, 3, b"x", 0, 513, 30)
    theirs = aiortc.rtp.RtpPacket.parse(rtp.serialize(packet, IDS, b"0", 1.0), known)
    assert theirs.extensions.transport_sequence_number == 513
    assert theirs.extensions.mid == "0"
    assert theirs.extensions.audio_level == (False, 30)
    assert theirs.extensions.abs_send_time == 1 << 18


@given(st.integers(0, 4095), st.integers(0, 4095))
def test_how_long_pictures_may_wait_is_written_as_libwebrtc_reads_it(least: int, most: int) -> None:
    packet = RtpPacket(96, True, 1, 2, 3, b"x")
    packet.playout_delay = PlayoutDelay(least, most)
    values = rtp._one_byte_values(rtp.serialize(packet, IDS, b"", 1.0)[16:-1])
    assert int.from_bytes(values[IDS.playout_delay], "big") == least << 12 | most


@given(st.integers(0, 4095), st.integers(0, 4095))
def test_towards_a_room_that_forwards_it_is_a_word_with_something_behind_it(least: int, most: int) -> None:
    packet = RtpPacket(96, True, 1, 2, 3, b"x", transport_sequence=7)
    packet.playout_delay = PlayoutDelay(least, most, forwarded=True)
    extensions = rtp.serialize(packet, IDS, b"", 1.0)[16:-1]
    begun = extensions.index(bytes((IDS.playout_delay << 4 | 3,))) + 1
    assert int.from_bytes(extensions[begun : begun + 4], "big") == least << 12 | most
    assert begun + 4 < len(extensions)


def test_the_senders_clock_is_read_from_its_packets() -> None:
    read = rtp.parse(rtp.serialize(RtpPacket(96, True, 1, 2, 3, b"x"), IDS, b"", 64.0 + 3.25), IDS, 7.0)
    assert read.send_time == 3.25


@given(st.binary(max_size=200))
@example(b"\x9f" + bytes(11))
@example(b"\xb0" + bytes(11) + b"\xbe\xde\xff\xff")
def test_hostile_bytes_are_no_packet_or_a_whole_one(data: bytes) -> None:
    try:
        read = rtp.parse(data, IDS, 0.0)
    except MalformedError:
        return
    assert len(read.payload) + read.padding <= len(data)


@given(st.binary(max_size=400))
@example(bytes.fromhex("8fcd0002") + bytes(8))
@example(struct.pack("!BBHLL4sB", 0x8F, 206, 3, 1, 0, b"REMB", 255) + bytes(3))
def test_hostile_rtcp_is_counted_and_never_raises(data: bytes) -> None:
    reading = rtcp.parse(data)
    assert len(reading.messages) + reading.refused <= rtcp.MAX_PACKETS + 1


def test_one_malformed_message_does_not_hide_the_next() -> None:
    broken = struct.pack("!BBHL", 0x81, 201, 1, 7)
    reading = rtcp.parse(broken + rtcp.picture_loss(1, 2))
    assert reading.messages == (rtcp.KeyframeRequest((2,)),)


@given(U32, U32, st.sets(U16, min_size=1, max_size=300))
def test_what_is_asked_for_again_reads_the_same(ssrc: int, media: int, lost: set[int]) -> None:
    (message,) = rtcp.parse(rtcp.nack(ssrc, media, sorted(lost))).messages
    assert isinstance(message, rtcp.Nack)
    assert set(message.lost) == lost


@given(st.integers(0, 0x3FFFF), st.integers(0, 14), st.lists(U32, max_size=5))
def test_remb_reads_the_same(mantissa: int, exponent: int, ssrcs: list[int]) -> None:
    (message,) = rtcp.parse(rtcp.remb(1, mantissa << exponent, ssrcs)).messages
    assert message == rtcp.Remb(mantissa << exponent, tuple(ssrcs))


def test_reports_read_the_same_and_aiortc_agrees() -> None:
    block = rtcp.ReportBlock(5, 128, -3, 70_000, 12, 0x1234, 65_536)
    report = rtcp.SenderReport(9, 1 << 40, 90_000, 10, 1000, (block,))
    data = rtcp.sender_report(report, "namn@kit.test") + rtcp.receiver_report(
        rtcp.ReceiverReport(9, (block,))
    )
    assert rtcp.parse(data).messages == (report, rtcp.ReceiverReport(9, (block,)))
    theirs = aiortc.rtp.RtcpPacket.parse(data)
    assert [type(p).__name__ for p in theirs] == ["RtcpSrPacket", "RtcpSdesPacket", "RtcpRrPacket"]
    sdes = theirs[1]
    assert isinstance(sdes, aiortc.rtp.RtcpSdesPacket)
    assert sdes.chunks[0].items[0] == (1, b"namn@kit.test")


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.booleans(), st.floats(0, 0.09)), min_size=1, max_size=300),
    st.integers(0, 1 << 20),
)
def test_feedback_tells_what_arrived_and_when(
    first: int, packets: list[tuple[bool, float]], begin: int
) -> None:
    log, reader, now = ArrivalLog(), FeedbackReader(), float(begin)
    sent: dict[int, float] = {}
    told: dict[int, float] = {}
    for ahead, (arrives, gap) in enumerate(packets):
        now += gap
        if arrives or ahead == 0:
            number = (first + ahead) & 0xFFFF
            log.add(number, now)
            sent[number] = now
    while (fci := log.build()) is not None:
        told.update({number: at for number, at in reader.read(fci) if at is not None})
    assert told.keys() == sent.keys()
    shift = told[first & 0xFFFF] - sent[first & 0xFFFF]
    assert all(abs(told[number] - at - shift) < 0.001 for number, at in sent.items())


def test_a_late_packet_is_told_after_all() -> None:
    log, reader = ArrivalLog(), FeedbackReader()
    for number in (10, 11, 13):
        log.add(number, number / 100)
    assert dict(reader.read(log.build() or b""))[12] is None
    log.add(12, 0.2)
    assert dict(reader.read(log.build() or b""))[12] is not None


@given(st.binary(max_size=300))
@example(struct.pack("!HH", 0, 0xFFFF) + bytes(4) + struct.pack("!H", 0x3FFF))
@example(struct.pack("!HH", 0, 8) + bytes(4) + bytes(2))
def test_hostile_feedback_is_refused_or_bounded(fci: bytes) -> None:
    try:
        reports = FeedbackReader().read(fci)
    except MalformedError:
        return
    assert 0 < len(reports) <= MAX_REPORTED


def test_the_log_of_arrivals_stays_bounded_whatever_the_numbers() -> None:
    log, rng = ArrivalLog(), random.Random(1)
    for step in range(20_000):
        log.add(rng.randrange(1 << 16), step / 1000)
        if step % 50 == 0:
            log.build()
    assert len(log._arrivals) < 3500


@pytest.mark.parametrize("payload", [b"", b"\x01"])
def test_padding_on_the_retransmission_stream_is_no_packet(payload: bytes) -> None:
    assert rtp.unwrap_rtx(RtpPacket(98, False, 1, 2, 3, payload)) is None


def test_a_retransmission_carries_its_original() -> None:
    original = RtpPacket(97, True, 0xFFFE, 90, 1, b"picture")
    again = rtp.wrap_rtx(original, 98, 2)
    assert rtp.unwrap_rtx(again) == (0xFFFE, b"picture")
    assert (again.payload_type, again.ssrc, again.timestamp, again.marker) == (98, 2, 90, True)
