"""Figures of a call as W3C counts them."""

import pytest

from kit.media.stats import Counters, Freezes, Meter


def film(freezes: Freezes, intervals: list[float], at: float = 0.0) -> float:
    for interval in intervals:
        at += interval
        freezes.drawn(at)
    return at


def test_a_freeze_is_longer_than_three_intervals_and_than_the_mean_plus_150_ms() -> None:
    freezes = Freezes()
    at = film(freezes, [0.04] * 40)
    at = film(freezes, [0.18], at)
    assert freezes.count == 0
    at = film(freezes, [0.04] * 40, at)
    at = film(freezes, [0.5], at)
    assert freezes.count == 1
    assert freezes.seconds == pytest.approx(0.5)
    slow = Freezes()
    film(slow, [0.2] * 40 + [0.55, 0.2, 0.65])
    assert slow.count == 1


def test_a_pause_of_the_stream_is_no_freeze() -> None:
    freezes = Freezes()
    at = film(freezes, [0.04] * 40)
    freezes.pause()
    film(freezes, [0.04] * 40, at + 30)
    assert freezes.count == 0


def test_rates_are_those_of_the_last_seconds() -> None:
    meter = Meter()
    for second in range(11):
        fast = second * 25 if second < 6 else 150 + (second - 6) * 10
        meter.add(
            float(second),
            Counters(
                bytes_sent=second * 12_500,
                bytes_received=second * 25_000,
                frames_sent=second * 25,
                frames_received=fast,
                packets_received=second * 90,
                packets_lost=second * 10,
                samples_played=second * 48_000,
                samples_concealed=second * 480,
                round_trip_s=0.05,
            ),
        )
    quality = meter.quality(Freezes(), 40.0, -30.0)
    assert (quality.receive_fps, quality.send_fps) == (10.0, 25.0)
    assert (quality.send_kbps, quality.receive_kbps) == (100.0, 200.0)
    assert (quality.packets_lost_percent, quality.concealed_percent) == (10.0, 1.0)
    assert (quality.round_trip_ms, quality.jitter_buffer_ms, quality.level_dbfs) == (50.0, 40.0, -30.0)
    posted = meter.posted()
    assert posted["video"]["rx_fps"] == 10
    assert posted["video"]["tx_bitrate"] == 100


def test_nothing_is_claimed_before_it_is_known() -> None:
    meter = Meter()
    assert meter.quality(Freezes(), 0.0, -120.0).receive_fps is None
    assert meter.posted() == {}
    meter.add(0.0, Counters())
    meter.add(1.0, Counters())
    quality = meter.quality(Freezes(), 0.0, -120.0)
    assert (quality.packets_lost_percent, quality.concealed_percent, quality.round_trip_ms) == (
        None,
        None,
        None,
    )
