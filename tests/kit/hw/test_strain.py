from pathlib import Path

from kit.hw.strain import EVERY_S, Strain, Watch
from kit.hw.thermal import Warmth


class Machine:
    """A thermal zone and a processor that a test turns up and down."""

    def __init__(self, root: Path) -> None:
        self.zone = root / "sys/class/thermal/thermal_zone0"
        self.zone.mkdir(parents=True)
        (self.zone / "trip_point_0_type").write_text("passive")
        (self.zone / "trip_point_0_temp").write_text("80000")
        self.used = 0.0
        self.warm(45)

    def warm(self, celsius: int) -> None:
        (self.zone / "temp").write_text(str(celsius * 1000))

    def cpu_s(self) -> float:
        return self.used


def test_heat_and_processor_time_are_seen(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    watch = Watch(tmp_path, machine.cpu_s, processors=4)
    assert watch.look(0.0) == Strain(Warmth.NORMAL, 0.0)
    machine.used = 8.0
    machine.warm(85)
    assert watch.look(4.0) == Strain(Warmth.HOT, 0.5)


def test_sensors_are_left_alone_between_two_looks(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    watch = Watch(tmp_path, machine.cpu_s, processors=1)
    first = watch.look(0.0)
    machine.warm(95)
    assert watch.look(EVERY_S - 0.1) == first
    assert watch.look(EVERY_S).warmth is Warmth.HOT


def test_a_machine_without_sensors_is_not_warm(tmp_path: Path) -> None:
    assert Watch(tmp_path).look(0.0).warmth is Warmth.NO_SENSOR


def test_this_machine_can_be_looked_at() -> None:
    watch = Watch()
    watch.look(0.0)
    assert 0 <= watch.look(EVERY_S).cpu_share <= 1
