"""What a link test makes of packets: what was lost, how they shook, what the way carries."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.calls.link import Impairment, Link
from kit.media.linktest.trial import Silence, Witness
from kit.media.linktest.way import Numbered, Reported, Way
from kit.media.rtp.packet import RtpPacket

SIZE = 1200
SECONDS = 10.0


def sent(bps: float) -> Iterator[float]:
    """When packets leave: five at a time at three times the rate, as pictures do."""
    picture = 5 * SIZE * 8 / bps
    for number in range(int(SECONDS / picture)):
        for place in range(5):
            yield number * picture + place * picture / 15


def crossed(impairment: Impairment, bps: float) -> Way:
    """Let packets cross the benches' own link."""
    link: Link[float] = Link(impairment, 7)
    way = Way()
    for at in sent(bps):
        link.offer(at, SIZE - 28, at)
    while (moment := link.next_at()) is not None:
        for left in link.due(moment):
            way.add(left, moment, SIZE)
    return way


@pytest.mark.parametrize("kbps", [150, 300, 500, 1000])
def test_a_way_that_is_filled_is_as_wide_as_what_comes_out_of_it(kbps: int) -> None:
    way = crossed(Impairment(rate_kbps=kbps), 1.5e3 * kbps)
    assert way.bps == pytest.approx(kbps * 1000, rel=0.15)


def test_a_way_that_is_not_filled_is_as_wide_as_its_fastest_packets_show() -> None:
    way = crossed(Impairment(rate_kbps=2000), 400_000)
    assert 1_000_000 < way.bps <= 2_100_000


def test_the_clocks_of_the_two_sides_need_not_agree() -> None:
    near, far = Way(), Way()
    for number, at in enumerate(sent(500_000)):
        near.add(at, at + 0.02 + number % 3 / 100, SIZE)
        far.add(at + 40_000, at - 700 + number % 3 / 100, SIZE)
    assert far.bps == pytest.approx(near.bps, rel=0.1)
    assert far.jitter_s == pytest.approx(near.jitter_s)
    assert far.gap_s == pytest.approx(near.gap_s)


def test_a_pause_of_the_sender_is_no_gap_of_the_way() -> None:
    way = Way()
    for at in (0.0, 0.02, 1.5, 1.52):
        way.add(at, at + 0.03, SIZE)
    assert way.gap_s == pytest.approx(0.0, abs=1e-9)
    way.add(1.54, 2.4, SIZE)
    assert way.gap_s == pytest.approx(0.83)


@given(st.lists(st.booleans(), min_size=3, max_size=300))
def test_loss_is_what_is_missing_between_the_first_and_the_last(arrived: list[bool]) -> None:
    arrived = [True, *arrived, True]
    numbered, reported = Numbered(), Reported()
    for number, came in enumerate(arrived, 65_400):
        if came:
            numbered.add(0, number & 0xFFFF)
        reported.add(number & 0xFFFF, arrived=came)
    missing = arrived.count(False) / len(arrived)
    assert numbered.loss == pytest.approx(missing)
    assert reported.loss == pytest.approx(missing)


def test_a_packet_that_was_only_late_is_not_lost() -> None:
    reported = Reported()
    for number in range(10):
        reported.add(number, arrived=number != 4)
    reported.add(4, arrived=True)
    assert reported.loss == 0


def test_a_report_that_is_lost_itself_is_no_loss_of_packets() -> None:
    witness = Witness()
    witness.counting = True
    for number in range(100):
        witness.left(number, SIZE, number / 50)
    witness.reported([(number, number / 50 + 0.03) for number in range(100) if not 40 <= number < 60])
    assert witness.lost_up.loss == 0
    assert witness.up.heard


def test_repeated_packets_without_a_number_of_the_whole_are_no_stream_with_holes() -> None:
    witness = Witness()
    witness.counting = True
    for number in range(100):
        packet = RtpPacket(96, False, number, 0, 1, b"x" * 900, arrival=number / 50)
        packet.transport_sequence = number
        witness.came(packet)
        if number % 10 == 5:
            witness.came(RtpPacket(111, False, number, 0, 2, b"x" * 80, arrival=number / 50))
    assert witness.lost_down.loss == 0


def test_nothing_is_counted_before_the_way_is_warm() -> None:
    witness = Witness()
    witness.left(1, SIZE, 0.0)
    witness.came(RtpPacket(96, False, 1, 0, 1, b"x", arrival=0.0))
    witness.reported([(1, 0.1)])
    assert not witness.up.heard
    assert not witness.down.heard


def test_a_machine_that_sleeps_hears_no_silence() -> None:
    silence = Silence()
    silence.tick(1.0, 0.05)
    silence.tick(1.0, 3.0)
    assert silence.longest_s <= 0.1
    for _ in range(20):
        silence.tick(1.0, 0.05)
    assert silence.longest_s == pytest.approx(1.1)
    silence.tick(2.0, 0.05)
    silence.tick(2.0, 0.05)
    assert silence.longest_s == pytest.approx(1.1)


@given(st.integers(0, 2**32), st.lists(st.tuples(st.integers(0, 65535), st.floats(-1e6, 1e6)), max_size=60))
def test_reports_that_lie_harm_nothing(seed: int, reports: list[tuple[int, float]]) -> None:
    chance = random.Random(seed)
    witness = Witness()
    witness.counting = True
    for number in chance.sample(range(65536), 50):
        witness.left(number, SIZE, chance.random())
    witness.reported(list(reports))
    assert witness.up.bps >= 0
    assert 0 <= witness.lost_up.loss <= 1
