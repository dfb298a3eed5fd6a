from pathlib import Path

import pytest

from demo.measure import Drawn, Line, Pictures, drawn_between, first_after, read_lines, spread
from demo.ready import TooLate
from demo.report.model import Spread
from kit.media.timecode import SPAN_MS

NOW = 1_800_000_000.0


def line(second: int, drawn: int, age: int, pictures: int = 2) -> Line:
    wall = int((NOW + second) * 1000)
    glass = tuple((wall - 10 * k, (wall - 10 * k - age) % SPAN_MS) for k in range(pictures))
    return Line(NOW + second, drawn, glass)


def test_frames_and_latency_are_those_of_the_time_asked_for() -> None:
    lines = [line(-1, 99, 900), line(0, 25, 80), line(1, 24, 80), line(2, 26, 120), line(9, 1, 900)]
    assert drawn_between(lines, NOW, NOW + 3) == Drawn(fps=25.0, latency=Spread(100.0, 120.0))


def test_nothing_drawn_is_no_latency() -> None:
    assert drawn_between([], NOW, NOW + 3) == Drawn(fps=0.0, latency=None)
    assert spread([]) is None


def test_the_first_picture_after_a_tap_is_found() -> None:
    lines = [line(0, 2, 80), line(2, 2, 80)]
    assert first_after(lines, NOW + 0.5) == NOW + 2 - 0.01
    assert first_after(lines, NOW + 5) is None


def test_a_picture_that_was_left_over_is_not_the_first() -> None:
    assert first_after([line(1, 2, 60_000)], NOW) is None


def test_a_line_that_is_half_written_is_left_for_later(tmp_path: Path) -> None:
    file = tmp_path / "screen.jsonl"
    file.write_text('{"t": 1.0, "drawn": 3, "fps": 3, "glass": [[1000, 900]]}\n{"t": 2.0, "dra')
    assert read_lines(file) == [Line(1.0, 3, ((1000, 900),))]
    assert Pictures(file).count() == 3


def test_a_screen_that_never_drew_has_no_lines(tmp_path: Path) -> None:
    assert read_lines(tmp_path / "missing") == []


async def test_a_picture_that_does_not_come_is_said(tmp_path: Path) -> None:
    with pytest.raises(TooLate, match="a picture from the room"):
        await Pictures(tmp_path / "missing").wait_for_remote(-0.9)
