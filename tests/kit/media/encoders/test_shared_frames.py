"""A picture that several encoders take at once, as in a room and while a call changes its network."""

import threading

import av

from kit.media.encoders.interface import fit
from kit.media.encoders.ladder import Rung


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
