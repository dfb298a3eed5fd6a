import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.media.rtp.congestion.brake import Brake
from kit.media.rtp.guard import MAX_STREAMS
from kit.media.rtp.lipsync import MAX_HOLD_S, MAX_LAG_S, MAX_LEAD_S, MAX_SOUND_HOLD_S, CaptureClock, LipSync
from kit.media.rtp.nack import MAX_MISSING, MAX_TRIES, NackList
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.reception import Reception
from kit.media.rtp.repair import Repair
from kit.media.rtp.router import Router
from kit.media.rtp.rtcp import SenderReport
from kit.media.rtp.video_buffer import MAX_PACKETS, Frame, VideoBuffer

KEY, DELTA = b"K", b"p"


def _buffer() -> VideoBuffer:
    return VideoBuffer(lambda payload: payload.startswith(KEY))


def _frames(buffer: VideoBuffer) -> list[Frame]:
    found = []
    while (frame := buffer.take()) is not None:
        found.append(frame)
    return found


def test_a_missing_packet_is_asked_for_at_once_and_again_each_round_trip() -> None:
    nacks = NackList()
    nacks.round_trip = 0.05
    nacks.add(1, 0.0, retransmitted=False)
    nacks.add(3, 0.0, retransmitted=False)
    asked = [step / 1000 for step in range(300) if nacks.due(step / 1000, None)]
    assert asked[0] == 0.0
    assert asked[1] == pytest.approx(0.06, abs=0.002)
    assert len(asked) == 5


def test_asking_ends_after_the_tries_or_when_nobody_needs_it() -> None:
    nacks = NackList()
    nacks.add(1, 0.0, retransmitted=False)
    nacks.add(4, 0.0, retransmitted=False)
    assert nacks.due(0.0, 3) == [3]
    for step in range(1, 400):
        nacks.due(step / 100, None)
    assert len(nacks) == 0
    assert nacks.given_up == 2
    assert nacks.asked == 1 * MAX_TRIES


def test_what_came_by_another_way_is_not_asked_for() -> None:
    nacks = NackList()
    for number in (0, 1, 4):
        nacks.add(number, 0.0, retransmitted=False)
    nacks.recover(3)
    assert nacks.due(0.0, None) == [2]
    assert nacks.was_asked(2)
    assert not nacks.was_asked(3)


def test_the_round_trip_is_learnt_from_the_copies() -> None:
    nacks = NackList()
    for number in range(0, 400, 2):
        now = number / 100
        nacks.add(number, now, retransmitted=False)
        nacks.due(now, None)
        nacks.add(number - 1, now + 0.03, retransmitted=True)
    assert nacks.round_trip == pytest.approx(0.03, abs=0.005)


def test_reordered_packets_are_waited_for_before_they_are_asked_for() -> None:
    nacks, asked = NackList(), 0
    order = list(range(400))
    for place in range(10, 390, 20):
        order[place], order[place + 1] = order[place + 1], order[place]
    for step, number in enumerate(order):
        nacks.add(number, step * 0.01, retransmitted=False)
        asked += len(nacks.due(step * 0.01, None)) if step > 100 else 0
    assert asked == 0


@given(st.lists(st.tuples(st.integers(0, 100_000), st.booleans()), max_size=300))
def test_the_list_of_missing_packets_is_bounded_and_never_asks_for_what_came(
    arrivals: list[tuple[int, bool]],
) -> None:
    nacks, came = NackList(), set()
    for step, (number, copy) in enumerate(arrivals):
        nacks.add(number, step * 0.01, retransmitted=copy)
        came.add(number)
        asked = nacks.due(step * 0.01, None)
        assert not came & set(asked)
        assert asked == sorted(set(asked))
        assert len(nacks) <= MAX_MISSING
        assert len(nacks._echoes) <= MAX_MISSING * MAX_TRIES


def test_a_frame_is_released_with_its_marker_and_not_later() -> None:
    buffer = _buffer()
    buffer.add(10, 1, KEY, 0.0, marker=False)
    assert _frames(buffer) == []
    buffer.add(11, 1, DELTA, 0.0, marker=True)
    assert _frames(buffer) == [Frame(1, (KEY, DELTA), keyframe=True)]


def test_nothing_passes_a_hole_until_the_copy_is_there() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(3, 3, DELTA, 0.05, marker=True)
    assert len(_frames(buffer)) == 1
    assert not buffer.on_tick(0.1)
    buffer.add(2, 2, DELTA, 0.15, marker=True)
    assert [frame.timestamp for frame in _frames(buffer)] == [2, 3]


def test_a_hole_that_stays_becomes_one_request_for_a_key_frame_each_deadline() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(3, 3, DELTA, 0.0, marker=True)
    asked = [step / 100 for step in range(150) if buffer.on_tick(step / 100)]
    assert asked == pytest.approx([0.36, 0.97], abs=0.03)


