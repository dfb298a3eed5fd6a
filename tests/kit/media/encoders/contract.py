"""What every encoder must do, whatever it runs on. Subclasses give the fixture ``encoder``."""

import time
from collections.abc import Iterator
from typing import NamedTuple

import av
import pytest

from bench.encoding import clips
from kit.media.encoders.interface import Encoded, VideoEncoder
from kit.media.encoders.ladder import CAMERA, SCREEN, Rung
from kit.media.encoders.parameters import profile
from kit.media.encoders.probe import psnr

LOW, MIDDLE = CAMERA[2], CAMERA[3]


class Made(NamedTuple):
    """A picture that went in, and what came of it."""

    picture: av.VideoFrame
    encoded: Encoded


class EncoderContract:
    codec = "H264"
    live = True
    """Whether the rate changes without a key frame."""
    real_time = False
    """Whether the encoder's own time is part of what it does."""

    @pytest.fixture
    def encoder(self) -> Iterator[VideoEncoder]:
        raise NotImplementedError

    def run(
        self,
        encoder: VideoEncoder,
        seconds: float,
        bitrate: float,
        rung: Rung = MIDDLE,
        begin: float = 0.0,
        clip: tuple[clips.Planes, ...] | None = None,
    ) -> list[Made]:
        pictures = clips.camera(rung.height) if clip is None else clip
        made = []
        for number in range(int(seconds * rung.fps)):
            began = time.monotonic()
            picture = clips.frame(pictures[number % len(pictures)])
            now = begin + number / rung.fps
            made.append(Made(picture, encoder.encode(picture, rung, bitrate, now, keyframe=False)))
            if self.real_time:
                time.sleep(max(0.0, 1 / rung.fps - (time.monotonic() - began)))
        return made

    def shown(self, made: list[Made]) -> list[float]:
        """Decode, and compare with what went in: dB for each picture."""
        decoder = av.CodecContext.create("h264" if self.codec == "H264" else "vp8", "r")
        found = []
        for one in made:
            for decoded in decoder.decode(av.Packet(one.encoded.data)):
                assert (decoded.width, decoded.height) == one.encoded.size
                found.append(psnr(decoded, one.picture))
        return found

    def test_the_pictures_that_went_in_are_shown(self, encoder: VideoEncoder) -> None:
        shown = self.shown(self.run(encoder, 2, 700_000))
        assert len(shown) == 60
        assert min(shown[30:]) > 30

    def test_only_the_first_picture_is_a_key_frame_unless_asked(self, encoder: VideoEncoder) -> None:
        made = self.run(encoder, 4, 500_000)
        assert [one.encoded.keyframe for one in made] == [True] + [False] * (len(made) - 1)

    def test_a_key_frame_comes_at_once_when_asked_for(self, encoder: VideoEncoder) -> None:
        before = self.run(encoder, 0.5, 500_000)
        picture = before[0].picture
        asked = encoder.encode(picture, MIDDLE, 500_000, 0.5, keyframe=True)
        after = self.run(encoder, 0.5, 500_000, begin=0.55)
        assert asked.keyframe
        assert not any(one.encoded.keyframe for one in after)
        assert len(self.shown([Made(picture, asked), *after])) == 1 + len(after)

    def test_no_picture_is_larger_than_the_level_allows(self, encoder: VideoEncoder) -> None:
        large = av.VideoFrame(1920, 1080, "yuv420p")
        size = encoder.encode(large, SCREEN[-1], 1_500_000, 0.0, keyframe=True).size
        assert size == (1280, 720)

    @pytest.mark.parametrize(("first", "then"), [(700_000, 350_000), (350_000, 650_000)])
    def test_a_new_rate_is_kept_within_a_fifth(self, encoder: VideoEncoder, first: int, then: int) -> None:
        self.run(encoder, 5, first)
        made = self.run(encoder, 7, then, begin=5.0)
        late = [one.encoded for one in made if one is not made[0]][3 * MIDDLE.fps :]
        rate = sum(len(encoded.data) for encoded in late) * 8 / (len(late) / MIDDLE.fps)
        assert rate == pytest.approx(then, rel=0.2)
        keys = sum(one.encoded.keyframe for one in made)
        assert keys == 0 if self.live else keys <= 1

    def test_pictures_leave_without_queueing(self, encoder: VideoEncoder) -> None:
        made = self.run(encoder, 5, 280_000)
        fair = 280_000 / 8 / MIDDLE.fps
        sizes = sorted(len(one.encoded.data) / fair for one in made[MIDDLE.fps :])
        assert sizes[int(0.95 * len(sizes))] < 1.6
        assert sizes[-1] < 3.5
        assert len(made[0].encoded.data) / fair < 12

    def test_a_new_rung_begins_with_a_key_frame_of_its_size(self, encoder: VideoEncoder) -> None:
        made = self.run(encoder, 0.5, 300_000, LOW)
        picture = clips.frame(clips.camera()[0])
        for rung, size in ((CAMERA[3], (640, 360)), (CAMERA[0], (320, 180)), (CAMERA[5], (1280, 720))):
            encoded = encoder.encode(picture, rung, 400_000, 1.0, keyframe=False)
            assert encoded.size == size
            assert encoded.keyframe
            shown = picture.reformat(*size)
            made.append(Made(shown, encoded))
        assert len(self.shown(made)) == len(made)

    def test_slides_become_sharp_and_follow_a_change(self, encoder: VideoEncoder) -> None:
        rung = SCREEN[1]
        pages = clips.slides(2)
        one = self.run(encoder, 4, 380_000, rung, clip=pages[:1])
        two = self.run(encoder, 4, 380_000, rung, begin=4.0, clip=pages[1:])
        shown = self.shown(one + two)
        assert shown[len(one) - 1] > 34
        assert shown[-1] > 34
        assert sum(one.encoded.keyframe for one in two) == 0

    def test_a_portrait_picture_keeps_its_shape(self, encoder: VideoEncoder) -> None:
        tall = av.VideoFrame(720, 1280, "yuv420p")
        assert encoder.encode(tall, MIDDLE, 500_000, 0.0, keyframe=False).size == (360, 640)

    def test_the_picture_given_is_left_as_it_was(self, encoder: VideoEncoder) -> None:
        picture = clips.frame(clips.camera(360)[0])
        picture.pts, kind, before = 1234, picture.pict_type, picture.to_ndarray()
        assert encoder.encode(picture, MIDDLE, 500_000, 0.0, keyframe=True).keyframe
        assert (picture.pts, picture.pict_type) == (1234, kind)
        assert (picture.to_ndarray() == before).all()

    def test_it_may_be_closed_twice_and_then_used_again(self, encoder: VideoEncoder) -> None:
        self.run(encoder, 0.1, 500_000)
        encoder.close()
        encoder.close()
        assert self.run(encoder, 0.1, 500_000)[0].encoded.keyframe


class H264Contract(EncoderContract):
    def test_what_was_negotiated_is_sent(self, encoder: VideoEncoder) -> None:
        for rung in (LOW, MIDDLE, CAMERA[-1]):
            key = encoder.encode(clips.frame(clips.camera()[0]), rung, 400_000, 0.0, keyframe=True)
            found = profile(key.data)
            assert found is not None
            assert found.constrained_baseline
            assert found.level <= 31
