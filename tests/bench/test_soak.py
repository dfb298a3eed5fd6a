"""What counts as growth in a long call."""

import random

import pytest

from bench import soak
from bench.calls.peer import Cost
from bench.soak import Sample


def _samples(growth_mb_per_hour: float, minutes: int = 30) -> list[Sample]:
    noise = random.Random(3)
    return [
        Sample(
            n / 12,
            Cost(0.3 * n * 5, 200, 150 + growth_mb_per_hour * n / 720 + noise.gauss(0, 2)),
            Cost(0.5 * n * 5, 450, 400),
        )
        for n in range(minutes * 12)
    ]


@pytest.mark.parametrize("growth", [0, 30])
def test_growth_is_seen_through_noise(growth: float) -> None:
    growing, most, cpu = soak.figures(_samples(growth))
    assert growing.value == pytest.approx(growth, abs=3)
    assert growing.peer_value == 0
    assert most.value > 150
    assert cpu.value == pytest.approx(0.3)
    assert cpu.peer_value == pytest.approx(0.5)


def test_one_busy_moment_is_no_growth() -> None:
    times = [n / 12 for n in range(100)]
    assert soak.slope(times, [500.0 if 50 <= n < 55 else 100.0 for n in range(100)]) == 0
