import threading
from functools import partial
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.encoding import clips
from kit.media.encoders import memory
from kit.media.encoders.choice import Encoders
from kit.media.encoders.device import QSV, DeviceEncoder
from kit.media.encoders.guard import GuardedEncoder
from kit.media.encoders.interface import Encoded, EncoderFailed
from kit.media.encoders.kinds import KINDS, Kind
from kit.media.encoders.ladder import CAMERA, Rung
from kit.media.encoders.memory import Memory
from kit.media.encoders.probe import probe
from kit.media.encoders.vp8 import Vp8Encoder
from kit.media.encoders.x264 import X264Encoder

RUNG = CAMERA[3]
SOFTWARE = (Kind("libx264", X264Encoder),)


class Faulty(X264Encoder):
    """Hardware as it is when it is ill: works for some pictures, and then not."""

    healthy = 30

    def __init__(self, fault: str) -> None:
        super().__init__()
        self._fault, self._count = fault, 0
        self.hold = threading.Event()

    @property
    def name(self) -> str:
        return "faulty"

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        self._count += 1
        ill = self._count > self.healthy
        if ill and self._fault == "dies":
            raise EncoderFailed("gone")
        if ill and self._fault == "hangs":
            self.hold.wait(20)
        made = super().encode(frame, rung, bitrate, now, keyframe=keyframe)
        if self._fault == "delayed":
            return made._replace(data=b"")
        if self._fault == "garbage":
            return made._replace(data=made.data[:40] + bytes(len(made.data) - 40))
        if self._fault == "keys":
            return made._replace(keyframe=True)
        if self._fault == "wrong size":
            return made._replace(size=(64, 64))
        return made


def _picture(number: int = 0) -> av.VideoFrame:
    return clips.frame(clips.camera(360)[number])


def _kinds(fault: str) -> dict[str, tuple[Kind, ...]]:
    return {"H264": (Kind("faulty", partial(Faulty, fault), hardware=True), Kind("libx264", X264Encoder))}


@pytest.mark.parametrize("fault", ["delayed", "garbage", "keys", "wrong size"])
def test_what_opens_but_does_not_encode_is_refused_with_a_reason(fault: str) -> None:
    choice = Encoders(kinds=_kinds(fault)).choose(640, 360)["H264"]
    assert (choice.name, choice.hardware) == ("libx264", False)
    assert set(choice.refused) == {"faulty"}


def test_the_best_that_works_is_chosen_and_its_cost_is_known() -> None:
    choice = Encoders(kinds=_kinds("none yet")).choose(640, 360)["H264"]
    assert (choice.name, choice.hardware, dict(choice.refused)) == ("faulty", True, {})
    assert choice.cost.milliseconds > 0
    assert choice.cost.cpu > 0


def test_without_hardware_every_codec_has_software() -> None:
    choices = Encoders().choose(640, 360)
    assert set(choices) == {"H264", "VP8"}
    assert choices["VP8"].name == "libvpx"
    for codec, choice in choices.items():
        known = {kind.name for kind in KINDS[codec]}
        assert choice.name in known
        assert set(choice.refused) < known


def test_libraries_that_are_there_without_their_device_are_refused() -> None:
    with pytest.raises(EncoderFailed):
        probe(partial(DeviceEncoder, "no_such_codec", QSV), "H264", 640, 360)


@pytest.mark.parametrize(("codec", "kind"), [("H264", X264Encoder), ("VP8", Vp8Encoder)])
def test_the_probe_knows_one_codec_from_another(codec: str, kind: type) -> None:
    other = "VP8" if codec == "H264" else "H264"
    probe(kind, codec, 640, 360)
    with pytest.raises(EncoderFailed):
        probe(kind, other, 640, 360)


def test_an_encoder_that_dies_in_the_call_is_followed_by_software_in_the_same_picture(tmp_path: Path) -> None:
    encoders = Encoders(tmp_path, kinds=_kinds("dies"))
    encoders.choose(640, 360)
    encoder = encoders.open("h264")
    for number in range(Faulty.healthy):
        assert encoder.encode(_picture(), RUNG, 5e5, number / 30, keyframe=False).data
    assert encoder.name == "faulty"
    encoded = encoder.encode(_picture(), RUNG, 5e5, 1.0, keyframe=False)
    assert encoded.keyframe
    assert (encoder.name, encoder.fallbacks) == ("libx264", 1)
    assert encoders.open("H264").name == "libx264"
    assert Memory(tmp_path, Path("/")).chosen("H264") is None


