import asyncio
import subprocess
import sys

import psutil
import pytest

from demo.costs import Costs
from demo.ready import until

BUSY = (
    "import time; t = time.process_time()\n"
    "while time.process_time() - t < {}: pass\n"
    "print('done', flush=True); time.sleep(60)"
)


def burn(seconds: float) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", BUSY.format(seconds)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_restart_does_not_forget_what_was_used() -> None:
    now: list[subprocess.Popen[bytes]] = []
    costs = Costs({"engine": lambda: now[-1].pid if now else None})
    mark = costs.mark()
    for seconds in (0.3, 0.2):
        now.append(burn(seconds))
        costs.sample()
        end(now[-1])
    used = costs.cpu_per_second_since(mark)["engine"]
    # Clock ticks are 10 ms; starting the interpreter costs too.
    assert used > 0
    total = costs.mark().cpu_s["engine"]
    assert 0.45 < total < 1.5


def test_children_count() -> None:
    program = f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {BUSY.format(0.3)!r}])"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    costs = Costs({"browser": lambda: process.pid})
    costs.sample()
    assert costs.mark().cpu_s["browser"] > 0.29
    assert costs.peak_rss_mb()["browser"] > 10
    for child in psutil.Process(process.pid).children():
        child.kill()
    end(process)


def test_a_process_that_is_down_costs_nothing() -> None:
    costs = Costs({"engine": lambda: None})
    mark = costs.mark()
    assert costs.cpu_per_second_since(mark) == {"engine": 0.0}
    assert costs.peak_rss_mb() == {"engine": 0.0}


async def test_sampling_goes_on_until_it_is_cancelled() -> None:
    process = burn(0.05)
    costs = Costs({"a": lambda: process.pid})
    sampling = asyncio.create_task(costs.run())

    async def sampled() -> bool:
        return costs.peak_rss_mb()["a"] > 1

    await until(sampled, 5, "a sample")
    sampling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sampling
    end(process)
