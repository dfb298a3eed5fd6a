"""Whatever the disk did to the outbox's file: it opens, works, and gives back no report twice."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kit.health.outbox import Outbox
from tests.kit.health.folders import QUICK

REPORTS = 60


def written() -> bytes:
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        path = Path(folder) / "outbox.db"
        outbox = Outbox(path)
        for number in range(REPORTS):
            outbox.append(number, b"%d" % number * 120, expendable=number % 3 == 0)
        outbox.acknowledge(outbox.pending(1)[0].stream, 5)
        outbox.close()
        return path.read_bytes()


WHOLE = written()
places = st.integers(0, len(WHOLE) - 1)
wounds = st.lists(st.tuples(places, st.binary(min_size=1, max_size=600)), min_size=1, max_size=6)


def check(data: bytes) -> None:
    with tempfile.TemporaryDirectory(dir=QUICK) as folder:
        path = Path(folder) / "outbox.db"
        path.write_bytes(data)
        outbox = Outbox(path)
        outbox.append(1, b"after", expendable=False)
        rows = outbox.pending(10_000)
        assert max(Counter((row.stream, row.seq) for row in rows).values()) == 1
        assert sum(row.body == b"after" for row in rows) == 1
        for row in rows:
            outbox.acknowledge(row.stream, row.seq)
        outbox.append(2, b"later", expendable=False)
        assert any(row.body == b"later" for row in outbox.pending(10_000))
        outbox.close()


@given(wounds)
def test_bytes_written_over(wounds: list[tuple[int, bytes]]) -> None:
    data = bytearray(WHOLE)
    for place, rubbish in wounds:
        data[place : place + len(rubbish)] = rubbish
    check(bytes(data))


@given(places)
def test_the_end_cut_off(end: int) -> None:
    check(WHOLE[:end])


@given(st.binary(max_size=2000))
def test_anything_else_in_its_place(data: bytes) -> None:
    check(data)
