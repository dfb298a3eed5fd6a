"""A picture that several encoders take at once, as in a room and while a call changes its network."""

import gc
import threading

import av
import numpy as np
from av.video.frame import PictureType

from kit.media.encoders.ladder import Rung
from kit.media.encoders.scaling import fit, own


def test_one_picture_can_be_scaled_for_several_encoders_at_once() -> None:
    made: list[tuple[int, int]] = []

    def scale(frame: av.VideoFrame, height: int) -> None:
        for _ in range(10):
            picture = fit(frame, Rung(1_000_000, height, 30))
            made.append((picture.width, picture.height))

    for _ in range(20):
        frame = av.VideoFrame(1280, 720, "yuv420p")
        threads = [threading.Thread(target=scale, args=(frame, height)) for height in (180, 360, 540)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(made) == {(320, 180), (640, 360), (960, 540)}


def test_a_frame_of_ones_own_has_the_same_picture_and_its_own_time() -> None:
    rng = np.random.default_rng(3)
    planes = rng.integers(0, 255, (270, 320), np.uint8)
    shared = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    shared.pts, shared.pict_type = 7, PictureType.NONE
    mine = own(shared)
    mine.pts, mine.pict_type = 1, PictureType.I
    assert (shared.pts, shared.pict_type) == (7, PictureType.NONE)
    assert [plane.buffer_ptr for plane in mine.planes] == [plane.buffer_ptr for plane in shared.planes]
    del shared
    gc.collect()
    assert np.array_equal(mine.to_ndarray(), planes)


def test_lines_that_are_longer_than_the_picture_is_wide_are_no_part_of_it() -> None:
    padded = av.VideoFrame(330, 180, "yuv420p")
    for plane in padded.planes:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows[:], rows[:, : plane.width] = 255, 16
    assert padded.planes[0].line_size > 330
    assert np.array_equal(own(padded).to_ndarray(), padded.to_ndarray())
    assert own(padded).to_ndarray().max() == 16
