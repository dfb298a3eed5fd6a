from pathlib import Path

from demo.fleet import OUTBOX, Counted, Numbered, Stream, count, numbered
from kit.health.store import Limits, Store


def fleet_has(stream: str, contiguous: int, **more: int) -> Stream:
    counts = {"committed": contiguous, "lost": 0, "dropped": 0, "refused": 0, **more}
    return Stream(kit="kit-0001", stream=stream, contiguous=contiguous, **counts)


def kit_says(stream: str, last: int, *held: int) -> Numbered:
    return Numbered(stream=stream, last=last, held=frozenset(held))


def test_what_both_sides_know_is_not_lost() -> None:
    assert count([fleet_has("a", 7)], [kit_says("a", 7)]) == Counted(7, 0)


def test_what_the_kit_still_holds_is_not_lost() -> None:
    assert count([fleet_has("a", 5)], [kit_says("a", 8, 6, 7, 8)]) == Counted(5, 0)


def test_a_number_that_nobody_has_is_lost() -> None:
    assert count([fleet_has("a", 5)], [kit_says("a", 8, 7)]) == Counted(5, 2)


def test_a_stream_that_the_fleet_never_heard_of_counts() -> None:
    assert count([], [kit_says("a", 3, 3)]) == Counted(0, 2)


def test_what_the_fleet_itself_misses_counts() -> None:
    streams = [fleet_has("a", 9, committed=6, lost=1, dropped=1, refused=1), fleet_has("b", 4)]
    assert count(streams, [kit_says("a", 9), kit_says("b", 4)]) == Counted(10, 3)


def test_the_kits_own_outbox_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path / OUTBOX, Limits(reports=10, body_bytes=1000))
    for at in range(5):
        store.append(at, b"{}", expendable=True)
    stream = store.pending(1)[0].stream
    store.acknowledge(stream, 3)
    store.close()
    assert numbered(tmp_path) == [Numbered(stream=stream, last=5, held=frozenset({4, 5}))]
