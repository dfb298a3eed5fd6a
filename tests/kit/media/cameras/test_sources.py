"""The contract of every camera, and what V4L2's has beyond it: modes, damage, stalls, unplugging."""

import time
from collections.abc import Callable
from typing import NamedTuple

import av
import numpy as np
import pytest

from kit.config import Camera as Wish
from kit.ipc.state import Condition
from kit.media.cameras import source as contract
from kit.media.cameras import uapi
from kit.media.cameras.generated import GeneratedCamera
from kit.media.cameras.modes import Mode
from kit.media.cameras.raspberry import RaspberryCamera
from kit.media.cameras.source import Source, planes
from kit.media.cameras.v4l2 import V4l2Camera
from kit.media.worker import DeviceGone
from tests.kit.media.cameras.simulated import Driver, bars, jpeg, library, raw

WISH = Wish(width=640, height=360, fps=30)
PICTURE = bars(640, 360)


class Rig(NamedTuple):
    """A source, how it is given a picture, and how it is taken away."""

    source: Source
    feed: Callable[[], object]
    unplug: Callable[[], object] | None


def v4l2(fourcc: str, padding: int = 0) -> Rig:
    driver = Driver(Mode(fourcc, 640, 360, 30.0))
    driver.padding = padding
    data = jpeg(PICTURE) if fourcc == "MJPG" else raw(PICTURE, fourcc, padding)
    camera = V4l2Camera("/dev/video0", "USB camera", WISH, lambda _: driver)
    return Rig(camera, lambda: driver.fill(data), driver.unplug)


def raspberry() -> Rig:
    module, camera = library(704, (640, 360), "/base/soc/i2c0mux/imx708@1a")
    data = np.frombuffer(raw(PICTURE, "YU12", 64), np.uint8)
    return Rig(RaspberryCamera(WISH, module), lambda: camera.arrays.append(data), None)


RIGS: dict[str, Callable[[], Rig]] = {
    "mjpeg": lambda: v4l2("MJPG"),
    "yuyv": lambda: v4l2("YUYV"),
    "uyvy, padded": lambda: v4l2("UYVY", 32),
    "nv12": lambda: v4l2("NV12"),
    "nv12, padded": lambda: v4l2("NV12", 64),
    "yu12, padded": lambda: v4l2("YU12", 64),
    "raspberry": raspberry,
    "generated": lambda: Rig(GeneratedCamera(640, 360, 100), lambda: None, None),
}


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest) -> Rig:
    return RIGS[request.param]()


def likeness_db(one: av.VideoFrame, other: av.VideoFrame) -> float:
    """Peak signal-to-noise ratio of the worst plane."""
    errors = [
        np.mean((a.astype(float) - b.astype(float)) ** 2)
        for a, b in zip(planes(one), planes(other), strict=True)
    ]
    return float(10 * np.log10(255**2 / max(*errors, 1e-3)))


# the contract


def test_pictures_are_yuv420p_in_limited_range_and_dated_when_they_were_taken(rig: Rig) -> None:
    rig.feed()
    shot = rig.source.read()
    assert shot is not None
    picture = shot.picture
    assert (picture.format.name, picture.width, picture.height) == ("yuv420p", 640, 360)
    assert 10 <= planes(picture).y.min() <= 20
    assert 230 <= planes(picture).y.max() <= 240
    assert abs(shot.captured_us / 1e6 - time.time()) < 0.5
    assert rig.source.device.condition is Condition.OK
    assert rig.source.corrupt == 0


def test_each_picture_is_its_own(rig: Rig) -> None:
    rig.feed()
    first = rig.source.read()
    assert first is not None
    planes(first.picture).y[:] = 99
    rig.feed()
    second = rig.source.read()
    assert second is not None
    assert (planes(first.picture).y == 99).all()
    assert not (planes(second.picture).y == 99).all()


def test_a_source_can_be_closed_twice(rig: Rig) -> None:
    rig.source.close()
    rig.source.close()


@pytest.mark.parametrize("name", [name for name in RIGS if name != "generated"])
def test_the_picture_is_the_one_that_was_taken(name: str) -> None:
    rig = RIGS[name]()
    rig.feed()
    shot = rig.source.read()
    assert shot is not None
    # JPEG blurs the edges of the bars, and packed formats have their chroma averaged over two lines twice.
    assert likeness_db(shot.picture, PICTURE) > (35 if name == "mjpeg" else 40)


