"""What calls leave is given back, but never while somebody joins."""

import asyncio
import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from kit.media.leftovers import Leftovers, set_aside

_MB = """
def mb():
    status = open("/proc/self/status").read().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
"""

_FRAGMENTED = f"""
from kit.media.leftovers import clear
{_MB}
blocks = [bytes(2000) for _ in range(50_000)]
kept = blocks[-1]
blocks.clear()
before = mb()
clear()
print(before - mb())
"""

_REOPENED = f"""
import sys
from kit.media.leftovers import configure_heap
{_MB}
if sys.argv[1] == "configured":
    configure_heap()
# The first that is freed is the one from which glibc learns.
del [b"x" * 4_000_000][0]
large = [b"x" * 4_000_000 for _ in range(10)]
kept = [b"y" * 2000 for _ in range(1000)]
before = mb()
large.clear()
print(before - mb())
"""

_HEAPS = """
import ctypes, sys, threading
from kit.media.leftovers import configure_heap

if sys.argv[1] == "one":
    configure_heap()
barrier = threading.Barrier(4)

def take():
    kept = [bytearray(2000) for _ in range(1000)]
    barrier.wait()

threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


class Leg:
    """Points at itself, as a peer connection and its transports do."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def python_never_looks_by_itself() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


async def _gone(leg: "weakref.ref[Leg]") -> None:
    async with asyncio.timeout(10):
        while leg() is not None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_what_a_call_left_is_freed_soon_after() -> None:
    leg = weakref.ref(Leg())
    assert leg() is not None
    Leftovers(0.01).clear_soon()
    await _gone(leg)


async def test_nothing_is_looked_for_while_somebody_is_in_a_call() -> None:
    leftovers, leg = Leftovers(0.01), weakref.ref(Leg())
    leftovers.clear_soon()
    leftovers.clear_soon()
    leftovers.leave()
    await asyncio.sleep(0.1)
    assert leg() is not None
    leftovers.clear_soon()
    await _gone(leg)


def test_what_lasts_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    set_aside()
    assert gc.get_freeze_count() > before + 10_000
    leg = weakref.ref(Leg())
    gc.collect()
    assert leg() is None


def test_memory_below_a_block_in_use_goes_back_to_the_system() -> None:
    run = subprocess.run([sys.executable, "-c", _FRAGMENTED], capture_output=True, check=True, timeout=60)
    assert float(run.stdout) > 50


@pytest.mark.parametrize(("how", "least", "most"), [("by itself", -1, 8), ("configured", 35, 45)])
def test_what_a_closed_encoder_held_goes_back_at_once(how: str, least: float, most: float) -> None:
    run = subprocess.run([sys.executable, "-c", _REOPENED, how], capture_output=True, check=True, timeout=60)
    assert least < float(run.stdout) < most


@pytest.mark.parametrize(("how", "one"), [("each", False), ("one", True)])
def test_all_threads_take_memory_from_one_heap(how: str, one: bool) -> None:
    run = subprocess.run([sys.executable, "-c", _HEAPS, how], capture_output=True, check=True, timeout=60)
    assert (run.stdout.count(b"<heap nr=") == 1) is one
