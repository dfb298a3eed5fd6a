"""The child-process encoder by the same road as VAAPI, with libx264 in place of the hardware codec."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial

import psutil
import pytest

from bench.encoding import clips
from kit.media.encoders.child import STALL_S, STAND_IN, ChildEncoder
from kit.media.encoders.fallback import FallbackEncoder
from kit.media.encoders.interface import EncoderFailed, VideoEncoder
from kit.media.encoders.probe import probe, psnr
from kit.media.encoders.x264 import X264Encoder
from tests.kit.media.encoders.contract import MIDDLE, H264Contract, Made

BPS = 500_000


class TestStandIn(H264Contract):
    live = False
    real_time = True

    @pytest.fixture
    def encoder(self) -> Iterator[VideoEncoder]:
        made = ChildEncoder(STAND_IN)
        yield made
        made.close()


@pytest.fixture
def child() -> Iterator[ChildEncoder]:
    made = ChildEncoder(STAND_IN)
    yield made
    made.close()


@pytest.fixture
def call(child: ChildEncoder) -> Iterator[FallbackEncoder]:
    """What a call has: the child, and x264 in case it fails."""
    made = FallbackEncoder([lambda: child, X264Encoder])
    yield made
    made.close()


def _encode(encoder: VideoEncoder, count: int, begin: int = 0) -> list[Made]:
    pictures = [clips.frame(clips.camera(360)[number]) for number in range(begin, begin + count)]
    return [
        Made(p, encoder.encode(p, MIDDLE, BPS, (begin + number) / 30, keyframe=False))
        for number, p in enumerate(pictures)
    ]


def test_the_probe_finds_that_it_works_and_what_it_costs() -> None:
    cost = probe(partial(ChildEncoder, STAND_IN), "H264", 1280, 720)
    assert 0.5 < cost.milliseconds < 500
    assert 0.02 < cost.cpu < 1


@pytest.mark.parametrize(("signal_", "longest"), [(signal.SIGKILL, 0.5), (signal.SIGSTOP, STALL_S + 0.5)])
def test_the_call_goes_on_in_software_when_the_child(
    child: ChildEncoder, call: FallbackEncoder, signal_: signal.Signals, longest: float
) -> None:
    made = _encode(call, 10)
    assert call.name == "ffmpeg_libx264"
    os.kill(child.processes[0], signal_)
    begun = time.monotonic()
    made += _encode(call, 1, 10)
    assert time.monotonic() - begun < longest
    assert made[-1].encoded.keyframe
    made += _encode(call, 10, 11)
    assert (call.name, call.fallbacks) == ("libx264", 1)
    shown = TestStandIn().shown(made)
    assert len(shown) == len(made)
    assert min(shown) > 23


def test_a_child_that_cannot_start_is_a_failure_with_a_name() -> None:
    with pytest.raises(EncoderFailed, match="no_ffmpeg"):
        probe(partial(ChildEncoder, STAND_IN, "/nowhere/ffmpeg"), "H264", 640, 360)


def test_a_child_that_talks_of_something_else_is_refused() -> None:
    with pytest.raises(EncoderFailed):
        probe(partial(ChildEncoder, STAND_IN, "/bin/echo"), "H264", 640, 360)


def test_the_old_child_goes_on_until_the_new_one_encodes(child: ChildEncoder) -> None:
    _encode(child, 5)
    first = child.processes
    picture = clips.frame(clips.camera(360)[0])
    both = child.encode(picture, MIDDLE, BPS / 2, 10.0, keyframe=False)
    assert not both.keyframe
    assert len(child.processes) == 2
    deadline = time.monotonic() + 10
    while first[0] in child.processes:
        assert time.monotonic() < deadline
        encoded = child.encode(picture, MIDDLE, BPS / 2, 10.1, keyframe=False)
        time.sleep(1 / 30)
    assert encoded.keyframe
    assert len(child.processes) == 1


def test_a_thousand_seconds_of_time_stamps_make_a_key_frame_not_a_fault(child: ChildEncoder) -> None:
    made = _encode(child, 2)
    assert child._child is not None
    child._child._stamp_ms = 999_980.0
    made += _encode(child, 4, 2)
    assert [one.encoded.keyframe for one in made] == [True, False, True, False, False, False]
    shown = TestStandIn().shown(made)
    assert len(shown) == 6
    assert psnr(made[0].picture, made[0].picture) == 99.0


def test_nothing_is_left_when_it_is_closed(child: ChildEncoder) -> None:
    _encode(child, 2)
    processes = [psutil.Process(pid) for pid in child.processes]
    child.close()
    assert not any(process.is_running() for process in processes)
    assert child.cpu_elsewhere_s() > 0
