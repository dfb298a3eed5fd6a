"""What the demo tells the person in front of it: what it does, how far it has come, what went wrong."""

from __future__ import annotations

import sys
import time

from demo.supervisor import ServiceFailed


class Progress:
    """Numbered lines on standard output."""

    def __init__(self, total: int) -> None:
        """``total`` is how many lines there will be."""
        self._total = total
        self._count = 0
        self._began = time.monotonic()

    def done(self, what: str) -> None:
        """One more part is ready."""
        self._count += 1
        seconds = time.monotonic() - self._began
        print(f"  [{self._count:2}/{self._total}] {seconds:5.1f} s  {what}", flush=True)


def headline(text: str) -> None:
    """Begin a part of the output."""
    print(f"\n{text}", flush=True)


def explain(failure: ServiceFailed) -> None:
    """Say in plain words which part did not come up, with the end of its log."""
    print(f"\nThe demo ends here: {failure}.", file=sys.stderr)
    if failure.log:
        print(f"The last lines of {failure.name}.log:", file=sys.stderr)
        for line in failure.log.splitlines():
            print(f"    {line}", file=sys.stderr)
    sys.stderr.flush()
