"""What is begun ahead runs beside other work, and says what came of it when it is asked."""

from __future__ import annotations

import threading

import pytest

from tests.vm.ahead import AT_ONCE, Ahead

PATIENCE_S = 60.0


def test_as_much_runs_at_once_as_there_is_room() -> None:
    together = threading.Barrier(AT_ONCE)

    def works() -> None:
        together.wait(PATIENCE_S)

    with Ahead({str(number): works for number in range(AT_ONCE)}) as ahead:
        for number in range(AT_ONCE):
            ahead.result(str(number))


def test_what_it_raised_is_raised_where_it_is_asked_and_nowhere_else() -> None:
    def fails() -> None:
        raise LookupError("as it was meant")

    with Ahead({"bad": fails, "good": lambda: None}) as ahead:
        ahead.result("good")
        with pytest.raises(LookupError, match="as it was meant"):
            ahead.result("bad")