def test_an_encoder_that_hangs_is_left_behind(tmp_path: Path) -> None:
    faulty = Faulty("hangs")
    faulty.healthy = 2
    guarded = GuardedEncoder(lambda: faulty, stall_s=0.2)
    try:
        for number in range(2):
            guarded.encode(_picture(), RUNG, 5e5, number / 30, keyframe=False)
        for _ in range(2):
            with pytest.raises(EncoderFailed, match="stalled"):
                guarded.encode(_picture(), RUNG, 5e5, 1.0, keyframe=False)
    finally:
        faulty.hold.set()
        guarded.close()


def test_software_that_fails_leaves_one_picture_out_and_begins_anew() -> None:
    encoder = Encoders().open("VP8")
    encoder.encode(_picture(), RUNG, 5e5, 0.0, keyframe=False)
    with pytest.raises(EncoderFailed):
        encoder.encode(av.VideoFrame(17_000, 16, "yuv420p"), CAMERA[-1], 5e5, 0.1, keyframe=False)
    assert encoder.encode(_picture(), RUNG, 5e5, 0.2, keyframe=False).keyframe


def test_the_choice_is_remembered_for_this_machine_and_kernel(tmp_path: Path) -> None:
    Encoders(tmp_path, kinds=_kinds("dies")).choose(640, 360)
    assert Memory(tmp_path, Path("/")).chosen("H264") == "faulty"
    other = tmp_path / "other machine"
    (other / "sys/class/dmi/id").mkdir(parents=True)
    (other / "sys/class/dmi/id/product_name").write_text("Tablet 12")
    assert Memory(tmp_path, other).chosen("H264") is None


def test_hardware_that_was_slow_for_a_moment_is_looked_at_again(tmp_path: Path) -> None:
    faulty = Faulty("hangs")
    faulty.healthy = 1
    kinds = {
        "H264": (Kind("slow", lambda: GuardedEncoder(lambda: faulty, stall_s=0.1), hardware=True), *SOFTWARE)
    }
    try:
        choice = Encoders(tmp_path, kinds=kinds).choose(640, 360)["H264"]
    finally:
        faulty.hold.set()
    assert (choice.name, choice.refused) == ("libx264", {"slow": "stalled"})
    assert Memory(tmp_path, Path("/")).chosen("H264") is None


def test_what_is_remembered_is_tried_first_and_again(tmp_path: Path) -> None:
    kinds = _kinds("delayed")
    Encoders(tmp_path, kinds=kinds).choose(640, 360)
    assert not Encoders(tmp_path, kinds=kinds).choose(640, 360)["H264"].refused
    refused = {"H264": (kinds["H264"][1], kinds["H264"][0])}
    Memory(tmp_path, Path("/")).choose("H264", "faulty")
    assert Encoders(tmp_path, kinds=refused).choose(640, 360)["H264"].name == "libx264"


def test_an_encoder_that_ended_the_process_is_not_tried_again(tmp_path: Path) -> None:
    Memory(tmp_path, Path("/")).trying("faulty")
    choice = Encoders(tmp_path, kinds=_kinds("none yet")).choose(640, 360)["H264"]
    assert choice.name == "libx264"
    assert choice.refused == {"faulty": "ended_the_process"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=5000)
    | st.sampled_from([b"{}", b"[1]", b'{"machine":5}', b'{"machine":"x","chosen":{"a":"B C"}}'])
)
def test_a_damaged_memory_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / memory.FILE).write_bytes(content)
    known = Memory(tmp_path, Path("/"))
    assert known.chosen("H264") is None
    known.choose("H264", "libx264")
    assert Memory(tmp_path, Path("/")).chosen("H264") == "libx264"


def test_a_folder_that_cannot_be_written_is_no_obstacle() -> None:
    encoders = Encoders(Path("/proc/no/such"), kinds=_kinds("delayed"))
    assert encoders.choose(640, 360)["H264"].name == "libx264"
