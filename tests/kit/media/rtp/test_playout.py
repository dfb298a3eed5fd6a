import functools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.calls import scene
from kit.media.rtp.codecs import opus
from kit.media.rtp.codecs.opus import Pcm
from kit.media.rtp.playout import stretch
from kit.media.rtp.playout.delay import MAX_S, AdaptiveDelay
from kit.media.rtp.playout.playout import FRAME, MAX_PACKETS, AudioPlayout
from kit.media.rtp.sound_in import SoundDecoder

SECONDS = 6


class Numbers:
    """A codec whose packets decode to their own number, so that the order of what is played can be seen."""

    def decode(self, packet: bytes) -> Pcm | None:
        return np.full((FRAME, 1), int(packet), np.int16)

    def recover(self, following: bytes, samples: int) -> Pcm | None:
        return np.full((samples, 1), int(following) - 1, np.int16)

    def conceal(self, samples: int) -> Pcm | None:
        return np.zeros((samples, 1), np.int16)

    def samples(self, packet: bytes) -> int:
        return FRAME if packet.isdigit() else 0

    def has_fec(self, packet: bytes) -> bool:
        return True


@functools.cache
def _packets() -> list[bytes]:
    encoder = opus.OpusEncoder(1)
    encoder.configure(32_000, 10)
    sound = scene.speech()[: opus.RATE * SECONDS]
    return [encoder.encode(sound[at : at + FRAME].tobytes(), FRAME) for at in range(0, len(sound), FRAME)]


def _play(arrivals: Sequence[float | None], seconds: float, card: float = 1.0) -> tuple[AudioPlayout, Pcm]:
    """Play packets that arrive so; ``card`` is how fast the sound card's clock runs."""
    playout, played = AudioPlayout(SoundDecoder(1), 1), []
    waiting = sorted((at, n) for n, at in enumerate(arrivals) if at is not None)
    now = 0.0
    while now < seconds:
        while waiting and waiting[0][0] <= now:
            at, number = waiting.pop(0)
            playout.add(number * FRAME, _packets()[number % len(_packets())], at)
        pcm = playout.pull()
        if pcm is not None:
            played.append(pcm)
        now += 0.02 / card
    return playout, np.concatenate(played)


def test_on_a_clean_link_everything_is_played_once_and_soon() -> None:
    playout, played = _play([n * 0.02 + 0.03 for n in range(280)], 5.5)
    assert playout.counts.concealed == 0
    assert playout.counts.buffer_delay_s / playout.counts.emitted < 0.06
    assert np.abs(played).max() > 1000


def test_a_single_loss_is_recovered_from_the_next_packet() -> None:
    playout, played = AudioPlayout(Numbers(), 1), []
    for number in range(60):
        if number != 30:
            playout.add(number * FRAME, b"%d" % (number + 100), number * 0.02)
        pcm = playout.pull()
        played += [] if pcm is None else sorted(set(pcm[:, 0].tolist()))
    assert 130 in played
    assert playout.counts.recovered == FRAME


@pytest.mark.parametrize(("loss", "most"), [(0.02, 0.011), (0.05, 0.022), (0.1, 0.05)])
def test_random_loss_is_mostly_recovered(loss: float, most: float) -> None:
    rng = np.random.default_rng(5)
    arrivals = [n * 0.02 + 0.03 if rng.random() >= loss else None for n in range(1500)]
    playout, _ = _play(arrivals, 29)
    assert playout.counts.concealed / playout.counts.total < most


def test_a_way_that_only_varies_costs_hardly_any_sound() -> None:
    rng, arrivals = np.random.default_rng(4), [0.06]
    for n in range(1, 1500):
        arrivals.append(max(arrivals[-1], n * 0.02 + max(0.0, rng.normal(0.06, 0.02))))
    playout, _ = _play(arrivals, 29)
    assert playout.counts.concealed / playout.counts.total < 0.004
    assert playout.counts.buffer_delay_s / playout.counts.emitted < 0.15


def test_while_packets_are_lost_sound_waits_for_what_is_asked_for_again() -> None:
    rng = np.random.default_rng(5)
    lost = rng.random(1500) < 0.025
    arrivals = [n * 0.02 + (0.11 if lost[n] else 0.03) for n in range(1500)]
    concealed = []
    for repair_s in (0.0, 0.12):
        playout = AudioPlayout(Numbers(), 1)
        playout.repair_s = repair_s
        waiting = sorted((at, n) for n, at in enumerate(arrivals))
        for step in range(1450):
            while waiting and waiting[0][0] <= step * 0.02:
                at, number = waiting.pop(0)
                playout.add(number * FRAME, b"%d" % (number + 100), at)
            playout.pull()
        concealed.append(playout.counts.concealed + playout.counts.recovered)
    assert concealed[1] < 0.3 * concealed[0]


def test_one_lost_packet_costs_no_more_than_itself() -> None:
    arrivals = [n * 0.02 + 0.03 if n not in (100, 101) else None for n in range(280)]
    playout, _ = _play(arrivals, 5.5)
    assert playout.counts.concealed <= 2 * FRAME
    assert playout.level_s < 0.1


def test_the_delay_grows_with_jitter_and_comes_back() -> None:
    rng = np.random.default_rng(2)
    calm = [n * 0.02 + 0.02 for n in range(100)]
    rough = [n * 0.02 + 0.02 + abs(rng.normal(0, 0.04)) for n in range(100, 600)]
    again = [n * 0.02 + 0.02 for n in range(600, 1400)]
    playout, _ = _play(calm + rough, 11.5)
    assert 0.08 < playout.target_s < 0.25
    assert playout.counts.concealed / playout.counts.total < 0.05
    playout, _ = _play(calm + rough + again, 27.5)
    assert playout.level_s < 0.09
    assert playout.counts.removed_for_acceleration > 0


