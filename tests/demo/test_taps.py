from pathlib import Path

import pytest

from demo.ready import TooLate
from demo.screens import Screen
from demo.taps import Finger, NoTarget, Target, read_targets

LISTED = """[
 {"id": "start", "text": "Anslut till möte", "rect": [10, 20, 300, 101], "enabled": true},
 {"id": "proceed", "text": "Fortsätt", "rect": [0, 0, 10, 10], "enabled": false}
]"""


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    file = tmp_path / "targets.json"
    file.write_text(LISTED)
    return file


@pytest.fixture
def finger(targets: Path) -> Finger:
    return Finger(Screen(display=":99", virtual=True), targets, lambda: None)


def test_a_target_is_touched_in_its_middle(targets: Path) -> None:
    assert read_targets(targets)[0].middle == (160, 70)


def test_only_what_is_enabled_can_be_touched(finger: Finger) -> None:
    assert finger.sees("start") == Target(id="start", text="Anslut till möte", rect=(10, 20, 300, 101))
    assert finger.sees("proceed") is None
    assert finger.sees("other") is None


@pytest.mark.parametrize("content", ["", "[", "{}", '[{"id": 1}]'])
def test_a_file_that_is_not_whole_lists_nothing(targets: Path, content: str) -> None:
    targets.write_text(content)
    assert read_targets(targets) == []


def test_a_screen_that_is_down_lists_nothing(tmp_path: Path) -> None:
    assert read_targets(tmp_path / "missing.json") == []


async def test_a_target_that_does_not_come_is_told_with_what_was_there(finger: Finger) -> None:
    told = r"proceed cannot be touched within 0\.2 s; there is: start, \(proceed\)"
    with pytest.raises(NoTarget, match=told):
        await finger.wait_for("proceed", deadline_s=0.2)


async def test_what_a_target_says_is_waited_for(finger: Finger, targets: Path) -> None:
    await finger.reads("start", "Anslut")
    with pytest.raises(TooLate, match="start saying Klar"):
        await finger.reads("start", "Klar", deadline_s=0.2)
