"""Pictures on the screen: right colours, no padding seen, nothing torn, nothing kept."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from kivy.core.window import Window

from kit.ipc.pictures import Picture, Stream
from kit.ui.widgets.picture import PictureTile
from tests.kit.ui.driver import Driver
from tests.kit.ui.pictures import Bytes, FakeCamera, flat

COLOURS = [
    (16, 128, 128, (0, 0, 0)),
    (235, 128, 128, (255, 255, 255)),
    (126, 128, 128, (128, 128, 128)),
    (81, 90, 240, (254, 0, 0)),
    (145, 54, 34, (0, 255, 1)),
    (41, 240, 110, (0, 0, 255)),
    (120, 100, 160, (172, 105, 65)),
]
"""Y, U, V of BT.601 with limited range, and what that is in RGB (ITU-R BT.601, computed by hand)."""


@pytest.fixture
def tile(hands: Driver) -> Iterator[PictureTile]:
    """A tile of 320 × 180 pixels at the lower left corner."""
    made = PictureTile(size_hint=(None, None), size=(320, 180), pos=(0, 0))
    Window.add_widget(made)
    yield made
    Window.remove_widget(made)


def drawn(hands: Driver, tile: PictureTile, camera: FakeCamera) -> npt.NDArray[np.int16]:
    """Return the tile's pixels, top row first."""
    tile.show(camera)
    return hands.pixels()[-180:, :320].astype(np.int16)


@pytest.mark.parametrize(("luma", "blue", "red", "rgb"), COLOURS)
def test_colours_are_right(
    hands: Driver, tile: PictureTile, luma: int, blue: int, red: int, rgb: tuple[int, int, int]
) -> None:
    camera = FakeCamera()
    camera.write(Stream.REMOTE, *flat(64, 36, luma, blue, red))
    assert np.abs(drawn(hands, tile, camera) - rgb).max() <= 3


def test_the_padding_of_a_plane_is_never_seen(hands: Driver, tile: PictureTile) -> None:
    """Padding of zeros would be a green edge."""
    camera = FakeCamera()
    camera.write(Stream.REMOTE, *flat(54, 30, 126, 128, 128, padding=10), width=54)
    pixels = drawn(hands, tile, camera)
    inside = pixels[20:-20, 3:-3]
    assert np.abs(inside - 128).max() <= 3


def _halves() -> tuple[Bytes, Bytes, Bytes]:
    luma, blue, red = flat(64, 36, 16, 128, 128)
    luma[:18, :32] = 235
    return luma, blue, red


def test_a_picture_stands_upright_and_a_mirrored_one_is_turned_left_to_right(
    hands: Driver, tile: PictureTile
) -> None:
    camera = FakeCamera()
    camera.write(Stream.REMOTE, *_halves())
    pixels = drawn(hands, tile, camera)
    assert pixels[45, 80].min() > 250
    assert max(pixels[45, 240].max(), pixels[135, 80].max()) < 5
    tile.mirrored = True
    pixels = hands.pixels()[-180:, :320].astype(np.int16)
    assert pixels[45, 240].min() > 250
    assert pixels[45, 80].max() < 5


@pytest.mark.parametrize(("fit", "edge"), [("contain", 0), ("cover", 255)])
def test_a_picture_is_shown_whole_or_fills_its_place(
    hands: Driver, tile: PictureTile, fit: str, edge: int
) -> None:
    Window.clearcolor = (0, 0, 0, 1)
    tile.fit = fit
    camera = FakeCamera()
    camera.write(Stream.REMOTE, *flat(36, 36, 235, 128, 128))
    pixels = drawn(hands, tile, camera)
    assert pixels[90, 160].min() > 250
    assert abs(int(pixels[90, 5].max()) - edge) <= 3


class Torn:
    """Hands out a picture that is written over while it is read."""

    def __init__(self, camera: FakeCamera, times: int) -> None:
        self._camera = camera
        self._times = times

    def latest(self, stream: Stream) -> Picture | None:
        picture = self._camera.latest(stream)
        if self._times > 0:
            self._times -= 1
            for _ in range(3):
                self._camera.write(stream, *flat(64, 36, 100, 128, 128))
        return picture


def test_a_torn_picture_is_read_once_more(hands: Driver, tile: PictureTile) -> None:
    assert tile.show(Torn(FakeCamera(), times=1)) is not None


def test_a_picture_that_is_torn_again_is_left_for_the_next(hands: Driver, tile: PictureTile) -> None:
    assert tile.show(Torn(FakeCamera(), times=9)) is None


def test_the_same_picture_is_drawn_once(hands: Driver, tile: PictureTile) -> None:
    camera = FakeCamera()
    assert tile.show(camera) is not None
    assert tile.show(camera) is None


def test_the_size_may_change(hands: Driver, tile: PictureTile) -> None:
    camera = FakeCamera()
    for width, height in ((64, 36), (640, 360), (54, 30)):
        camera.write(Stream.REMOTE, *flat(width, height, 126, 128, 128))
        assert abs(int(drawn(hands, tile, camera)[90, 160].max()) - 128) <= 3


def test_when_no_picture_comes_the_last_one_goes_unless_it_is_held(hands: Driver, tile: PictureTile) -> None:
    camera = FakeCamera()
    tile.show(camera)
    camera.clear(Stream.REMOTE)
    tile.hold = True
    tile.show(camera)
    assert tile.has_picture
    tile.hold = False
    tile.show(camera)
    assert not tile.has_picture
    assert not tile._textures
