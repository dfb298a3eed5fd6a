from collections.abc import Callable, Iterator

import av
import numpy as np
import pytest

from kit.media.cameras.source import planes
from kit.media.encoders import libvpx
from kit.media.encoders.interface import EncoderFailed, VideoEncoder
from kit.media.encoders.ladder import STILL
from kit.media.encoders.vp8 import Vp8Encoder
from kit.media.encoders.x264 import X264Encoder
from kit.media.scene import Scene
from tests.kit.media.encoders.contract import EncoderContract, H264Contract


class TestX264(H264Contract):
    @pytest.fixture
    def encoder(self) -> Iterator[VideoEncoder]:
        made = X264Encoder()
        yield made
        made.close()


class TestVp8(EncoderContract):
    codec = "VP8"

    @pytest.fixture
    def encoder(self) -> Iterator[VideoEncoder]:
        made = Vp8Encoder()
        yield made
        made.close()


def test_the_structures_are_those_of_the_library_in_the_wheel() -> None:
    config = libvpx.default_config()
    assert (config.width, config.height, config.time_num, config.time_den) == (320, 240, 1, 30)
    assert (config.target_kbps, config.max_quantizer, config.keyframe_max) == (256, 63, 128)


def test_a_configuration_that_libvpx_refuses_is_an_error_not_a_crash() -> None:
    config = libvpx.default_config()
    config.min_quantizer = 64
    with pytest.raises(EncoderFailed):
        libvpx.Vp8Context(config)


@pytest.mark.parametrize(("make", "codec"), [(X264Encoder, "h264"), (Vp8Encoder, "vp8")])
def test_a_still_goes_in_full_size_to_who_takes_it_and_gets_sharp(
    make: Callable[[], VideoEncoder], codec: str
) -> None:
    """A wound must be seen as the camera saw it, on a narrow link too: a second or two later."""
    scene, frame = Scene(1920, 1080), av.VideoFrame(1920, 1080, "yuv420p")
    scene.draw(planes(frame), 0)
    encoder, decoder = make(), av.CodecContext.create(codec, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    rung = STILL[0]._replace(macroblocks=8160)
    shown: list[av.VideoFrame] = []
    for number in range(12):
        made = encoder.encode(frame, rung, 700_000, number / rung.fps, keyframe=False)
        assert made.size == (1920, 1080)
        assert made.keyframe == (number == 0)
        shown += decoder.decode(av.Packet(made.data)) if made.data else []
    encoder.close()
    error = planes(frame).y.astype(float) - planes(shown[-1]).y.astype(float)
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 34
