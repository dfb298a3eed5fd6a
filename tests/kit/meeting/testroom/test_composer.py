import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange
from hypothesis import given
from hypothesis import strategies as st

from kit.media import timecode
from kit.meeting.testroom.media import lettering, planes
from kit.meeting.testroom.media.composer import PictureSource, Scene, Tile, compose, grid

WALL_MS = 1_700_000_000_123


def picture(width: int, height: int, luma: int = 120) -> av.VideoFrame:
    frame = planes.blank(width, height, (luma, 128, 128))
    timecode.write(planes.views(frame)[0], WALL_MS)
    return frame


def source(frame: av.VideoFrame) -> PictureSource:
    made = PictureSource()
    made.put(frame, 0.0)
    return made


def luma_of(frame: av.VideoFrame) -> timecode.Plane:
    return planes.views(frame)[0]


def test_a_picture_of_the_right_size_fills_the_frame_unchanged_above_the_label() -> None:
    rng = np.random.default_rng(1)
    sent = planes.blank(640, 360)
    for plane in planes.views(sent):
        plane[:] = rng.integers(16, 235, plane.shape)
    shown = compose(Scene((Tile("Hembesökskit 7", source(sent)),)), 640, 360, 0)
    for got, was in zip(planes.views(shown), planes.views(sent), strict=True):
        rows = got.shape[0] * 8 // 10
        assert np.array_equal(got[:rows], was[:rows])


@pytest.mark.parametrize("size", [(320, 180), (480, 270), (640, 360), (638, 358), (1280, 720), (1920, 1080)])
def test_the_time_code_survives_scaling(size: tuple[int, int]) -> None:
    shown = compose(Scene((Tile("Hembesökskit 7", source(picture(*size)), muted=True),)), 640, 360, 0)
    assert timecode.read(luma_of(shown)) == WALL_MS % timecode.SPAN_MS


def test_drawing_a_label_never_changes_the_senders_picture() -> None:
    sent = picture(640, 360)
    before = luma_of(sent).copy()
    compose(Scene((Tile("Hembesökskit 7", source(sent)),)), 640, 360, 0)
    assert np.array_equal(luma_of(sent), before)


def test_a_picture_of_another_shape_is_neither_cut_nor_stretched() -> None:
    shown = luma_of(compose(Scene((Tile("", source(picture(480, 480, 200))),)), 640, 360, 0))
    ground = planes.INK_YUV[0]
    assert (shown[200, :138] == ground).all()
    assert (shown[200, 142:498] > 190).all()
    assert (shown[200, 502:] == ground).all()


def test_two_pictures_stand_side_by_side() -> None:
    tiles = (Tile("", source(picture(640, 360, 60))), Tile("", source(picture(640, 360, 200))))
    shown = luma_of(compose(Scene(tiles), 640, 360, 0))
    assert abs(int(shown[180, 160]) - 60) <= 2
    assert abs(int(shown[180, 480]) - 200) <= 2
    assert shown[20, 320] == planes.INK_YUV[0]


def test_who_sends_no_picture_has_a_name_plate() -> None:
    shown = compose(Scene((Tile("Hembesökskit 7", None),)), 640, 360, 0)
    assert np.array_equal(luma_of(shown), luma_of(lettering.name_plate("Hembesökskit 7", 640, 360)))
    assert timecode.read(luma_of(shown)) is None


def test_a_source_that_was_cleared_shows_no_old_picture() -> None:
    gone = source(picture(640, 360))
    gone.clear()
    assert timecode.read(luma_of(compose(Scene((Tile("X", gone),)), 640, 360, 0))) is None


def test_the_hold_picture_moves_and_carries_no_time_code() -> None:
    first, second = (compose(Scene(hold="Väntar"), 640, 360, tick) for tick in (0, 1))
    assert not np.array_equal(luma_of(first), luma_of(second))
    assert timecode.read(luma_of(first)) is None


def test_a_composed_picture_is_always_a_new_one() -> None:
    scene = Scene(hold="Väntar")
    luma_of(compose(scene, 640, 360, 0))[:] = 0
    assert luma_of(compose(scene, 640, 360, 0)).max() > 100


def test_full_range_pictures_are_brought_to_video_range() -> None:
    canvas = av.VideoFrame(640, 360, "yuvj420p")
    for plane, value in zip(canvas.planes, (255, 128, 128), strict=True):
        np.frombuffer(plane, np.uint8)[:] = value  # type: ignore[call-overload]
    canvas.color_range = ColorRange.JPEG
    shown = planes.resized(canvas, 640, 360)
    assert int(luma_of(shown).max()) == 235
    assert planes.resized(shown, 640, 360) is shown


def test_one_scaling_serves_all_viewers_until_the_next_picture() -> None:
    shared = source(picture(1280, 720))
    first = shared.fitted(320, 180)
    assert shared.fitted(320, 180) is first
    shared.put(picture(1280, 720), 1.0)
    assert shared.fitted(320, 180) is not first


@given(count=st.integers(1, 16), size=st.sampled_from([(640, 360), (1280, 720), (320, 180), (640, 480)]))
def test_tiles_lie_inside_the_frame_and_apart(count: int, size: tuple[int, int]) -> None:
    width, height = size
    taken = np.zeros((height, width), np.int32)
    for left, top, w, h in grid(count, width, height):
        assert left >= 0
        assert top >= 0
        assert left + w <= width
        assert top + h <= height
        assert not {left % 2, top % 2, w % 4, h % 4} - {0}
        taken[top : top + h, left : left + w] += 1
    assert taken.max() == 1


@given(name=st.text(max_size=80), muted=st.booleans())
def test_any_name_can_be_drawn(name: str, muted: bool) -> None:
    shown = compose(Scene((Tile(name, source(picture(320, 180)), muted), Tile(name, None))), 320, 180, 0)
    assert (shown.width, shown.height) == (320, 180)
