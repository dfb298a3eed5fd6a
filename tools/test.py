"""`python -m tools.test [--only KIND] [-- pytest arguments]`: all tests, or one kind of them."""

import argparse
import subprocess
import sys

import pytest

from tools.tree import ROOT

KINDS = ("unit", "peers", "vm", "fuzz")


def main(words: list[str]) -> int:
    """Run pytest; its exit code."""
    parser = argparse.ArgumentParser(prog="make test")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("rest", nargs="*")
    options = parser.parse_args(words)
    chosen = ["-m", options.only] if options.only else []
    command = [sys.executable, "-m", "pytest", "--durations=10", "--junitxml=build/test/results.xml"]
    code = subprocess.run([*command, *chosen, *options.rest], cwd=ROOT, check=False).returncode
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        print(f"There are no tests of this kind: {options.only or 'any'}.")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