def test_a_stall_delivered_at_once_does_not_stay_as_delay() -> None:
    arrivals = [n * 0.02 + 0.03 if not 100 <= n < 150 else 3.03 for n in range(600)]
    playout, _ = _play(arrivals, 11.5)
    assert playout.level_s < 0.12
    assert playout.counts.concealed / opus.RATE < 1.2


def test_an_outage_ends_with_fresh_sound_within_half_a_second() -> None:
    arrivals = [n * 0.02 + 0.03 if not 100 <= n < 250 else None for n in range(400)]
    playout, _ = _play(arrivals, 5.5)
    assert playout.level_s < 0.2
    assert playout.playing is not None
    assert 5.5 - playout.playing / opus.RATE < 0.5


@pytest.mark.parametrize("card", [0.998, 1.002])
def test_a_sound_card_with_another_clock_is_followed(card: float) -> None:
    playout, _ = _play([n * 0.02 + 0.03 for n in range(3000)], 59, card)
    assert playout.level_s < 0.12
    assert playout.counts.concealed / playout.counts.total < 0.005


def test_a_sender_that_begins_anew_is_heard_at_once() -> None:
    playout = AudioPlayout(Numbers(), 1)
    for number in range(500, 600):
        playout.add(number * FRAME, b"7", number * 0.02)
        playout.pull()
    heard = []
    for number in range(20):
        playout.add(number * FRAME, b"9", 12 + number * 0.02)
        pcm = playout.pull()
        heard.append(pcm is not None and bool((pcm == 9).all()))
    assert all(heard[6:])


@given(st.lists(st.tuples(st.integers(0, 1 << 34), st.binary(max_size=40)), max_size=100))
def test_hostile_sound_is_played_or_dropped_and_never_held_without_bound(
    packets: list[tuple[int, bytes]],
) -> None:
    playout = AudioPlayout(SoundDecoder(2), 2)
    for step, (timestamp, packet) in enumerate(packets):
        playout.add(timestamp, packet, step * 0.02)
        pcm = playout.pull()
        assert pcm is None or pcm.shape == (FRAME, 2)
        assert len(playout._packets) <= MAX_PACKETS
        assert len(playout._ready) < 3 * opus.MAX_PACKET_SAMPLES


def test_the_wait_is_bounded_whatever_the_jitter() -> None:
    delay, rng = AdaptiveDelay(), np.random.default_rng(1)
    for step in range(2000):
        delay.add(step * 0.02, step * 0.02 + rng.uniform(0, 5))
    assert delay.target <= MAX_S


def _tone(period: int) -> Pcm:
    wave = (9000 * np.sin(2 * np.pi * np.arange(2400) / period)).astype(np.int16)
    return np.stack((wave, wave), axis=1)


@pytest.mark.parametrize("period", [160, 240, 400])
def test_stretching_moves_by_whole_periods_without_a_click(period: int) -> None:
    tone = _tone(period)
    for changed in (stretch.compress(tone), stretch.extend(tone)):
        assert changed is not None
        assert abs(len(changed) - len(tone)) % period in (0, 1, period - 1)
        assert 120 <= abs(len(changed) - len(tone)) <= 600
        step = np.abs(np.diff(changed[:, 0].astype(int))).max()
        assert step < 1.1 * np.abs(np.diff(tone[:, 0].astype(int))).max()


def test_noise_is_left_alone_and_silence_is_not() -> None:
    noise = np.random.default_rng(1).normal(0, 5000, (2400, 2)).astype(np.int16)
    assert stretch.compress(noise) is None
    assert stretch.compress(np.zeros((2400, 2), np.int16)) is not None
    assert stretch.compress(np.zeros((100, 2), np.int16)) is None


class Hum(Numbers):
    """A codec that makes up sound for as long as it is asked to."""

    def conceal(self, samples: int) -> Pcm | None:
        return np.full((samples, 1), 1000, np.int16)


def test_what_is_made_up_fades_out_when_nothing_comes() -> None:
    playout = AudioPlayout(Hum(), 1)
    for number in range(10):
        playout.add(number * FRAME, b"%d" % number, number * 0.02)
    played = [pcm for _ in range(60) if (pcm := playout.pull()) is not None]
    made_up = [int(pcm[-1, 0]) for pcm in played[10:]]
    assert made_up[1] == 1000
    assert made_up == sorted(made_up, reverse=True)
    assert not any(made_up[26:])
    playout.add(100 * FRAME, b"7", 2.0)
    again = [pcm for _ in range(5) if (pcm := playout.pull()) is not None]
    assert any(int(pcm[-1, 0]) == 7 for pcm in again)


def test_what_is_sent_again_after_a_gap_does_not_slow_the_speech_down() -> None:
    playout, gap = AudioPlayout(Numbers(), 1), range(100, 130)
    targets = []
    for number in range(300):
        now = number * 0.02
        if number == gap.start:
            before = playout.counts.inserted_for_deceleration
        if number not in gap:
            playout.add(number * FRAME, b"%d" % number, now)
        if number == gap.stop + 5:
            for lost in gap:
                playout.add(lost * FRAME, b"%d" % lost, now, repeated=True)
        playout.pull()
        targets.append(playout.target_s)
    assert max(targets) == targets[0]
    assert playout.counts.inserted_for_deceleration == before
