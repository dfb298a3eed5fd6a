"""Figures of a call as W3C counts them."""

from kit.ipc.call import Limitation
from kit.media.stats import Counters, DevicesLost, Meter


def second(number: int, frames: int) -> Counters:
    return Counters(
        bytes_sent=number * 12_500,
        bytes_received=number * 25_000,
        frames_encoded=number * 25,
        total_encode_time=number * 25 * 0.004,
        frames_decoded=frames,
        freeze_count=number,
        total_freezes_duration=number * 0.5,
        audio_packets_received=number * 50,
        video_packets_received=number * 40,
        video_packets_lost=number * 10,
        total_samples_received=number * 48_000,
        concealed_samples=number * 480,
        jitter_buffer_delay=number * 48_000 * 0.04,
        jitter_buffer_emitted_count=number * 48_000,
        current_round_trip_time=0.05,
        available_outgoing_bitrate=800_000.0,
        encoder_implementation="libx264",
        quality_limitation_reason="bandwidth",
        lip_sync_offset=-0.02,
        frame_height=360,
    )


def test_rates_are_those_of_the_last_seconds() -> None:
    meter = Meter()
    for number in range(11):
        meter.add(float(number), second(number, number * 25 if number < 6 else 150 + (number - 6) * 10))
    quality = meter.quality(-30.0)
    assert (quality.receive_fps, quality.send_fps) == (10.0, 25.0)
    assert (quality.send_kbps, quality.receive_kbps, quality.available_kbps) == (100.0, 200.0, 800.0)
    assert (quality.packets_lost_percent, quality.concealed_percent) == (10.0, 1.0)
    assert (quality.round_trip_ms, quality.jitter_buffer_ms, quality.level_dbfs) == (50.0, 40.0, -30.0)
    assert (quality.encode_ms, quality.lip_sync_ms) == (4.0, -20.0)
    assert (quality.encoder, quality.limited_by) == ("libx264", Limitation.BANDWIDTH)
    posted = meter.posted()
    assert posted["video"]["rx_fps"] == 10
    assert posted["video"]["tx_bitrate"] == 100


def test_freezes_are_those_of_the_whole_call_whatever_legs_it_had() -> None:
    meter = Meter()
    meter.add(0.0, second(3, 0))
    meter.restart()
    meter.add(1.0, second(0, 0))
    assert (meter.quality(0.0).freeze_count, meter.quality(0.0).freeze_seconds) == (3, 1.5)
    meter.add(2.0, second(2, 0))
    assert (meter.quality(0.0).freeze_count, meter.quality(0.0).freeze_seconds) == (5, 2.5)


def test_what_was_lost_or_refused_is_of_the_whole_call() -> None:
    meter = Meter()
    meter.add(0.0, Counters(frames_dropped=2, packets_refused=100))
    meter.restart()
    meter.add(1.0, Counters(frames_dropped=1, packets_refused=7))
    quality = meter.quality(0.0, DevicesLost(xruns=4, pictures=5))
    assert (quality.xruns, quality.damaged_pictures, quality.refused_packets) == (4, 8, 107)


def test_nothing_is_claimed_before_it_is_known() -> None:
    meter = Meter()
    assert meter.quality(-120.0).receive_fps is None
    assert meter.posted() == {}
    meter.add(0.0, Counters())
    meter.add(1.0, Counters())
    quality = meter.quality(-120.0)
    assert (quality.packets_lost_percent, quality.concealed_percent, quality.round_trip_ms) == (
        None,
        None,
        None,
    )
    assert (quality.jitter_buffer_ms, quality.encode_ms, quality.available_kbps) == (None, None, None)
