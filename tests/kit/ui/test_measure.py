"""What the screen measures about the pictures it draws."""

import json
from pathlib import Path

import numpy as np
import pytest

from kit.ipc.pictures import Picture, Stream
from kit.media import timecode
from kit.ui.measure import Measure, append, time_code
from tests.kit.ui.pictures import FakeCamera, flat


def picture(width: int = 640, height: int = 360, wall_ms: int | None = None, padding: int = 0) -> Picture:
    luma, blue, red = flat(width, height, 120, 128, 128, padding)
    if wall_ms is not None:
        code = luma[:, :width].copy()
        timecode.write(code, wall_ms)
        luma[:, :width] = code
    camera = FakeCamera()
    camera.write(Stream.REMOTE, luma, blue, red, width=width)
    newest = camera.latest(Stream.REMOTE)
    assert newest is not None
    return newest


@pytest.mark.parametrize("wall_ms", [0, 1, 1_795_173_720_123, timecode.SPAN_MS - 1, 0x2AAAAAA])
@pytest.mark.parametrize(("width", "padding"), [(640, 0), (854, 42), (320, 64)])
def test_the_time_is_read_as_the_generated_camera_writes_it(wall_ms: int, width: int, padding: int) -> None:
    height = width * 9 // 16
    assert time_code(picture(width, height, wall_ms, padding)) == wall_ms % timecode.SPAN_MS


def test_a_picture_without_a_time_has_none() -> None:
    assert time_code(picture()) is None
    assert time_code(picture(64, 36, None)) is None


def test_a_damaged_time_is_not_believed() -> None:
    luma, blue, red = flat(640, 360, 120, 128, 128)
    timecode.write(luma, 1234)
    cell = slice(10 * 20, 11 * 20)
    luma[:30, cell] = np.where(luma[:30, cell] > 120, 16, 235)
    camera = FakeCamera()
    camera.write(Stream.REMOTE, luma, blue, red)
    damaged = camera.latest(Stream.REMOTE)
    assert damaged is not None
    assert time_code(damaged) is None


def test_a_line_tells_what_was_drawn_since_the_last_one(tmp_path: Path) -> None:
    measure, file = Measure(), tmp_path / "measure.jsonl"
    append(file, measure.line(100.0))
    for number in range(10):
        measure.uploaded(picture(wall_ms=5_000 + number))
        measure.flipped(100.1 + number / 10)
    measure.uploaded(picture())
    measure.flipped(101.5)
    append(file, measure.line(102.0))
    append(file, measure.line(103.0))
    first, second, third = (json.loads(line) for line in file.read_text().splitlines())
    assert (first["drawn"], first["fps"]) == (0, 0.0)
    assert (second["t"], second["drawn"], second["fps"]) == (102.0, 11, 5.5)
    assert second["glass"][0] == [100_100, 5_000]
    assert len(second["glass"]) == 10
    assert (third["drawn"], third["glass"]) == (0, [])
