import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.media.encoders.ladder import CAMERA, SCREEN, Ladder
from kit.media.rtp import pacer as pacing
from kit.media.rtp.allocation import FLOOR_BPS, Allocation
from kit.media.rtp.congestion.flight import Flight
from kit.media.rtp.congestion.probes import Probe
from kit.media.rtp.history import CAPACITY, History
from kit.media.rtp.pacer import FREE_PACE, MAX_RETRANSMISSIONS, PACE, Pacer
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.speech import SpeechEncoder, loudness
from kit.media.rtp.streams import OutgoingStream, Timeline


def _leave(pacer: Pacer[int], begin: float, end: float) -> list[tuple[float, int | None]]:
    left: list[tuple[float, int | None]] = []
    now = begin
    while now < end:
        while (departure := pacer.take(now)) is not None:
            left.append((now, departure.item))
            if departure.item is None:
                pacer.sent_in_cluster(300, now)
        now += 0.001
    return left


@pytest.mark.parametrize(("pace", "together"), [(PACE, 3), (FREE_PACE, 5)])
def test_a_frame_leaves_spread_over_time_and_not_as_a_burst(pace: float, together: int) -> None:
    pacer: Pacer[int] = Pacer(lambda size: size)
    pacer.set_target(1_000_000, pace)
    for _ in range(20):
        pacer.push(1250)
    left = _leave(pacer, 0.0, 1.0)
    assert len(left) == 20
    assert left[-1][0] == pytest.approx(20 * 10_000 / (pace * 1_000_000), abs=0.02)
    assert max(sum(1 for at, _ in left if t <= at < t + 0.005) for t, _ in left) <= together


def test_copies_leave_before_pictures() -> None:
    pacer: Pacer[int] = Pacer(lambda size: size)
    pacer.push(1000)
    pacer.push_retransmission(500)
    assert [item for _, item in _leave(pacer, 0.0, 1.0)] == [500, 1000]


def test_nothing_waits_longer_than_the_bound() -> None:
    pacer: Pacer[int] = Pacer(lambda size: size)
    pacer.set_target(70_000)
    for _ in range(100):
        pacer.push(1200)
    assert _leave(pacer, 0.0, 5.0)[-1][0] < 4 * pacing.MAX_QUEUE_S


@given(st.lists(st.sampled_from(["push", "again", "purge"]), max_size=50))
def test_the_queue_counts_its_bytes_whatever_happens(steps: list[str]) -> None:
    pacer: Pacer[int] = Pacer(lambda size: size)
    held: list[int] = []
    for number, step in enumerate(steps, 1):
        if step == "purge":
            pacer.purge(lambda item: item % 2 == 0)
            held = [item for item in held if item % 2]
        else:
            (pacer.push if step == "push" else pacer.push_retransmission)(number)
            held.append(number)
    assert pacer._bytes == sum(held)


def test_copies_that_nobody_can_send_are_dropped_oldest_first() -> None:
    pacer: Pacer[int] = Pacer(lambda _: 1)
    for number in range(MAX_RETRANSMISSIONS + 10):
        pacer.push_retransmission(number)
    assert pacer.refused == 10
    departure = pacer.take(0.0)
    assert departure is not None
    assert departure.item == 10


def test_a_cluster_leaves_at_its_rate_and_is_filled_with_padding() -> None:
    pacer: Pacer[int] = Pacer(lambda size: size)
    pacer.push(1000)
    pacer.probe(Probe(1, 1_000_000, 4000), 0.0)
    left = _leave(pacer, 0.0, 1.0)
    assert [item for _, item in left[:1]] == [1000]
    assert len(left) == 11
    assert left[-1][0] == pytest.approx(3700 * 8 / 1_000_000, abs=0.005)
    assert not pacer.probing


def _sent(history: History, count: int, size: int = 1000) -> None:
    for number in range(count):
        history.add(RtpPacket(97, False, number, 0, 1, bytes(size)), number / 1000)


def test_a_copy_on_its_way_is_not_sent_twice() -> None:
    history = History()
    _sent(history, 1)
    assert history.again(0, 0.2, 0.1, 1e6) is not None
    assert history.again(0, 0.25, 0.1, 1e6) is None
    assert history.again(0, 0.29, 0.1, 1e6) is not None
    assert history.duplicates == 1


def test_copies_keep_to_half_of_the_rate() -> None:
    history = History()
    _sent(history, 200)
    sent = [n for n in range(200) if history.again(n, 0.5, 0.05, 400_000) is not None]
    assert 200_000 <= sum(8 * 1078 for _ in sent) <= 210_000
    assert history.over_budget == 200 - len(sent)