@pytest.mark.parametrize("name", [name for name in RIGS if name != "generated"])
def test_no_picture_yet_is_nothing_and_none_at_all_is_a_fault(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = RIGS[name]()
    assert rig.source.read() is None
    monkeypatch.setattr(contract, "_STALL_S", 0.0)
    with pytest.raises(DeviceGone) as gone:
        rig.source.read()
    assert gone.value.condition is Condition.BAD


# V4L2


def opened(driver: Driver, wish: Wish = WISH) -> V4l2Camera:
    return V4l2Camera("/dev/video0", "USB camera", wish, lambda _: driver)


def test_the_mode_is_agreed_with_the_driver_before_it_streams() -> None:
    driver = Driver(
        Mode("MJPG", 1280, 720, 30.0), Mode("YUYV", 1280, 720, 10.0), Mode("YUYV", 640, 360, 30.0)
    )
    camera = opened(driver, Wish())
    assert driver.format == ("MJPG", 1280, 720)
    assert driver.rate == 30.0
    assert camera.mode == Mode("MJPG", 1280, 720, 30.0)
    assert driver.streaming
    assert driver.free == 4
    camera.close()
    assert not driver.streaming
    assert driver.closed


def test_a_driver_with_a_range_of_sizes_is_asked_for_a_usual_one() -> None:
    driver = Driver(Mode("NV12", 2592, 1944, 30.0), ranged=True)
    opened(driver, Wish())
    assert driver.format == ("NV12", 1280, 720)


@pytest.mark.parametrize(
    "driver",
    [
        Driver(Mode("YUYV", 640, 360, 30.0), capabilities=0x0080_0000),
        Driver(Mode("H264", 1280, 720, 30.0)),
        Driver(),
    ],
)
def test_what_is_no_camera_or_knows_no_usable_format_is_refused_and_closed(driver: Driver) -> None:
    with pytest.raises(DeviceGone) as gone:
        opened(driver)
    assert gone.value.condition is Condition.BAD
    assert driver.closed


def test_a_camera_that_is_pulled_out_is_missing() -> None:
    rig = v4l2("YUYV")
    assert rig.unplug is not None
    rig.unplug()
    with pytest.raises(DeviceGone) as gone:
        rig.source.read()
    assert gone.value.condition is Condition.MISSING
    rig.source.close()
    with pytest.raises(DeviceGone) as gone:
        V4l2Camera("/dev/video99", "", WISH)
    assert gone.value.condition is Condition.MISSING


def test_damaged_pictures_are_counted_and_never_shown() -> None:
    driver = Driver(Mode("MJPG", 640, 360, 30.0))
    camera, good = opened(driver), jpeg(PICTURE)
    other_size = jpeg(bars(320, 180))
    damaged = [
        good[: len(good) // 2],
        good[: len(good) // 2] + b"\xff\xd9",
        b"\xff\xd8",
        b"x" * 900,
        other_size,
    ]
    for data in damaged:
        driver.fill(data)
        assert camera.read() is None
    driver.fill(good, flags=uapi.BUF_FLAG_ERROR)
    assert camera.read() is None
    driver.fill(b"")
    assert camera.read() is None
    assert camera.corrupt == len(damaged) + 2
    driver.fill(good + bytes(300))
    assert camera.read() is not None
    assert driver.free == 4


def test_a_camera_that_always_breaks_the_rules_of_jpeg_is_shown_as_it_is() -> None:
    driver = Driver(Mode("MJPG", 640, 360, 30.0))
    camera, cut = opened(driver), jpeg(PICTURE)[:-3000]
    shots = []
    for _ in range(20):
        driver.fill(cut)
        shots.append(camera.read())
    assert camera.corrupt == 15
    assert all(shots[15:])


def test_short_raw_pictures_are_damaged() -> None:
    driver = Driver(Mode("NV12", 640, 360, 30.0))
    camera = opened(driver)
    driver.fill(raw(PICTURE, "NV12")[:-1])
    assert camera.read() is None
    assert camera.corrupt == 1


def test_the_newest_of_what_waits_is_taken_and_the_rest_given_back() -> None:
    driver = Driver(Mode("YUYV", 640, 360, 30.0))
    camera, data = opened(driver), raw(PICTURE, "YUYV")
    driver.fill(bytes(len(data)), age_us=60_000)
    driver.fill(bytes(len(data)), age_us=30_000)
    driver.fill(data, age_us=10_000)
    shot = camera.read()
    assert shot is not None
    assert likeness_db(shot.picture, PICTURE) > 40
    assert 5_000 < time.time_ns() // 1000 - shot.captured_us < 500_000
    assert camera.late == 2
    assert driver.free == 4


def test_a_date_that_cannot_be_is_not_believed() -> None:
    driver = Driver(Mode("YUYV", 640, 360, 30.0))
    camera, data = opened(driver), raw(PICTURE, "YUYV")
    for age_us in (-5_000_000, 60_000_000):
        driver.fill(data, age_us=age_us)
        shot = camera.read()
        assert shot is not None
        assert abs(shot.captured_us / 1e6 - time.time()) < 0.5


def test_a_raspberry_with_usb_cameras_only_has_no_camera_of_its_own() -> None:
    module, _ = library(640, (640, 360), "/base/scb/pcie/usb-0:1.2")
    with pytest.raises(DeviceGone) as gone:
        RaspberryCamera(WISH, module)
    assert gone.value.condition is Condition.MISSING


def test_every_request_is_given_back_to_the_raspberrys_camera() -> None:
    module, made = library(640, (640, 360), "/base/soc/imx708")
    camera = RaspberryCamera(WISH, module)
    made.arrays.append(np.frombuffer(raw(PICTURE, "YU12"), np.uint8))
    made.arrays.append(np.zeros(100, np.uint8))
    assert camera.read() is not None
    assert camera.read() is None
    assert camera.read() is None
    assert camera.corrupt == 1
    assert made.released == 2
