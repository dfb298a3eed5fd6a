"""Each reader, by what recorded machines tell."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.hw import display, inventory, machine, power, storage, sysfs, thermal
from kit.hw.power import BatteryState, ChargerState
from kit.hw.readings import Readings
from kit.hw.thermal import Warmth
from kit.ipc.state import Condition
from tests.kit.hw.trees import EDID_12_INCH, NOTHING, RASPBERRY_PI, TABLET, Tree, plant


@pytest.fixture
def tablet(tmp_path: Path) -> Path:
    return plant(tmp_path / "tablet", TABLET)


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    return plant(tmp_path / "pi", RASPBERRY_PI)


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    return plant(tmp_path / "nothing", NOTHING)


def test_two_batteries_are_one_and_a_mouse_is_none(tablet: Path) -> None:
    assert power.read(tablet) == power.Power(
        battery=BatteryState.DISCHARGING, percent=50, worn_percent=17, charger=ChargerState.UNPLUGGED
    )


def test_a_machine_without_a_battery_says_so(pi: Path, nothing: Path) -> None:
    assert power.read(nothing) == power.Power(battery=BatteryState.NONE)
    assert power.read(pi) == power.Power(battery=BatteryState.NONE, undervoltage=True)


@pytest.mark.parametrize(
    ("status", "online", "state"),
    [
        ("Charging", "1", BatteryState.CHARGING),
        ("Full", "1", BatteryState.HOLDING),
        ("Not charging", "1", BatteryState.HOLDING),
        ("Something new", "1", BatteryState.UNKNOWN),
    ],
)
def test_a_battery_on_the_charger(tmp_path: Path, status: str, online: str, state: BatteryState) -> None:
    base = "sys/class/power_supply"
    tree: Tree = {
        f"{base}/ADP1/type": "USB",
        f"{base}/ADP1/online": online,
        f"{base}/BAT0/type": "Battery",
        f"{base}/BAT0/status": status,
        f"{base}/BAT0/capacity": "7",
    }
    told = power.read(plant(tmp_path, tree))
    assert told == power.Power(battery=state, percent=7, charger=ChargerState.PLUGGED)
    assert Readings(power=told).battery_shown().condition is Condition.OK


@pytest.mark.parametrize(("percent", "condition"), [(14, "bad"), (15, "warn"), (29, "warn"), (30, "ok")])
def test_a_low_battery_is_pointed_out_when_it_is_not_charged(percent: int, condition: str) -> None:
    told = power.Power(battery=BatteryState.DISCHARGING, percent=percent, charger=ChargerState.UNPLUGGED)
    assert Readings(power=told).battery_shown().condition is Condition(condition)


def test_warmth_is_the_warmest_zone_and_where_the_kernel_acts(tablet: Path, pi: Path, nothing: Path) -> None:
    assert thermal.read(tablet) == thermal.Thermal(warmth=Warmth.NORMAL, celsius=71.0)
    assert thermal.read(pi) == thermal.Thermal(warmth=Warmth.HOT, celsius=86.2)
    assert thermal.read(nothing) == thermal.Thermal(warmth=Warmth.NO_SENSOR)


def test_the_screen_is_measured_by_its_edid(tablet: Path, pi: Path, nothing: Path) -> None:
    assert display.read(tablet) == display.Display(
        connected=True, width_px=1920, height_px=1200, diagonal_inch=11.9, backlight_percent=40
    )
    assert display.read(pi) == display.Display(connected=True, width_px=720, height_px=1280)
    assert display.read(nothing) == display.Display(connected=False)


def test_without_a_preferred_timing_the_size_in_centimetres_counts() -> None:
    coarse = EDID_12_INCH[:54] + bytes(18) + EDID_12_INCH[72:]
    assert display.diagonal_inch(coarse) == 12.0


@given(st.binary(max_size=300))
def test_any_edid_gives_a_size_or_none(edid: bytes) -> None:
    for each in (edid, EDID_12_INCH[:20] + edid + EDID_12_INCH):
        size = display.diagonal_inch(each)
        assert size is None or 0 < size < 300


def test_the_machine_tells_memory_load_and_boot(tablet: Path, nothing: Path) -> None:
    assert machine.read(tablet) == machine.Machine(
        boot="0f768bee2dcb4c27bc96b7c9e3b07ccb",
        uptime_s=3600.12,
        load=0.42,
        memory_total_mb=7812,
        memory_available_mb=3906,
    )
    assert machine.read(nothing) == machine.Machine()


def test_the_inventory_knows_make_and_model(tablet: Path, pi: Path) -> None:
    assert (inventory.read(tablet).maker, inventory.read(tablet).model) == ("Exempel AB", "Rugged 12")
    assert inventory.read(pi).model == "Raspberry Pi 5 Model B Rev 1.0"


@pytest.mark.parametrize(
    ("told", "percent"), [("0x02 0x01", 20), ("0x0b 0x01", 100), ("0x00 0x00", None), ("?", None), ("", None)]
)
def test_wear_is_that_of_the_disk_below_the_partition(tmp_path: Path, told: str, percent: int | None) -> None:
    disk = "sys/devices/mmc/block/mmcblk0"
    root = plant(tmp_path, {f"{disk}/mmcblk0p2/partition": "2", f"{disk}/device/life_time": told})
    (root / "sys/dev/block").mkdir(parents=True)
    (root / "sys/dev/block/179:2").symlink_to(root / disk / "mmcblk0p2")
    assert storage.wear(root, 179, 2) == percent
    assert storage.wear(root, 8, 1) is None


def test_a_folder_that_is_gone_is_no_storage(tmp_path: Path) -> None:
    assert storage.read(tmp_path, tmp_path / "gone") is None


@given(st.binary(max_size=100))
def test_any_content_of_a_small_file_is_survived(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    tree: Tree = {
        name: data if "/" in name and not name.endswith("type") else content
        for name, content in TABLET.items()
    }
    root = plant(tmp_path_factory.mktemp("rubbish"), tree)
    for part in (power.read, thermal.read, machine.read, display.read, inventory.read):
        part(root)


def test_numbers_out_of_range_are_not_told(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0x10\n")
    assert sysfs.integer(tmp_path / "number") == 16
    assert sysfs.integer(tmp_path / "number", 0, 15) is None
    assert sysfs.integer(tmp_path) is None
    assert sysfs.entries(tmp_path / "number") == []
