from kit.meeting.testroom.rooms.speakers import Speakers


def test_the_latest_speaker_comes_first() -> None:
    speakers = Speakers()
    speakers.hear({"a": -20.0, "b": -90.0}, 0.0)
    assert speakers.stage(0.1) == [{"participant_uuid": "a", "stage_index": 0, "vad": 100}]
    speakers.hear({"a": -90.0, "b": -20.0}, 2.0)
    assert speakers.stage(2.0) == [
        {"participant_uuid": "b", "stage_index": 0, "vad": 100},
        {"participant_uuid": "a", "stage_index": 1, "vad": 0},
    ]


def test_nothing_is_told_while_nothing_changes() -> None:
    speakers = Speakers()
    speakers.hear({"a": -20.0}, 0.0)
    assert speakers.stage(0.0) is not None
    speakers.hear({"a": -20.0}, 0.2)
    assert speakers.stage(0.3) is None


def test_a_pause_between_words_is_not_the_end_of_speaking() -> None:
    speakers = Speakers()
    speakers.hear({"a": -20.0}, 0.0)
    speakers.stage(0.0)
    speakers.hear({"a": -90.0}, 0.3)
    assert speakers.stage(0.5) is None
    speakers.hear({"a": -90.0}, 1.0)
    assert speakers.stage(1.0) == [{"participant_uuid": "a", "stage_index": 0, "vad": 0}]


def test_noise_is_not_speech_and_who_left_is_forgotten() -> None:
    speakers = Speakers()
    speakers.hear({"a": -60.0}, 0.0)
    assert speakers.stage(0.0) is None
    speakers.hear({"a": -20.0}, 1.0)
    speakers.stage(1.0)
    speakers.hear({}, 1.1)
    assert speakers.stage(1.1) == []
