from pathlib import Path

import msgspec
import pytest

from kit.meeting.testroom.config import DEFAULT_ROOMS, Config, load


def write(folder: Path, text: str) -> Path:
    path = folder / "rooms.toml"
    path.write_text(text)
    return path


def test_a_file_describes_rooms_picture_and_limits(tmp_path: Path) -> None:
    config = load(
        write(
            tmp_path,
            """
            [[rooms]]
            alias = "vardplan"
            host_pin = "2468"
            capacity = 3
            [picture]
            width = 1280
            height = 720
            fps = 30
            [limits]
            token_s = 10
            """,
        )
    )
    assert [(room.alias, room.host_pin, room.capacity) for room in config.rooms] == [("vardplan", "2468", 3)]
    assert (config.picture.width, config.picture.height, config.picture.fps) == (1280, 720, 30)
    assert config.limits.token_s == 10


def test_without_rooms_the_default_ones_are_served(tmp_path: Path) -> None:
    assert load(write(tmp_path, "[limits]\ntoken_s = 30\n")).rooms == DEFAULT_ROOMS


def test_the_default_rooms_pass_their_own_limits() -> None:
    assert msgspec.convert(msgspec.to_builtins(Config(rooms=DEFAULT_ROOMS)), Config).rooms == DEFAULT_ROOMS


@pytest.mark.parametrize(
    "text",
    [
        '[[rooms]]\nalias = "a/b"',
        '[[rooms]]\nalias = "a+b"',
        '[[rooms]]\nalias = ""',
        '[[rooms]]\nalias = "a"\nhost_pin = "12"',
        '[[rooms]]\nalias = "a"\nhost_pin = 1234',
        '[[rooms]]\nalias = "a"\ncapcity = 3',
        "[picture]\nwidth = 642",
        "[picture]\nfps = 120",
        "[limits]\ntoken_s = 0",
        "not toml",
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises((msgspec.ValidationError, msgspec.DecodeError)):
        load(write(tmp_path, text))
