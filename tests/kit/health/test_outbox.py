"""What the outbox promises, case by case."""

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from kit.health.outbox import Outbox
from kit.health.store import Limits, Row, Store

ROOMY = Limits(reports=100, body_bytes=10_000)
KILLED = """
import sys
from pathlib import Path
from kit.health.store import Limits, Store
store = Store(Path(sys.argv[1]), Limits(reports=10_000, body_bytes=10_000_000))
number = store.count
while True:
    number += 1
    store.append(number, b"%d" % number, expendable=True)
    print(number, flush=True)
"""


def bodies(rows: list[Row]) -> list[bytes]:
    return [row.body for row in rows]


def numbers(rows: list[Row]) -> list[int]:
    return [row.seq for row in rows]


def fill(store: Store | Outbox, *expendable: bool) -> None:
    for place, each in enumerate(expendable):
        store.append(place, b"%d" % place, expendable=each)


def fill_disk(outbox: Outbox) -> None:
    """SQLite's own limit of pages is a disk without room."""
    assert outbox._disk is not None
    database = outbox._disk._database
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    outbox.append(99, b"x" * 9000, expendable=False)
    assert outbox.refused


def make_room(outbox: Outbox) -> None:
    assert outbox._disk is not None
    outbox._disk._database.execute("PRAGMA max_page_count = 100000")
    outbox.mend()
    assert not outbox.refused


