"""Received sound by the card's clock: what the listener hears when packets are late, lost or too many."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kit.media.level import BLOCK, Block, dbfs, silence
from kit.media.playout import MOST, TARGET, Playout


def block(value: int) -> Block:
    return np.full(BLOCK, value, np.int16)


def push(playout: Playout, number: int, value: int = 1000) -> None:
    playout.push(number * BLOCK, block(value))


def test_play_begins_when_enough_is_there_and_then_gives_what_came() -> None:
    playout = Playout()
    push(playout, 0, 1000)
    assert not playout.pull().any()
    push(playout, 1, 2000)
    assert playout.pull()[-1] == 1000
    assert (playout.pull() == 2000).all()


def test_one_lost_packet_costs_twenty_milliseconds_and_keeps_the_rest_in_time() -> None:
    playout = Playout()
    heard = []
    for number in range(100):
        if number != 50:
            push(playout, number, 1 + number)
        heard.append(playout.pull())
    assert all((heard[value] == value).all() for value in (*range(2, 51), *range(52, 100)))
    assert dbfs(heard[52]) > dbfs(heard[51]) > -120
    assert playout.concealed_samples == BLOCK


def test_what_is_missing_fades_out_and_ends() -> None:
    playout = Playout()
    for number in range(TARGET):
        push(playout, number, 8000)
    levels = [dbfs(playout.pull()) for _ in range(8)]
    fading = levels[TARGET : TARGET + 4]
    assert fading == sorted(fading, reverse=True)
    assert levels[-1] == -120


def test_a_stall_is_concealed_while_it_lasts_and_silence_is_not_counted_for_ever() -> None:
    playout = Playout()
    for number in range(TARGET):
        push(playout, number)
    for _ in range(1000):
        playout.pull()
    assert playout.concealed_samples < 51 * BLOCK


def test_a_burst_is_played_faster_until_the_delay_is_small_again() -> None:
    playout = Playout()
    for number in range(TARGET):
        push(playout, number)
    playout.pull()
    for number in range(TARGET, 40):
        push(playout, number)
    assert playout.delay_ms == MOST * 20
    for number in range(40, 240):
        push(playout, number)
        playout.pull()
    assert playout.delay_ms <= (TARGET + 1) * 20
    assert playout.concealed_samples == 0


def test_what_came_before_the_speaker_was_open_does_not_delay_the_call() -> None:
    playout = Playout()
    for number in range(60):
        push(playout, number, number)
    assert playout.pull()[-1] == 60 - TARGET
    assert playout.delay_ms == (TARGET - 1) * 20


def test_late_and_doubled_packets_are_dropped() -> None:
    playout = Playout()
    for number in (0, 1, 1, 0):
        push(playout, number, number + 1)
    assert int(playout.pull()[-1]) == 1
    push(playout, 2, 3)
    push(playout, 1, 9)
    assert [int(playout.pull()[-1]) for _ in range(2)] == [2, 3]


def test_nothing_of_a_former_call_is_heard_after_clear() -> None:
    playout = Playout()
    for number in range(5):
        push(playout, number, 9000)
    playout.pull()
    playout.clear()
    assert all(not playout.pull().any() for _ in range(5))
    push(playout, 10_000, 7)
    push(playout, 10_001, 7)
    playout.pull()
    assert (playout.pull() == 7).all()


@given(st.lists(st.tuples(st.booleans(), st.integers(-200_000, 2**32), st.integers(0, 3000)), max_size=120))
def test_whatever_comes_memory_is_bounded_and_each_pull_gives_a_block(
    steps: list[tuple[bool, int, int]],
) -> None:
    playout = Playout()
    for pulls, rtp_time, count in steps:
        if pulls:
            assert playout.pull().shape == silence().shape
        else:
            playout.push(rtp_time, np.zeros(count, np.int16))
        assert playout.delay_ms <= MOST * 20
    assert playout.concealed_samples >= 0