def test_after_a_deep_fall_nothing_is_asked_for_until_the_link_is_back() -> None:
    brake = Brake()
    repair = Repair(lambda payload: payload.startswith(KEY), brake)
    repair.add(1, 1, KEY, 0.0, marker=True, retransmitted=False)
    brake.falls, brake.deep, brake.limit = 1, True, 100_000
    repair.on_tick(0.1)
    repair.add(4, 4, DELTA, 0.1, marker=True, retransmitted=False)
    assert repair.missing(0.1) == []
    repair.add(7, 7, DELTA, 0.2, marker=True, retransmitted=False)
    brake.limit = None
    repair.on_tick(0.2)
    assert repair.missing(0.2) == [5, 6]


def test_a_whole_key_frame_behind_a_hole_is_jumped_to() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(5, 5, KEY, 0.1, marker=False)
    buffer.on_tick(0.3)
    assert len(_frames(buffer)) == 1
    buffer.add(6, 5, DELTA, 0.3, marker=True)
    buffer.on_tick(0.32)
    assert not _frames(buffer), "what is missing before it may be its parameter sets"
    buffer.on_tick(0.46)
    assert [frame.timestamp for frame in _frames(buffer)] == [5]
    assert buffer.jumps == 1
    assert not buffer.on_tick(5.0)


def test_a_key_frame_is_not_jumped_into_behind_its_parameter_sets() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(4, 4, DELTA, 0.1, marker=True)
    buffer.add(6, 5, KEY, 0.1, marker=True)
    assert buffer.worth_asking(0.1) == 5
    buffer.on_tick(0.25)
    assert len(_frames(buffer)) == 1
    buffer.add(5, 5, KEY, 0.26, marker=False)
    assert buffer.worth_asking(0.26) == 5
    buffer.on_tick(0.27)
    assert [frame.payloads for frame in _frames(buffer)] == [(KEY, KEY)]


def test_what_came_before_a_key_frame_under_way_is_not_asked_for_any_more() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(3, 3, DELTA, 0.0, marker=True)
    assert buffer.worth_asking(0.1) == 2
    buffer.add(4, 4, KEY, 0.2, marker=False)
    assert buffer.worth_asking(0.2) == 4


def test_while_a_key_frame_arrives_none_is_asked_for() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(3, 3, DELTA, 0.0, marker=True)
    assert buffer.on_tick(0.4)
    for step in range(20):
        buffer.add(4 + step, 4, KEY if step == 0 else DELTA, 0.6 + step * 0.1, marker=False)
        assert not buffer.on_tick(0.65 + step * 0.1)
    assert buffer.on_tick(3.5)


def test_after_a_fall_nothing_is_asked_for_but_a_key_frame_at_once() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.give_up(0.1)
    assert not buffer.on_tick(0.12), "nothing is missing"
    buffer.add(9, 9, DELTA, 0.2, marker=True)
    assert buffer.worth_asking(0.2) == 10
    assert buffer.on_tick(0.21)
    assert buffer.worth_asking(2.7) == 2


def test_nothing_is_decoded_before_the_first_key_frame_which_is_asked_for() -> None:
    buffer = _buffer()
    buffer.add(7, 1, DELTA, 0.0, marker=True)
    assert buffer.on_tick(0.5)
    buffer.add(8, 2, KEY, 0.6, marker=True)
    assert [frame.timestamp for frame in _frames(buffer)] == [2]


def test_padding_fills_its_place_and_shows_nothing() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.add(2, 1, b"", 0.0, marker=False)
    buffer.add(3, 2, DELTA, 0.0, marker=True)
    assert [frame.timestamp for frame in _frames(buffer)] == [1, 2]


