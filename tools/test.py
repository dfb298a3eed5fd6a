"""`python -m tools.test [--only KIND] [-- pytest arguments]`: all tests, or one kind of them.

All tests run in two turns. Virtual machines run beside what needs no other program. Real peers come last
and alone: their tests see and hear what a busy machine does to a call.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tools.tree import ROOT

KINDS = ("unit", "peers", "vm", "fuzz")
BESIDE = "vm"
TURNS = ("unit or fuzz", "peers")


def main(words: list[str]) -> int:
    """Run pytest; its exit code, the first bad one where there are several. Negative: killed by a signal."""
    parser = argparse.ArgumentParser(prog="make test")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("rest", nargs="*")
    options = parser.parse_args(words)
    code = _run(options.only, options.rest) if options.only or options.rest else _run_all()
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        print(f"There are no tests of this kind: {options.only or 'any'}.")
    return code


def _run_all() -> int:
    """Run each turn; what runs beside the first is shown when it has ended."""
    said = ROOT / "build/test" / f"{BESIDE}.txt"
    said.parent.mkdir(parents=True, exist_ok=True)
    with said.open("wb") as output:
        beside = subprocess.Popen(_pytest(BESIDE), cwd=ROOT, stdout=output, stderr=output)
    try:
        first = _run(TURNS[0])
        codes = [first, beside.wait()]
    finally:
        beside.kill()
        beside.wait()
    print(said.read_text(encoding="utf-8", errors="replace"), flush=True)
    codes += [_run(turn) for turn in TURNS[1:]]
    return next((code for code in codes if code), 0)


def _run(chosen: str | None, rest: Sequence[str] = ()) -> int:
    return subprocess.run([*_pytest(chosen), *rest], cwd=ROOT, check=False).returncode


def _pytest(chosen: str | None) -> list[str]:
    results = f"build/test/{(chosen or 'chosen').split()[0]}.xml"
    command = [sys.executable, "-m", "pytest", "--durations=10", f"--junitxml={results}"]
    return [*command, "-m", chosen] if chosen else command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
