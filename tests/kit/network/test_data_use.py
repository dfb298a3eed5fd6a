"""A month's data, counted over restarts, other interfaces, wrong clocks and damaged files."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.network.data_use import (
    FILE,
    MOST_COUNTERS,
    SAVE_AFTER_S,
    SAVE_BYTES,
    STOCKHOLM,
    DataUse,
    Use,
    counted,
    month_of,
    read_counters,
)

NOVEMBER = datetime(2026, 11, 21, 12, tzinfo=STOCKHOLM).timestamp()
BOOT = "11111111-2222-3333-4444-555555555555"


class Machine:
    """The files of a kit with mobile interfaces."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.wall = NOVEMBER
        self.start(BOOT)

    def start(self, boot: str) -> None:
        file = self.root / "proc/sys/kernel/random/boot_id"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{boot}\n")

    def interface(self, name: str, index: int, rx: int, tx: int, uevent: str = "", kind: int = 1) -> None:
        folder = self.root / "sys/class/net" / name
        (folder / "statistics").mkdir(parents=True, exist_ok=True)
        for file, content in {
            "ifindex": index,
            "type": kind,
            "uevent": uevent,
            "statistics/rx_bytes": rx,
            "statistics/tx_bytes": tx,
        }.items():
            (folder / file).write_text(f"{content}\n")

    def counting(self) -> DataUse:
        return DataUse(self.root / "state", lambda: self.wall, self.root)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_is_a_modems_is_counted_both_ways_and_nothing_else(machine: Machine) -> None:
    machine.interface("eth0", 2, 10_000, 10_000)
    machine.interface("wlan0", 3, 10_000, 10_000, uevent="DEVTYPE=wlan")
    machine.interface("wwan0", 4, 100, 20, uevent="INTERFACE=wwan0\nDEVTYPE=wwan")
    machine.interface("ppp0", 5, 3, 0, kind=512)
    machine.interface("usb0", 6, 4000, 0)
    assert sum(read_counters(machine.root).values()) == 123
    assert machine.counting().look("usb0") == 4123


def test_a_restart_of_the_agent_and_one_of_the_machine_lose_nothing(machine: Machine) -> None:
    machine.interface("wwan0", 4, 1000, 0, uevent="DEVTYPE=wwan")
    first = machine.counting()
    assert first.look() == 1000
    first.save()
    machine.interface("wwan0", 4, 1500, 0, uevent="DEVTYPE=wwan")
    second = machine.counting()
    assert second.look() == 1500
    second.save()
    machine.start(BOOT.replace("1", "9"))
    machine.interface("wwan0", 4, 1600, 0, uevent="DEVTYPE=wwan")
    assert machine.counting().look() == 3100


def test_an_interface_that_is_made_anew_begins_at_0(machine: Machine) -> None:
    machine.interface("ppp0", 4, 1000, 0, kind=512)
    counting = machine.counting()
    counting.look()
    machine.interface("ppp0", 5, 1200, 0, kind=512)
    assert counting.look() == 2200


def test_a_new_month_begins_at_0_in_swedish_time(machine: Machine) -> None:
    machine.interface("wwan0", 4, 1000, 0, uevent="DEVTYPE=wwan")
    counting = machine.counting()
    machine.wall = datetime(2026, 11, 30, 23, 59, 59, tzinfo=STOCKHOLM).timestamp()
    assert counting.look() == 1000
    machine.wall += 2
    machine.interface("wwan0", 4, 1010, 0, uevent="DEVTYPE=wwan")
    assert counting.look() == 10


def test_a_clock_that_is_set_back_over_the_turn_finds_the_old_month_again(machine: Machine) -> None:
    machine.interface("wwan0", 4, 1000, 0, uevent="DEVTYPE=wwan")
    counting = machine.counting()
    counting.look()
    machine.wall += 20 * 86_400
    counting.look()
    machine.wall -= 20 * 86_400
    assert counting.look() == 1000


def test_without_a_clock_nothing_is_told_and_nothing_lost(machine: Machine) -> None:
    machine.wall = 60.0
    machine.interface("wwan0", 4, 1000, 0, uevent="DEVTYPE=wwan")
    counting = machine.counting()
    assert counting.look() == 0
    machine.wall = NOVEMBER
    assert counting.look() == 1000


def test_the_disk_is_written_only_when_there_is_reason(machine: Machine) -> None:
    counting = machine.counting()
    file = machine.root / "state" / FILE
    used = 0
    writes = 0
    for _ in range(40):
        used += SAVE_BYTES // 10
        machine.interface("wwan0", 4, used, 0, uevent="DEVTYPE=wwan")
        before = file.read_bytes() if file.exists() else b""
        counting.look()
        writes += file.read_bytes() != before
    assert writes == 4, "once for the new month, then for each full 50 MB"
    machine.wall += SAVE_AFTER_S
    machine.interface("wwan0", 4, used + 1, 0, uevent="DEVTYPE=wwan")
    counting.look()
    assert str(used + 1).encode() in file.read_bytes()


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"months":{"x":1}}', b'{"months":{"2026-11":-1}}', b"\xff" * 4096]
)
def test_a_damaged_file_begins_anew(machine: Machine, damage: bytes) -> None:
    (machine.root / "state").mkdir()
    (machine.root / "state" / FILE).write_bytes(damage)
    machine.interface("wwan0", 4, 7, 0, uevent="DEVTYPE=wwan")
    assert machine.counting().look() == 7


def test_a_disk_that_refuses_does_not_end_the_counting(machine: Machine) -> None:
    (machine.root / "state").write_text("in the way")
    machine.interface("wwan0", 4, SAVE_BYTES, 0, uevent="DEVTYPE=wwan")
    assert machine.counting().look() == SAVE_BYTES


def test_odd_counters_count_nothing(machine: Machine) -> None:
    machine.interface("wwan0", 4, 5, 5, uevent="DEVTYPE=wwan")
    statistics = machine.root / "sys/class/net/wwan0/statistics"
    (statistics / "rx_bytes").write_text("-4")
    (statistics / "tx_bytes").write_text("9" * 60)
    assert machine.counting().look() == 0
    os.truncate(machine.root / "sys/class/net/wwan0/ifindex", 0)
    assert read_counters(machine.root) == {}


Look = st.tuples(st.sampled_from(["a/1", "a/2", "b/1"]), st.integers(0, 1000), st.booleans())


@given(st.lists(Look, max_size=40))
def test_what_passed_is_what_is_counted(looks: list[tuple[str, int, bool]]) -> None:
    """Counters that only grow, until their source is gone for good, as the kernel's do."""
    use, passed, stands = Use(), 0, {"a/1": 0, "a/2": 0, "b/1": 0}
    for source, more, lost in looks:
        stands[source] += more
        passed += more
        use = counted(use, "2026-11", {source: stands[source]})
        if lost:
            use = Use(months=use.months, counters={**use.counters, source: stands[source]})
    assert use.months.get("2026-11", 0) == passed


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 2**60), max_size=30))
def test_the_file_stays_small(counters: dict[str, int]) -> None:
    use = counted(Use(), "2026-11", counters)
    assert len(use.counters) <= MOST_COUNTERS
    assert counted(use, "2026-12", counters).months.keys() <= {"2026-11", "2026-12"}


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_any_clock_gives_a_month_or_none(wall: float) -> None:
    assert month_of(wall) is None or len(month_of(wall) or "") == 7
