"""Which card is used for what, by the kernel's files as real machines have them; who cancels echo itself."""

from pathlib import Path

import pytest

from kit.ipc.state import Condition, Device
from kit.media import cards as subject
from kit.media.cards import Card, Direction, cards, declares_cancelling
from kit.media.echo import EchoPath
from kit.media.level import silence
from kit.media.sound import Microphone, Speaker, microphones, speakers


def audio_function(terminal: int, *, video: bool = False) -> bytes:
    """Descriptors of a device with one audio control interface that has one input terminal."""
    control = bytes([9, 4, 0, 0, 0, 0x0E if video else 1, 1, 0, 0])
    header = bytes([9, 0x24, 1, 0, 1, 40, 0, 1, 1])
    entry = bytes([12, 0x24, 2, 1, *terminal.to_bytes(2, "little"), 0, 1, 0, 0, 0, 0])
    device = bytes([18, 1, 0, 2, 0, 0, 0, 64, 0x0E, 0x0B, 0x20, 4, 0, 1, 1, 2, 3, 1])
    return device + bytes([9, 2, 60, 0, 2, 1, 0, 0x80, 250]) + control + header + entry


class Machine:
    """A /proc/asound and a /sys/class/sound of files."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.proc, self.sys = folder / "asound", folder / "sound"
        self.proc.mkdir()
        self.sys.mkdir()
        monkeypatch.setattr(subject, "PROC", self.proc)
        monkeypatch.setattr(subject, "SYSFS", self.sys)
        self._lines: dict[int, str] = {}

    def plug(
        self, number: int, name: str, label: str, pcms: str, usb: str = "", descriptors: bytes = b""
    ) -> None:
        card = self.proc / f"card{number}"
        card.mkdir()
        (card / "id").write_text(f"{name}\n")
        for pcm in pcms.split():
            (card / pcm).mkdir()
        if usb:
            (card / "usbid").write_text(f"{usb}\n")
            device = self.sys / f"device{number}"
            (device / "interface").mkdir(parents=True)
            (device / "descriptors").write_bytes(descriptors)
            (self.sys / f"card{number}").mkdir()
            (self.sys / f"card{number}" / "device").symlink_to(device / "interface")
        driver = "USB-Audio" if usb else "HDA-Intel"
        self._lines[number] = f"{number:2} [{name:<15}]: {driver} - {label}\n                      at x\n"
        (self.proc / "cards").write_text("".join(self._lines.values()))

    def pull(self, number: int) -> None:
        (self.proc / f"card{number}").rename(self.proc / f"gone{number}")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def tablet(machine: Machine) -> None:
    machine.plug(0, "HDMI", "HDA Intel HDMI", "pcm3p pcm7p")
    machine.plug(1, "PCH", "HDA Intel PCH", "pcm0p pcm0c pcm2c")
    machine.plug(2, "Webcam", "HD Webcam", "pcm0c", usb="046d:0825")


def test_a_speakerphone_goes_before_what_is_built_in_and_a_screen_goes_last(machine: Machine) -> None:
    tablet(machine)
    machine.plug(3, "USB", "Jabra SPEAK 510 USB", "pcm0p pcm0c", usb="0b0e:0422")
    known = ("0b0e:0422",)
    puck = Card("plughw:CARD=USB,DEV=0", "Jabra SPEAK 510 USB", 3, cancels_echo=True)
    assert cards(Direction.CAPTURE, known)[0] == cards(Direction.PLAYBACK, known)[0] == puck
    assert [card.number for card in cards(Direction.CAPTURE)] == [3, 1, 2]
    assert [card.number for card in cards(Direction.PLAYBACK)] == [3, 1, 0]
    assert cards(Direction.PLAYBACK)[2].pcm == "plughw:CARD=HDMI,DEV=3"
    machine.pull(3)
    assert [card.label for card in cards(Direction.CAPTURE)] == ["HDA Intel PCH", "HD Webcam"]


def test_without_cards_the_systems_default_is_tried(machine: Machine) -> None:
    assert cards(Direction.CAPTURE) == []
    assert microphones("auto")() == speakers("auto")() == [Card("default", "default")]
    assert microphones("pulse")() == [Card("pulse", "pulse")]


def test_a_device_may_say_of_itself_that_it_cancels_echo(machine: Machine) -> None:
    machine.plug(0, "A", "Speakerphone", "pcm0p pcm0c", usb="1234:0001", descriptors=audio_function(0x0405))
    machine.plug(1, "B", "Headset", "pcm0p pcm0c", usb="1234:0002", descriptors=audio_function(0x0402))
    assert [card.cancels_echo for card in cards(Direction.CAPTURE)] == [True, False]


@pytest.mark.parametrize(
    ("descriptors", "declared"),
    [
        (audio_function(0x0404), True),
        (audio_function(0x0405), True),
        (audio_function(0x0403), False),
        (audio_function(0x0405, video=True), False),
        (audio_function(0x0405)[:-8], False),
        (b"\x00" * 100, False),
        (b"\x01", False),
        (b"\xff\x24\x02", False),
        (b"", False),
    ],
)
def test_descriptors_are_read_by_their_lengths_and_never_believed_beyond(
    descriptors: bytes, declared: bool
) -> None:
    assert declares_cancelling(descriptors) is declared


def test_what_is_plugged_in_is_named_without_being_opened(machine: Machine) -> None:
    tablet(machine)
    seen: list[Device] = []
    echo = EchoPath("off")
    microphone = Microphone(microphones("auto"), lambda *_: None, seen.append, echo)
    speaker = Speaker(speakers("auto"), lambda _: silence(), seen.append, echo)
    assert microphone.look() == Device(condition=Condition.OK, label="HDA Intel PCH")
    machine.plug(4, "USB", "Jabra SPEAK 510 USB", "pcm0p pcm0c", usb="0b0e:0422")
    assert microphone.look().label == speaker.look().label == "Jabra SPEAK 510 USB"


def test_a_card_that_is_not_there_is_passed_over_for_the_next(machine: Machine) -> None:
    tablet(machine)
    speaker = Speaker(speakers("auto"), lambda _: silence(), lambda _: None, EchoPath("off"))
    with pytest.raises(Exception, match="missing"):
        speaker.open()
    assert [card.number for card in speaker._choice.ordered()] == [1, 0]
