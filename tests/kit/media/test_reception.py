"""What of the other side reaches the screen, and that it is gone when it should be."""

import av

from kit.ipc import engine as ng
from kit.ipc.pictures import PictureWriter, Stream
from kit.media.reception import Reception


def slide() -> av.VideoFrame:
    return av.VideoFrame(64, 36, "yuv420p")


def test_a_slide_still_under_way_when_the_presentation_ends_does_not_come_back() -> None:
    told: list[ng.Event] = []
    writers = {stream: PictureWriter(stream) for stream in Stream}
    reception = Reception(writers, told.append)
    reception.presented(on=True)
    reception.slide(slide())
    reception.presented(on=False)
    reception.slide(slide())
    assert told == [ng.MediaChanged(False, True), ng.MediaChanged(False, False)]
    reception.presented(on=True)
    reception.slide(slide())
    assert told[-1] == ng.MediaChanged(False, True)
