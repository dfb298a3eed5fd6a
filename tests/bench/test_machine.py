"""A call from which the host took the processor is no measurement."""

import asyncio

import pytest

from bench import call
from bench.calls import machine
from bench.calls.call import Outcome
from bench.calls.machine import Times
from bench.calls.peer import Cost, Report
from bench.calls.relay import Account

REPORT = Report(pictures=[], walls=[], sound=b"", change={}, begun=0, ended=30, state="connected")


def _outcome(stolen: float) -> Outcome:
    return Outcome(REPORT, REPORT, Account([], [], 0, 0, 0.0), Cost(1, 1, 1), stolen)


def _held(*calls: float | Exception) -> float:
    """Hold a call that goes like this, one after the other; return how disturbed the one that counts was."""
    waiting = list(calls)

    async def once() -> Outcome:
        going = waiting.pop(0)
        if isinstance(going, Exception):
            raise going
        return _outcome(going)

    counts = asyncio.run(call.undisturbed(once)).stolen_ratio
    assert not waiting
    return counts


def test_what_was_stolen_is_a_share_of_the_time_of_all_cores() -> None:
    assert machine.stolen_ratio(Times(100.0, 5.0), Times(180.0, 25.0)) == 0.25
    assert machine.stolen_ratio(Times(100.0, 5.0), Times(100.0, 5.0)) == 0.0
    before = machine.times()
    assert 0 <= before.stolen < before.all


def test_a_call_with_the_processor_to_itself_counts() -> None:
    assert _held(0.02) == 0.02


def test_a_disturbed_call_is_held_again_until_one_is_not() -> None:
    assert _held(0.4, 0.05) == 0.05


def test_of_disturbed_calls_only_the_least_disturbed_one_counts() -> None:
    assert _held(0.4, 0.2, 0.3) == 0.2


def test_a_peer_that_does_not_start_is_started_again() -> None:
    assert _held(TimeoutError(), 0.0) == 0.0
    assert _held(0.4, TimeoutError(), TimeoutError()) == 0.4
    with pytest.raises(TimeoutError):
        _held(TimeoutError(), TimeoutError(), TimeoutError())
