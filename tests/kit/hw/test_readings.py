"""One suite for every root: this machine, two recorded ones, and one where nothing is to be read."""

from pathlib import Path

import pytest

from fleet.contract import Report, encode
from kit.health.sample import health
from kit.health.words import Seen
from kit.hw import readings
from kit.hw.readings import Readings
from kit.ipc.network import Uplink
from kit.ipc.state import Condition
from tests.kit.hw.trees import NOTHING, RASPBERRY_PI, TABLET, plant

TREES = {"tablet": TABLET, "raspberry pi": RASPBERRY_PI, "nothing": NOTHING}


@pytest.fixture(params=[*TREES, "this machine"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Readings:
    tree = TREES.get(request.param)
    root = Path("/") if tree is None else plant(tmp_path, tree)
    return readings.read(root, tmp_path)


def test_a_report_can_be_made_of_it(read: Readings) -> None:
    body = health(read, Seen(), software="1.0", outbox_depth=0, refused={})
    assert encode(Report(kit="kit-0001", stream="0" * 32, seq=1, at=1, body=body))


def test_what_is_missing_has_a_name(read: Readings) -> None:
    battery = read.battery_shown()
    assert (battery.percent is None) == (battery.condition in (Condition.MISSING, Condition.UNKNOWN))
    network = read.network_shown(None)
    assert (network.uplink is Uplink.NONE) == (network.condition is Condition.MISSING)
    assert (read.thermal.celsius is None) == (read.thermal.warmth == "no_sensor")


def test_the_disk_is_the_one_that_holds_the_kits_state(read: Readings) -> None:
    assert read.storage is not None
    assert 0 <= read.storage.free_mb <= read.storage.total_mb


def test_it_is_quick_enough_to_be_done_every_few_seconds(read: Readings, tmp_path: Path) -> None:
    assert all(readings.read(Path("/"), tmp_path) for _ in range(20))


@pytest.mark.parametrize(
    ("reachable", "condition"), [(True, Condition.OK), (None, Condition.OK), (False, Condition.BAD)]
)
def test_a_network_without_the_region_is_a_bad_one(
    tmp_path: Path, reachable: bool | None, condition: Condition
) -> None:
    read = readings.read(plant(tmp_path, TABLET), tmp_path)
    assert read.network_shown(reachable).condition is condition
