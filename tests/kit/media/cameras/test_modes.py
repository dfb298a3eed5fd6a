"""Which nodes are cameras, which mode is chosen of what they offer, and the kernel's numbers."""

from pathlib import Path

import pytest

from kit.media.cameras import uapi
from kit.media.cameras.found import RASPBERRY, Found, cameras, label
from kit.media.cameras.modes import Mode, best

USB2 = [
    *(Mode("YUYV", 640, 480, fps) for fps in (30.0, 15.0)),
    *(Mode("YUYV", 1280, 720, fps) for fps in (10.0, 5.0)),
    *(Mode("MJPG", 640, 480, fps) for fps in (30.0, 15.0)),
    *(Mode("MJPG", 1280, 720, fps) for fps in (30.0, 15.0)),
    *(Mode("MJPG", 1920, 1080, fps) for fps in (30.0, 15.0)),
    Mode("H264", 1280, 720, 30.0),
]
TABLET = [Mode("NV12", 1280, 720, 30.0), Mode("YUYV", 1280, 720, 30.0), Mode("MJPG", 1280, 720, 30.0)]
PAL = Mode("MJPG", 1280, 720, 25.0)


@pytest.mark.parametrize(
    ("offered", "wish", "chosen"),
    [
        (USB2, (1280, 720, 30), Mode("MJPG", 1280, 720, 30.0)),
        (USB2, (640, 480, 30), Mode("YUYV", 640, 480, 30.0)),
        (USB2, (640, 360, 30), Mode("YUYV", 640, 480, 30.0)),
        (USB2, (640, 480, 15), Mode("YUYV", 640, 480, 15.0)),
        (TABLET, (1280, 720, 30), Mode("NV12", 1280, 720, 30.0)),
        ([mode for mode in USB2 if mode.fourcc == "YUYV"], (1280, 720, 30), Mode("YUYV", 640, 480, 30.0)),
        ([Mode("YUYV", 1280, 720, 10.0)], (1280, 720, 30), Mode("YUYV", 1280, 720, 10.0)),
        (
            [Mode("MJPG", 1280, 720, 25.0), Mode("MJPG", 320, 180, 30.0)],
            (1280, 720, 30),
            Mode("MJPG", 1280, 720, 25.0),
        ),
        ([Mode("H264", 1280, 720, 30.0)], (1280, 720, 30), None),
        ([], (1280, 720, 30), None),
    ],
)
def test_motion_goes_before_size_and_size_before_cost(
    offered: list[Mode], wish: tuple[int, int, float], chosen: Mode | None
) -> None:
    assert best(offered, *wish) == chosen


def test_the_numbers_are_those_of_the_kernels_header() -> None:
    assert (uapi.QUERYCAP, uapi.ENUM_FMT, uapi.S_FMT) == (0x80685600, 0xC0405602, 0xC0D05605)
    assert (uapi.REQBUFS, uapi.QUERYBUF, uapi.QBUF, uapi.DQBUF) == (
        0xC0145608,
        0xC0585609,
        0xC058560F,
        0xC0585611,
    )
    assert (uapi.STREAMON, uapi.STREAMOFF, uapi.S_PARM) == (0x40045612, 0x40045613, 0xC0CC5616)
    assert (uapi.ENUM_FRAMESIZES, uapi.ENUM_FRAMEINTERVALS) == (0xC02C564A, 0xC034564B)
    offsets = (uapi.Buffer.seconds.offset, uapi.Buffer.sequence.offset, uapi.Buffer.offset.offset)
    assert offsets == (24, 56, 64)
    assert (uapi.Buffer.length.offset, uapi.Format.sizeimage.offset) == (72, 28)
    assert (uapi.StreamParameters.numerator.offset, uapi.FrameInterval.parts.offset) == (12, 20)


def node(sysfs: Path, number: int, name: str, index: int = 0, removable: str = "") -> None:
    device = sysfs / "devices" / f"usb{number}"
    (device / "interface").mkdir(parents=True)
    if removable:
        (device / "removable").write_text(f"{removable}\n")
    made = sysfs / f"video{number}"
    made.mkdir()
    (made / "name").write_text(f"{name}\n")
    (made / "index").write_text(f"{index}\n")
    (made / "device").symlink_to(device / "interface")


def test_the_first_camera_is_neither_metadata_nor_codec(tmp_path: Path) -> None:
    node(tmp_path, 0, "bcm2835-isp")
    node(tmp_path, 2, "USB camera", index=1)
    node(tmp_path, 10, "USB camera")
    assert cameras(tmp_path) == [Found("/dev/video10", "USB camera")]
    assert label("/dev/video10", tmp_path) == "USB camera"
    assert label("/dev/video3", tmp_path) == "video3"


def test_a_camera_that_somebody_plugged_in_goes_before_the_built_in_one(tmp_path: Path) -> None:
    node(tmp_path, 0, "Integrated Camera", removable="fixed")
    node(tmp_path, 2, "Webcam", removable="removable")
    assert [found.label for found in cameras(tmp_path)] == ["Webcam", "Integrated Camera"]


def test_the_sensors_of_a_raspberry_are_one_camera_of_libcameras(tmp_path: Path) -> None:
    for number, name in enumerate(("rp1-cfe-csi2_ch0", "rp1-cfe-csi2_ch1", "pispbe-input", "rpi-hevc-dec")):
        node(tmp_path, number, name)
    assert cameras(tmp_path) == [Found(RASPBERRY, "Raspberry Pi")]


def test_a_machine_without_cameras_has_none(tmp_path: Path) -> None:
    assert cameras(tmp_path / "nothing") == []
