"""Echo, noise and gain in a simulated room with two voices; who does it, and what if nobody can."""

import subprocess
import sys
import time

import numpy as np
import pytest

from bench.sounds import room as rooms
from kit.media.cards import Card
from kit.media.echo import EchoPath, Mode, Processing, Untouched, WebRtcProcessing, needed
from kit.media.level import BLOCK, RATE, Block, dbfs, silence

ROOM = rooms.make()
PUCK = Card("plughw:CARD=USB,DEV=0", "Speakerphone", 1, cancels_echo=True)
TABLET = Card("plughw:CARD=PCH,DEV=0", "Built in", 0)
NAMED = Card("pulse", "pulse")


def cleaned(processing: Processing, room: rooms.Room = ROOM) -> Block:
    pairs = zip(rooms.blocks(room.far), rooms.blocks(room.microphone), strict=True)
    kept = []
    for far, microphone in pairs:
        processing.played(far, rooms.DELAY_S - 0.02)
        kept.append(processing.clean(microphone, 0.02))
    return np.concatenate(kept)


@pytest.fixture(scope="module")
def level_kept() -> Block:
    return cleaned(WebRtcProcessing(gain=False))


def test_the_echo_of_the_other_side_is_30_db_weaker(level_kept: Block) -> None:
    assert rooms.erle_db(ROOM, level_kept, 8, 12) > 30
    assert rooms.erle_db(ROOM, level_kept, 17, 20) > 30
    assert abs(rooms.erle_db(ROOM, cleaned(Untouched()), 8, 12)) < 0.01


def test_the_told_delay_cancels_the_first_words_too(level_kept: Block) -> None:
    assert rooms.erle_db(ROOM, level_kept, 2, 4) > 30


def test_who_speaks_at_the_table_is_heard_while_the_other_side_speaks(level_kept: Block) -> None:
    assert rooms.near_db(ROOM, level_kept) > -3
    assert rooms.near_likeness(ROOM, level_kept) > rooms.near_likeness(ROOM, ROOM.microphone)


def test_quiet_speech_is_raised_and_hardly_clips() -> None:
    quiet = rooms.speech(4, 12) * 0.1
    still = np.zeros(len(quiet), np.int16)
    room = rooms.Room(still, still, (quiet * 32767).astype(np.int16), (0, 12))
    output = cleaned(WebRtcProcessing(), room)
    assert dbfs(output[8 * RATE :]) > dbfs(room.microphone[8 * RATE :]) + 6
    assert np.mean(np.abs(output.astype(int)) >= 32767) < 1e-4


def test_silence_stays_silence_and_blocks_keep_their_size() -> None:
    processing = WebRtcProcessing()
    for _ in range(20):
        processing.played(silence(), 0.0)
        block = processing.clean(silence(), -1.0)
        assert len(block) == BLOCK
        assert block.dtype == np.int16
        assert dbfs(block) < -80


def test_it_costs_less_than_two_percent_of_a_processor() -> None:
    processing = WebRtcProcessing()
    began = time.thread_time()
    cleaned(processing)
    assert (time.thread_time() - began) / 20 < 0.03


@pytest.mark.parametrize(
    ("mode", "microphone", "speaker", "wanted"),
    [
        ("auto", TABLET, TABLET, True),
        ("auto", NAMED, NAMED, True),
        ("auto", PUCK, PUCK, False),
        ("auto", PUCK, TABLET, True),
        ("auto", TABLET, PUCK, True),
        ("auto", PUCK, None, False),
        ("on", PUCK, PUCK, True),
        ("off", TABLET, TABLET, False),
    ],
)
def test_a_speakerphone_that_hears_and_speaks_is_left_alone(
    mode: Mode, microphone: Card, speaker: Card | None, wanted: bool
) -> None:
    assert needed(mode, microphone, speaker) is wanted


def counted() -> tuple[EchoPath, list[Untouched]]:
    """A path, and all that was ever made for it."""
    made: list[Untouched] = []

    def make() -> Untouched:
        made.append(Untouched())
        return made[-1]

    return EchoPath("auto", make), made


def test_the_library_is_made_once_when_it_is_first_needed_and_follows_the_cards() -> None:
    path, made = counted()
    path.speaks(PUCK)
    path.hears(PUCK)
    assert not made
    assert not path.active
    path.hears(TABLET)
    assert path.active
    path.hears(PUCK)
    assert not path.active
    path.speaks(TABLET)
    assert path.active
    assert len(made) == 1


def test_what_the_cards_that_are_there_will_need_is_made_before_they_are_opened() -> None:
    path, made = counted()
    path.expect(PUCK, PUCK)
    assert not made
    path.expect(TABLET, PUCK)
    assert len(made) == 1
    assert not path.active
    path.hears(TABLET)
    assert path.active
    assert len(made) == 1


def test_without_the_library_sound_passes_as_it_is() -> None:
    def missing() -> Processing:
        raise ImportError

    path = EchoPath("auto", missing)
    path.hears(TABLET)
    path.hears(TABLET)
    block = np.full(BLOCK, 7, np.int16)
    path.played(block, 0.0)
    assert not path.active
    assert (path.clean(block, 0.0) == 7).all()


def test_the_library_is_not_loaded_before_a_microphone_needs_it() -> None:
    code = "import sys, kit.media.studio; sys.exit(any(name.startswith('livekit') for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
