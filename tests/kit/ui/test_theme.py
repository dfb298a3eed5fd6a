"""The tokens: what is written can be read, and sizes follow the window."""

import pytest

from kit.ui import theme


@pytest.mark.parametrize("name", theme.TONES)
def test_every_ink_has_a_contrast_of_seven_on_its_ground(name: str) -> None:
    tone = theme.TONES[name]
    for ground in (tone.fill, tone.pressed):
        assert theme.contrast(tone.ink, ground) >= 7
    assert theme.contrast(tone.soft, tone.fill) >= 7
    assert theme.contrast(tone.icon, tone.fill) >= 7


@pytest.mark.parametrize("ink", [theme.INK, theme.INK_SOFT, theme.WARN])
def test_inks_on_the_bare_canvas_can_be_read(ink: str) -> None:
    assert theme.contrast(ink, theme.CANVAS) >= 7


@pytest.mark.parametrize("ink", [theme.ON_NIGHT, theme.ON_NIGHT_SOFT])
def test_inks_on_the_bare_night_can_be_read(ink: str) -> None:
    assert theme.contrast(ink, theme.NIGHT) >= 7


@pytest.mark.parametrize("ground", [theme.CANVAS, theme.NIGHT])
def test_the_focus_ring_stands_out(ground: str) -> None:
    assert theme.contrast(theme.FOCUS, ground) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("size", "factor"),
    [((1920, 1200), 1.0), ((1280, 800), 2 / 3), ((1920, 1080), 0.9), ((1000, 1200), 1000 / 1920)],
)
def test_everything_is_smaller_in_a_smaller_window(size: tuple[int, int], factor: float) -> None:
    assert theme.scale(*size) == pytest.approx(factor)