def test_a_copy_that_nobody_asked_for_is_a_retransmission_and_answers_the_request_that_follows() -> None:
    stream, packet = _stream_with_a_packet()
    stream.rtx_type = 98
    copy = stream.copy_unasked(packet, 0.03)
    assert copy is not None
    stream.number(copy, 0.04)
    assert copy.ssrc == stream.rtx_ssrc
    assert stream.history.again(packet.sequence_number, 0.06, 0.05, 1e6) is None


def test_towards_a_room_that_forwards_it_is_the_packet_itself_and_requests_are_answered() -> None:
    stream, packet = _stream_with_a_packet()
    stream.rtx_type, stream.forwarded = 98, True
    packet.transport_sequence = 5
    copy = stream.copy_unasked(packet, 0.03)
    assert copy is not None
    stream.number(copy, 0.04)
    assert (copy.ssrc, copy.sequence_number) == (packet.ssrc, packet.sequence_number)
    assert (copy.payload, copy.transport_sequence) == (packet.payload, None)
    assert stream.counters.retransmitted_packets_sent == 1
    assert stream.history.again(packet.sequence_number, 0.06, 0.05, 1e6) is packet
    following = RtpPacket(97, True, 0, 0, 1, b"y")
    stream.number(following, 0.05)
    assert following.sequence_number == packet.sequence_number + 1


def _stream_with_a_packet() -> tuple[OutgoingStream, RtpPacket]:
    stream, packet = OutgoingStream(1, 2, b""), RtpPacket(97, True, 0, 0, 1, b"x")
    stream.number(packet, 0.0)
    return stream, packet


def test_what_feedback_is_never_about_counts_with_the_next_packet() -> None:
    flight = Flight()
    flight.add_unnumbered(400)
    number = flight.add(1.0, 1000, 0)
    assert flight.bytes == 1400
    ((_, sent, _),) = flight.find([(number, 1.1)])
    flight.acknowledge(number)
    flight.settle(1.2)
    assert (sent.size, flight.bytes) == (1400, 0)


def test_what_is_too_old_or_unknown_is_not_sent_again() -> None:
    history = History()
    _sent(history, CAPACITY + 5)
    assert history.again(0, 1.2, 0.05, 1e6) is None
    assert history.again(4000, 1.2, 0.05, 1e6) is None
    assert history.again(CAPACITY, 9.0, 0.05, 1e6) is None
    assert history.late == 3


@given(st.floats(FLOOR_BPS, 3e6), st.floats(0, 0.4), st.floats(0, 1e6))
def test_shares_never_exceed_what_there_is(target: float, loss: float, repetition: float) -> None:
    shares = Allocation().share(0.0, target, loss, repetition, 0.0)
    video = shares.video * (2 if shares.protect else 1)
    assert shares.sound.link_bps + video <= max(target * 1.02, shares.sound.link_bps + 30_000)


def test_sound_alone_fits_below_the_floor() -> None:
    assert Allocation().share(0.0, FLOOR_BPS, 0.2, 0.0, 0.0).sound.link_bps < 0.6 * FLOOR_BPS


def test_pictures_stop_and_come_back_with_patience() -> None:
    allocation = Allocation()
    stopped = [allocation.share(t / 10, 70_000, 0, 0, 0).video == 0 for t in range(20)]
    assert not any(stopped[:10])
    assert all(stopped[12:])
    back = [allocation.share(2 + t / 10, 150_000, 0, 0, 0).video > 0 for t in range(40)]
    assert not any(back[:20])
    assert all(back[22:])


def test_pictures_come_back_at_once_when_the_link_was_away_and_not_narrow() -> None:
    allocation = Allocation()
    for step in range(20):
        allocation.share(step / 10, 70_000, 0, 0, 0)
    assert allocation.video_stopped
    assert any(allocation.share(2 + step / 10, 300_000, 0, 0, 0).video for step in range(5))


def test_pictures_are_sent_twice_only_with_loss_and_room() -> None:
    def protects(target: float, loss: float, queue: float) -> bool:
        return Allocation().share(0.0, target, loss, 0.0, queue).protect

    assert protects(2e6, 0.1, 0.0)
    assert not protects(2e6, 0.0, 0.0)
    assert not protects(400_000, 0.1, 0.0)
    assert not protects(2e6, 0.1, 0.2)


