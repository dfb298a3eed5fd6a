"""Type faces and icons: there after the set-up, and no reason to stop where they are missing."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from kivy.core.text import Label

from kit.ui import assets, theme
from tests.kit.ui.driver import Driver


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without the set-up: neither Inter nor the npm build."""
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    monkeypatch.setattr(assets, "_INTER", (tmp_path,))
    assets._code_points.cache_clear()
    yield
    monkeypatch.undo()
    assets._code_points.cache_clear()
    assets.register_fonts()
    # Read again now: tests with a running loop may not.
    assets.glyph("phone")


def test_after_the_set_up_all_faces_and_icons_are_there(
    hands: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    assets.register_fonts()
    assert capsys.readouterr().err == ""
    assert len(assets.glyph("phone")) == 1


@pytest.mark.usefixtures("bare")
def test_without_them_the_remedy_is_said_and_words_are_still_drawn(
    hands: Driver, capsys: pytest.CaptureFixture[str]
) -> None:
    assets.register_fonts()
    said = [msgspec.json.decode(line) for line in capsys.readouterr().err.splitlines()]
    assert {line["event"] for line in said} == {"font_missing", "icons_missing"}
    assert all(line["remedy"] for line in said)
    assert assets.glyph("phone") == ""
    label = Label(text="Möte", font_name=theme.REGULAR_FONT, font_size=20)
    label.refresh()
    assert label.texture.width > 20


def test_the_faces_have_different_weights(hands: Driver) -> None:
    widths = []
    for face in (theme.REGULAR_FONT, theme.BOLD_FONT, theme.HERO_FONT):
        label = Label(text="Anslut till möte", font_name=face, font_size=60)
        label.refresh()
        widths.append(label.texture.width)
    assert widths == sorted(set(widths))
