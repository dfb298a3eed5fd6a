"""The outbox on a real disk that fills up and turns read-only: a small tmpfs in a mount namespace."""

import json
import subprocess
import sys
from typing import Any

import pytest


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    probe = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("a mount namespace needs root")
    disk = str(tmp_path_factory.mktemp("disk"))
    story = subprocess.run(
        [
            "unshare",
            "-m",
            sys.executable,
            "-m",
            "tests.kit.health.full_disk",
            disk,
        ],
        capture_output=True,
        check=True,
        timeout=60,
    )
    result: dict[str, Any] = json.loads(story.stdout.splitlines()[-1])
    return result


def test_on_a_full_disk_everything_is_still_there_to_be_sent(told: dict[str, Any]) -> None:
    assert told["refused_when_full"]
    assert told["sent_when_full"] == 60
    assert told["after_acknowledging_when_full"] == 56


def test_a_kit_that_starts_with_a_full_disk_sends_what_lies_there(told: dict[str, Any]) -> None:
    assert told["readable_on_a_full_disk_at_start"] == ["0", "1", "2", "3"]


def test_when_there_is_room_again_the_reports_move_to_the_disk(told: dict[str, Any]) -> None:
    assert not told["refused_with_room_again"]
    assert {60, 61} <= set(told["on_disk_in_the_end"])


def test_a_read_only_disk_is_survived_and_found_writable_again(told: dict[str, Any]) -> None:
    assert told["refused_when_read_only"]
    assert told["sent_when_read_only"] == "62"
    assert not told["refused_when_writable_again"]
    assert {62, 63} <= set(told["on_disk_in_the_end"])


def test_what_was_on_the_disk_before_is_untouched(told: dict[str, Any]) -> None:
    assert set(range(10)) <= set(told["on_disk_in_the_end"])