def test_reports_come_back_in_order_until_they_are_acknowledged(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    fill(outbox, True, False, True)
    rows = outbox.pending(10)
    assert bodies(rows) == [b"0", b"1", b"2"]
    assert numbers(rows) == [1, 2, 3]
    outbox.acknowledge(rows[0].stream, 2)
    assert numbers(outbox.pending(10)) == [3]
    assert outbox.depth == 1


def test_numbers_go_on_after_everything_was_acknowledged_and_the_kit_restarted(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    fill(outbox, True, True)
    stream = outbox.pending(1)[0].stream
    outbox.acknowledge(stream, 2)
    outbox.close()
    again = Outbox(tmp_path / "outbox.db")
    fill(again, True)
    assert [(row.stream, row.seq, row.oldest) for row in again.pending(10)] == [(stream, 3, 3)]


def test_what_was_appended_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    promised = 0
    for _ in range(2):
        writer = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        for _ in range(40):
            promised = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        promised = max([promised, *(int(line) for line in writer.stdout.read().split(b"\n")[:-1])])
        writer.wait()
        writer.stdout.close()
        store = Store(path, Limits(reports=10_000, body_bytes=10_000_000))
        rows = store.rows()
        store.close()
        assert numbers(rows) == list(range(1, len(rows) + 1))
        assert bodies(rows) == [b"%d" % number for number in numbers(rows)]
        assert promised <= len(rows) <= promised + 1


def test_the_oldest_health_goes_first_and_a_fault_never_for_health(tmp_path: Path) -> None:
    given_up: Counter[str] = Counter()
    outbox = Outbox(
        tmp_path / "outbox.db",
        on_disk=Limits(reports=4, body_bytes=10_000),
        count=lambda code, times: given_up.update({code: times}),
    )
    fill(outbox, True, False, True, True, True, False, True)
    assert outbox.depth == 4
    assert outbox.full
    assert given_up == {"outbox_given_up": 3}
    stream = outbox.pending(1)[0].stream
    sent = outbox.pending(10)
    assert [(row.seq, row.oldest) for row in sent] == [(2, 2)]
    outbox.acknowledge(stream, 2)
    assert not outbox.full
    assert [(row.seq, row.oldest) for row in outbox.pending(10)] == [(5, 5), (6, 5), (7, 5)]


def test_with_nothing_but_faults_the_oldest_goes(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db", on_disk=Limits(reports=2, body_bytes=10_000))
    fill(outbox, False, False, False)
    assert numbers(outbox.pending(10)) == [2, 3]


def test_health_does_not_push_out_faults_even_when_only_faults_are_there(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db", on_disk=Limits(reports=2, body_bytes=10_000))
    fill(outbox, False, False, True)
    assert numbers(outbox.pending(10)) == [1, 2]


def test_the_limit_in_bytes_holds_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "outbox.db", Limits(reports=100, body_bytes=250))
    for place in range(5):
        store.append(place, b"x" * 100, expendable=True)
    assert numbers(store.rows()) == [4, 5]
    store.acknowledge(store.rows()[0].stream, 4)
    store.append(9, b"x" * 100, expendable=True)
    assert numbers(store.rows()) == [5, 6]


def test_a_report_that_cannot_be_sent_is_replaced_under_its_own_number(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    fill(outbox, True, False)
    row = outbox.pending(1)[0]
    outbox.replace(row.stream, row.seq, b"instead")
    assert [(row.seq, row.body) for row in outbox.pending(10)] == [(1, b"instead"), (2, b"1")]


def test_while_another_process_holds_the_disk_reports_wait_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    other = Store(path, ROOMY)
    outbox = Outbox(path)
    assert outbox.refused
    fill(outbox, True, False)
    assert bodies(outbox.pending(10)) == [b"0", b"1"]
    other.close()
    outbox.append(2, b"2", expendable=True)
    assert not outbox.refused
    streams = {row.stream for row in outbox.pending(10)}
    assert len(streams) == 2
    outbox.close()
    assert sorted(bodies(Outbox(path).pending(10))) == [b"0", b"1", b"2"]


def test_each_time_the_disk_refuses_a_new_stream_begins(tmp_path: Path) -> None:
    """Else a number from memory would declare those before it, which are on disk, as gone."""
    outbox = Outbox(tmp_path / "outbox.db")
    for _ in range(2):
        fill_disk(outbox)
        fill(outbox, True)
        make_room(outbox)
    rows = outbox.pending(10)
    assert len({row.stream for row in rows}) == 2
    assert [(row.seq, row.oldest) for row in rows] == [(1, 1), (2, 1), (1, 1), (2, 1)]


def test_what_is_acknowledged_while_the_disk_refuses_is_not_sent_again(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)
    fill(outbox, True, True, True)
    stream = outbox.pending(1)[0].stream
    fill_disk(outbox)
    outbox.acknowledge(stream, 2)
    assert bodies(outbox.pending(1)) == [b"2"]
    make_room(outbox)
    outbox.close()
    assert bodies(Outbox(path).pending(1)) == [b"2"]


def test_a_disk_that_turned_read_only_is_opened_anew(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.db")
    assert outbox._disk is not None
    outbox._disk._database.execute("PRAGMA query_only = ON")
    fill(outbox, True)
    assert outbox.refused
    fill(outbox, True)
    assert not outbox.refused
    assert outbox.depth == 2


def test_a_damaged_file_is_replaced_and_what_can_be_read_is_saved(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    outbox = Outbox(path)
    for place in range(200):
        outbox.append(place, b"%d" % place * 100, expendable=False)
    stream = outbox.pending(1)[0].stream
    outbox.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 5000)
    given_up: Counter[str] = Counter()
    again = Outbox(path, count=lambda code, times: given_up.update({code: times}))
    assert given_up["outbox_damaged"] == 1
    assert not again.refused
    saved = again.pending(1000)
    assert saved
    assert {row.stream for row in saved} == {stream}
    again.append(1, b"new", expendable=False)
    assert again.pending(1000)[-1].stream != stream or again.depth > len(saved)


def test_a_file_that_is_no_database_costs_nothing_but_a_count(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"\x00rubbish" * 500)
    outbox = Outbox(path)
    fill(outbox, True)
    assert not outbox.refused
    assert bodies(outbox.pending(10)) == [b"0"]


@pytest.mark.parametrize("obstacle", ["folder", "file in the way"])
def test_a_disk_that_cannot_be_opened_is_a_state_not_an_error(tmp_path: Path, obstacle: str) -> None:
    path = tmp_path / "data" / "outbox.db"
    if obstacle == "folder":
        path.mkdir(parents=True)
    else:
        path.parent.write_bytes(b"")
    outbox = Outbox(path)
    fill(outbox, True)
    assert outbox.refused
    assert bodies(outbox.pending(10)) == [b"0"]
    path.rmdir() if obstacle == "folder" else path.parent.unlink()
    outbox.mend()
    assert not outbox.refused
    outbox.close()
    assert bodies(Outbox(path).pending(10)) == [b"0"]


def test_a_transaction_that_fails_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "outbox.db", ROOMY)
    fill(store, True)
    store._database.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError):
        store.append(1, b"x", expendable=True)
    store._database.execute("PRAGMA query_only = OFF")
    assert store.count == 1
    store.append(1, b"y", expendable=True)
    assert numbers(store.rows()) == [1, 2]
