"""Whatever happens to disk, network and process: no report is acknowledged that the fleet has not committed,
none is committed twice, and what is missing in the end was counted as given up.
"""

import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fleet.ingest.marks import Mark, skip, take
from kit.health.outbox import Outbox
from kit.health.store import Limits, Row
from tests.kit.health.folders import QUICK

ON_DISK = Limits(reports=12, body_bytes=4_000)
IN_MEMORY = Limits(reports=5, body_bytes=2_000)


class Fleet:
    """What ingest does with a stream: marks, and each new body committed once."""

    def __init__(self) -> None:
        self.marks: dict[str, Mark] = defaultdict(Mark)
        self.committed: Counter[bytes] = Counter()
        self.lost = 0

    def receive(self, row: Row) -> None:
        mark, lost = skip(self.marks[row.stream], min(row.oldest, row.seq))
        self.lost += lost
        taken = take(mark, row.seq)
        if taken is not None:
            self.committed[row.body] += 1
        self.marks[row.stream] = taken or mark


class Reports(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=QUICK))
        self.lives = 0
        self.counts: Counter[str] = Counter()
        self.fleet = Fleet()
        self.all: list[bytes] = []
        self.died_in_memory: set[bytes] = set()
        self.outbox = self.opened(self.folder / "0.db")

    def opened(self, path: Path) -> Outbox:
        return Outbox(path, on_disk=ON_DISK, in_memory=IN_MEMORY, count=self.count)

    def count(self, code: str, times: int) -> None:
        self.counts[code] += times

    def held(self) -> list[Row]:
        disk = self.outbox._disk.rows() if self.outbox._disk else []
        return disk + self.outbox._memory.rows()

    @rule(expendable=st.booleans(), size=st.sampled_from([20, 20, 20, 900]))
    def append(self, expendable: bool, size: int) -> None:
        body = f"{len(self.all)}".encode().ljust(size, b" ")
        self.all.append(body)
        self.outbox.append(len(self.all), body, expendable=expendable)

    @rule(arrives=st.lists(st.booleans(), min_size=1, max_size=8))
    def send(self, arrives: list[bool]) -> None:
        """The network loses some."""
        for row, arrived in zip(self.outbox.pending(len(arrives)), arrives, strict=False):
            if arrived:
                self.fleet.receive(row)

    @rule()
    def acknowledge(self) -> None:
        for stream, mark in self.fleet.marks.items():
            self.outbox.acknowledge(stream, mark.contiguous)

    @rule()
    def an_old_acknowledgement_comes_late(self) -> None:
        for stream in self.fleet.marks:
            self.outbox.acknowledge(stream, 1 if self.fleet.marks[stream].contiguous else 0)

    @precondition(lambda self: self.outbox._disk is not None)
    @rule()
    def the_disk_fills_up(self) -> None:
        database = self.outbox._disk._database  # type: ignore[union-attr]
        pages = database.execute("PRAGMA page_count").fetchone()[0]
        database.execute(f"PRAGMA max_page_count = {pages}")

    @precondition(lambda self: self.outbox._disk is not None)
    @rule()
    def the_disk_refuses_everything(self) -> None:
        self.outbox._disk._database.execute("PRAGMA query_only = ON")  # type: ignore[union-attr]

    @rule()
    def the_disk_has_room_again(self) -> None:
        if self.outbox._disk is not None:
            self.outbox._disk._database.execute("PRAGMA query_only = OFF")
            self.outbox._disk._database.execute("PRAGMA max_page_count = 100000")
        self.outbox.mend()

    @rule()
    def the_process_is_killed(self) -> None:
        """The files as the kernel has them are all that the next life finds."""
        self.died_in_memory |= {row.body for row in self.outbox._memory.rows()}
        before = self.folder / f"{self.lives}.db"
        self.lives += 1
        after = self.folder / f"{self.lives}.db"
        for suffix in ("", "-wal"):
            source = before.with_name(before.name + suffix)
            if source.exists():
                shutil.copyfile(source, after.with_name(after.name + suffix))
        self.outbox.close()
        self.outbox = self.opened(after)

    @invariant()
    def what_is_acknowledged_is_committed(self) -> None:
        for row in self.held():
            if row.seq <= self.fleet.marks[row.stream].contiguous:
                assert self.fleet.committed[row.body] == 1

    @invariant()
    def numbers_are_never_reused(self) -> None:
        numbers = Counter((row.stream, row.seq) for row in self.held())
        assert not numbers or max(numbers.values()) == 1

    @invariant()
    def limits_hold(self) -> None:
        disk = self.outbox._disk
        assert disk is None or disk.count <= ON_DISK.reports
        assert self.outbox._memory.count <= IN_MEMORY.reports
        assert self.outbox.depth == len(self.held())

    def teardown(self) -> None:
        self.the_disk_has_room_again()
        for _ in range(100):
            rows = self.outbox.pending(7)
            for row in rows:
                self.fleet.receive(row)
            self.acknowledge()
            if not rows:
                break
        assert self.outbox.depth == 0
        assert not self.outbox.refused
        assert all(times == 1 for times in self.fleet.committed.values())
        missing = set(self.all) - set(self.fleet.committed) - self.died_in_memory
        assert len(missing) <= self.counts["outbox_given_up"]
        assert self.fleet.lost <= self.counts["outbox_given_up"]
        self.outbox.close()
        shutil.rmtree(self.folder)


TestReports = Reports.TestCase