@settings(max_examples=30)
@given(st.randoms(use_true_random=False), st.floats(0, 0.3))
def test_frames_come_whole_in_order_and_once(rng: random.Random, loss: float) -> None:
    buffer, shown = _buffer(), []
    packets = [(n, n // 3, KEY if n % 30 == 0 else DELTA, n % 3 == 2) for n in range(150)]
    packets = [packet for packet in packets if rng.random() >= loss]
    packets.sort(key=lambda packet: packet[0] + rng.uniform(0, 6))
    for step, (number, timestamp, payload, marker) in enumerate(packets + packets[:10]):
        buffer.add(number, timestamp, payload, step / 100, marker=marker)
        buffer.on_tick(step / 100)
        shown += _frames(buffer)
        assert len(buffer._packets) <= MAX_PACKETS
    timestamps = [frame.timestamp for frame in shown]
    assert timestamps == sorted(set(timestamps))
    assert all(len(frame.payloads) <= 3 for frame in shown)


def test_a_flood_over_a_hole_is_dropped_and_a_key_frame_begins_anew() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    for number in range(3, 3 + 2 * MAX_PACKETS):
        buffer.add(number, number, DELTA, 0.1, marker=True)
    assert buffer.overflows > 0
    assert len(buffer._packets) <= MAX_PACKETS
    buffer.add(10_000, 9, KEY, 1.0, marker=True)
    assert _frames(buffer)[-1].timestamp == 9


def test_loss_and_jitter_are_counted_as_the_rfc_has_it() -> None:
    stream = Reception(5, 90_000)
    for number in range(100):
        if number % 10:
            stream.add(
                65_500 + number & 0xFFFF, number * 3000, 1000, number / 30 + (0.01 if number % 2 else 0)
            )
    block = stream.block(5.0)
    assert block.fraction_lost == pytest.approx(0.09 * 256, abs=3)
    assert block.packets_lost == 9
    assert stream.jitter_s == pytest.approx(0.01, abs=0.003)
    assert stream.block(6.0).fraction_lost == 0


def test_a_block_answers_the_last_sender_report() -> None:
    stream = Reception(5, 90_000)
    stream.add(1, 0, 10, 0.0)
    stream.on_sender_report(SenderReport(5, 0x1234_5678_9ABC_DEF0, 0, 0, 0), 1.0)
    block = stream.block(1.5)
    assert block.last_sender_report == 0x5678_9ABC
    assert block.delay_since == 32_768


def _packet(ssrc: int, payload_type: int, mid: str | None = None) -> RtpPacket:
    return RtpPacket(payload_type, False, 0, 0, ssrc, b"", mid=mid)


def test_packets_find_their_receiver_by_mid_when_several_have_the_type() -> None:
    router: Router[str] = Router()
    router.add("camera", "0", [], [96])
    router.add("slides", "1", [], [96])
    assert router.find(_packet(1, 96)) is None
    assert router.find(_packet(1, 96, "1")) == "slides"
    assert router.find(_packet(1, 96)) == "slides"
    assert router.find(_packet(1, 97)) is None


def test_ten_thousand_streams_are_refused() -> None:
    router: Router[str] = Router()
    router.add("camera", "0", [], [96])
    found = [router.find(_packet(ssrc, 96)) for ssrc in range(10_000)]
    assert sum(receiver is not None for receiver in found) == MAX_STREAMS
    router.remove("camera")
    assert router.find(_packet(0, 96)) is None


def test_the_clock_of_capture_follows_the_sender_reports() -> None:
    clock = CaptureClock(90_000)
    assert clock.captured_at(5) is None
    clock.on_sender_report(SenderReport(1, 100 << 32, 0xFFFF_FF00, 0, 0))
    assert clock.captured_at((0xFFFF_FF00 + 90_000) & 0xFFFF_FFFF) == pytest.approx(101.0)


def test_pictures_wait_for_late_sound_and_no_longer_than_needed() -> None:
    sync = LipSync()
    for step in range(400):
        now = step / 30
        sync.on_sound(now - 0.3, now)
        sync.on_picture(now - 0.05 - sync.hold_s, now)
    assert sync.offset_s == pytest.approx(-MAX_LEAD_S, abs=0.01)
    for step in range(400, 800):
        now = step / 30
        sync.on_sound(now - 0.08, now)
        sync.on_picture(now - 0.05 - sync.hold_s, now)
    assert sync.hold_s < 0.01


def test_sound_waits_for_late_pictures_up_to_a_bound() -> None:
    sync = LipSync()
    for step in range(600):
        now = step / 30
        sync.on_sound(now - 0.08 - sync.sound_hold_s, now)
        sync.on_picture(now - 0.25 - sync.hold_s, now)
    assert sync.offset_s == pytest.approx(MAX_LAG_S, abs=0.01)
    for step in range(600, 1200):
        sync.on_sound(step / 30 - 0.08 - sync.sound_hold_s, step / 30)
        sync.on_picture(step / 30 - 0.9, step / 30)
    assert sync.sound_hold_s == pytest.approx(MAX_SOUND_HOLD_S, abs=0.01)


def test_pictures_are_never_held_back_beyond_the_bound() -> None:
    sync = LipSync()
    for step in range(400):
        sync.on_sound(step - 3.0, step)
        sync.on_picture(step - sync.hold_s, step)
    assert sync.hold_s <= MAX_HOLD_S


def test_after_a_small_fall_what_was_lost_is_asked_for_before_a_key_frame_is() -> None:
    buffer = _buffer()
    buffer.add(1, 1, KEY, 0.0, marker=True)
    buffer.repair(0.1)
    buffer.add(9, 9, DELTA, 0.2, marker=True)
    assert buffer.worth_asking(0.2) == 2
    assert not buffer.on_tick(1.2)
    assert buffer.on_tick(1.4)


def test_while_the_queue_on_the_way_is_long_one_asks_again_later() -> None:
    nacks = NackList()
    nacks.add(1, 0.0, retransmitted=False)
    nacks.add(3, 0.1, retransmitted=False)
    assert nacks.due(0.1, None) == [2]
    nacks.queue_s = 0.4
    assert nacks.due(0.3, None) == []
    assert nacks.due(0.7, None) == [2]
