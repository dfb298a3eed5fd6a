"""Devices that are plugged in and pulled out: heard of at once, replaced by others, taken again."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from kit.config import Camera as Wish
from kit.ipc.state import Condition, Device
from kit.media.camera import CameraWorker, Shot
from kit.media.cameras import found
from kit.media.cameras.found import Found
from kit.media.cameras.source import Source
from kit.media.choice import Choice
from kit.media.hotplug import Hotplug, subsystem
from kit.media.worker import DeviceGone
from tests.kit.media.cameras.test_modes import node

UVC = b"ACTION=add\0DEVPATH=/devices/x/video4linux/video0\0SUBSYSTEM=video4linux\0MAJOR=81\0"


async def until(condition: Callable[[], object], limit_s: float = 5.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (b"add@/devices/x/video4linux/video0\0" + UVC, "video4linux"),
        (b"libudev\0\xfe\xed\xca\xfe(\0\0\0(\0\0\0" + UVC, "video4linux"),
        (b"remove@/devices/x/sound/card1\0ACTION=remove\0SUBSYSTEM=sound\0SEQNUM=1\0", "sound"),
        (b"XSUBSYSTEM=sound\0", None),
        (b"SUBSYSTEM=" + b"x" * 40 + b"\0", None),
        (b"SUBSYSTEM=sound", None),
        (b"\xff" * 16_384, None),
        (b"", None),
    ],
)
def test_a_uevent_says_which_kind_of_device_it_is_about(message: bytes, name: str | None) -> None:
    assert subsystem(message) == name


async def test_the_kernels_own_uevents_are_heard_at_once() -> None:
    null = Path("/sys/class/mem/null/uevent")
    if not os.access(null, os.W_OK):
        pytest.skip("only root may ask the kernel for a uevent")
    heard: list[str] = []
    hotplug = Hotplug(heard.append)
    assert hotplug.start()
    try:
        began = time.monotonic()
        await asyncio.to_thread(null.write_text, "change")
        await until(lambda: "mem" in heard)
        assert time.monotonic() - began < 1
    finally:
        hotplug.stop()


def test_the_first_that_works_is_used_until_a_better_one_is_there() -> None:
    there = ["puck", "tablet"]
    choice: Choice[str] = Choice(lambda: there)
    assert choice.ordered() == ["puck", "tablet"]
    choice.failed("puck")
    assert choice.ordered() == ["tablet", "puck"]
    assert not choice.better_than("tablet")
    assert choice.better_than("puck")
    there.remove("puck")
    assert choice.ordered() == ["tablet"]
    there.insert(0, "puck")
    assert choice.ordered() == ["puck", "tablet"]
    assert choice.better_than("tablet")
    there.clear()
    assert not choice.better_than("puck")


class Camera:
    """A camera whose pictures end when its node is gone."""

    corrupt = 0

    def __init__(self, camera: Found, sysfs: Path) -> None:
        self.device = Device(condition=Condition.OK, label=camera.label)
        self._node = sysfs / Path(camera.path).name

    def read(self) -> Shot:
        time.sleep(0.005)
        if not self._node.exists():
            raise DeviceGone(Condition.MISSING)
        return Shot(av.VideoFrame(64, 36, "yuv420p"), time.time_ns() // 1000)

    def close(self) -> None: ...


class Bench:
    """Cameras that a test plugs in and pulls out, and what the agent is told."""

    def __init__(self, sysfs: Path) -> None:
        self.sysfs = sysfs
        self.told: list[Device] = []
        self.shots: list[Shot] = []
        self.broken: set[str] = set()
        self.worker = CameraWorker(Wish(), self.shots.append, self.told.append, self._open)

    def _open(self, camera: Found, wish: Wish) -> Source:
        if camera.path in self.broken:
            raise DeviceGone(Condition.BAD)
        return Camera(camera, self.sysfs)

    async def plug(self, number: int, name: str) -> None:
        await asyncio.to_thread(node, self.sysfs, number, name, 0, "removable")
        self.worker.look_again()

    async def pull(self, number: int) -> None:
        for gone in (self.sysfs / f"video{number}", self.sysfs / "devices" / f"usb{number}"):
            await asyncio.to_thread(gone.rename, self.sysfs / f"gone{time.monotonic_ns()}")
        self.worker.look_again()

    async def shows(self, label: str) -> None:
        shown = (Condition.OK, label)
        await until(lambda: self.told and (self.told[-1].condition, self.told[-1].label) == shown)
        count = len(self.shots)
        await until(lambda: len(self.shots) > count + 2)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(found, "SYSFS", tmp_path)
    return Bench(tmp_path)


async def test_a_camera_pulled_out_in_the_call_is_replaced_and_taken_again(bench: Bench) -> None:
    await bench.plug(0, "built in")
    bench.worker.start()
    bench.worker.use(True)
    await bench.shows("built in")
    await bench.pull(0)
    await bench.plug(4, "webcam")
    await bench.shows("webcam")
    await bench.pull(4)
    await until(lambda: bench.told[-1].condition is Condition.MISSING)
    count = len(bench.shots)
    began = time.monotonic()
    await bench.plug(4, "webcam")
    await bench.shows("webcam")
    assert time.monotonic() - began < 1
    assert len(bench.shots) > count
    bench.worker.use(False)


async def test_a_camera_that_does_not_open_is_passed_over(bench: Bench) -> None:
    bench.broken.add("/dev/video0")
    await bench.plug(0, "broken")
    await bench.plug(2, "whole")
    bench.worker.start()
    bench.worker.use(True)
    await bench.shows("whole")
    bench.worker.use(False)


async def test_what_is_plugged_in_is_told_before_it_is_used(bench: Bench) -> None:
    bench.worker.start()
    await until(lambda: bench.told and bench.told[-1].condition is Condition.MISSING)
    await bench.plug(0, "webcam")
    await until(lambda: bench.told[-1].label == "webcam")
    assert not bench.shots