def test_pictures_that_are_sent_twice_are_smaller_where_a_tenth_is_lost() -> None:
    some, tenth = (Allocation().share(0.0, 2.4e6, loss, 0.0, 0.0) for loss in (0.05, 0.1))
    assert some.protect
    assert tenth.protect
    assert 2 * tenth.video + tenth.sound.link_bps < 0.6 * (2 * some.video + some.sound.link_bps)


def test_the_ladder_does_not_wait_below_for_a_rung_whose_edge_the_rate_is_at() -> None:
    ladder = Ladder()
    assert ladder.choose(200_000, 0.0).height == 270
    assert [ladder.choose(1_371_000, 0.1 * tick).height for tick in range(100)][-1] == 540
    assert [ladder.choose(1_500_000, 10 + 0.1 * tick).height for tick in range(100)][-1] == 720


def test_the_ladder_goes_down_at_once_when_far_below_and_up_after_patience() -> None:
    ladder = Ladder(CAMERA)
    assert ladder.choose(2e6, 0.0).height == 720
    assert ladder.choose(200_000, 0.1).height == 270
    assert ladder.choose(500_000, 0.2).height == 270
    assert [ladder.choose(500_000, t).height for t in (1.0, 3.0, 3.4)] == [270, 270, 360]


@given(st.lists(st.floats(30_000, 3e6), min_size=1, max_size=60))
def test_small_swings_do_not_move_the_ladder(rates: list[float]) -> None:
    ladder, changes, last = Ladder(CAMERA), 0, None
    for step in range(200):
        rung = ladder.choose(700_000 * (1 + 0.08 * (-1) ** step), step / 30)
        changes += last is not None and rung != last
        last = rung
    assert changes <= 1
    for step, rate in enumerate(rates):
        assert ladder.choose(rate, 10 + step) in CAMERA


def test_a_machine_that_cannot_keep_up_gets_a_lower_rung_for_a_while() -> None:
    ladder = Ladder(CAMERA)
    for step in range(100):
        ladder.choose(3e6, step / 30)
        ladder.on_encoded(0.05, step / 30)
    assert ladder.limited_by_machine
    assert ladder.choose(3e6, 4.0).height == 540


def test_slides_keep_their_size_longer_than_faces() -> None:
    assert Ladder(SCREEN).choose(200_000, 0.0).height >= 720


def test_speech_leaves_in_packets_of_the_wanted_length() -> None:
    sound = Allocation().share(0.0, FLOOR_BPS, 0.0, 0.0, 0.0).sound
    encoder, wave = SpeechEncoder(), (8000 * np.sin(np.arange(960) / 20)).astype(np.int16).tobytes()
    encoder.configure(sound, 0.1)
    packets = [p for step in range(10) for p in encoder.encode(step * 960, wave)]
    assert [packet.timestamp for packet in packets] == [0, 1920, 3840, 5760, 7680]
    assert all(0 < len(packet.payload) < 200 for packet in packets)


@pytest.mark.parametrize(("amplitude", "level"), [(32767, 0), (3277, 20), (0, 127)])
def test_loudness_is_measured_as_the_rfc_has_it(amplitude: int, level: int) -> None:
    square = np.full(960, amplitude, np.int16)
    square[::2] *= -1
    assert loudness(square.tobytes()) == pytest.approx(level, abs=1)


def test_media_time_goes_on_when_the_source_is_replaced() -> None:
    timeline = Timeline(48_000)
    assert [timeline.at(n * 960, n * 0.02) for n in range(3)] == [0, 960, 1920]
    assert timeline.at(0, 0.06) == 2880
    assert timeline.at(960, 0.08) == 3840
    assert timeline.at(960_000, 0.1) == 4800


def test_a_source_that_only_jitters_keeps_its_own_time() -> None:
    timeline = Timeline(90_000)
    assert [timeline.at(n * 3000, n / 30 + (0.2 if n % 3 else 0)) for n in range(9)] == [
        n * 3000 for n in range(9)
    ]


def test_frames_taken_out_of_the_queue_leave_no_hole_in_the_numbers() -> None:
    stream = OutgoingStream(1, 2, b"0")
    stream.rtx_type = 98
    first, dropped, second = (RtpPacket(97, True, 0, at, 1, b"x") for at in (0, 1, 2))
    stream.number(first, 0.0)
    stream.number(second, 0.1)
    assert (second.sequence_number - first.sequence_number) & 0xFFFF == 1
    assert dropped.sequence_number == 0
    assert stream.padding() is not None
