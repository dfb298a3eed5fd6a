"""Hostile media: the seeds of a real call, then what a fuzzer makes of them, guided by what they reach.

`FUZZ_SECONDS` is how long each target is fuzzed. A found input is left in `build/fuzz`, and belongs among the
seeds once it is mended.
"""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.media.targets import TARGETS
from tools.tree import ROOT

SEEDS = Path(__file__).with_name("seeds")
SECONDS = int(os.environ.get("FUZZ_SECONDS", "8"))
STARTING_S = 120
MAX_INPUT = 20_000
MEMORY_MB = 1024
ONE_INPUT_S = 10
MUTATIONS = 20
SMALL = ("sh", "-c", 'setpriv --pdeathsig KILL "$@"; exit $?', "small")
"""Linux counts the most memory that a process had before it executed a program as the program's own, and
libFuzzer's limit goes by that: so a small process forks the fuzzer, not pytest, and takes it along."""
MAX_SEED, MAX_SEEDS = 8000, 500_000


def _damaged(seed: bytes, rng: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data))
        what = rng.choice(("byte", "cut", "double", "zeros"))
        if what == "byte":
            data[at] = rng.randrange(256)
        elif what == "cut":
            del data[at : at + rng.randint(1, 40)]
        elif what == "double":
            data[at:at] = data[at : at + rng.randint(1, 200)]
        else:
            data[at : at + 8] = bytes(8)
        data = data or bytearray(1)
    return bytes(data)


def test_every_target_has_seeds_and_they_are_small() -> None:
    assert {folder.name for folder in SEEDS.iterdir()} == set(TARGETS)
    sizes = [seed.stat().st_size for seed in SEEDS.glob("*/*.bin")]
    assert max(sizes) <= MAX_SEED
    assert sum(sizes) <= MAX_SEEDS


@pytest.mark.parametrize("name", TARGETS)
def test_what_a_real_call_carried_stands_and_what_is_near_it(name: str) -> None:
    rng = random.Random(name)
    for path in sorted((SEEDS / name).glob("*.bin")):
        seed = path.read_bytes()
        TARGETS[name](seed)
        for _ in range(MUTATIONS):
            TARGETS[name](_damaged(seed, rng))


def test_the_limit_counts_the_fuzzers_own_memory() -> None:
    ours = bytearray(os.urandom(1024)) * (200 * 1024)
    program = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    told = subprocess.run([*SMALL, sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert int(told) * 1024 < len(ours)


@pytest.mark.timeout(SECONDS + 2 * STARTING_S)
@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_coverage_leads_to_is_a_fault(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="atheris has wheels for x86-64 only")
    found = ROOT / "build" / "fuzz"
    found.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(*SMALL, sys.executable, "-m", "tests.fuzz.media", name, str(tmp_path), str(SEEDS / name)),
            *(f"-max_total_time={SECONDS}", f"-timeout={ONE_INPUT_S}", f"-rss_limit_mb={MEMORY_MB}"),
            *(f"-max_len={MAX_INPUT}", "-seed=7", f"-artifact_prefix={found}/{name}-"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS + STARTING_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
