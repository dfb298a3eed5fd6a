"""From what is subscribed to what is wanted: only what is shown, by exchange where that is possible."""

import pytest

from kit.meeting.janus.leg import Fit
from kit.meeting.janus.lines import MAX_HEARD, Key, Step, layers, resting, step, wanted
from kit.meeting.janus.messages import StreamOf
from kit.meeting.janus.people import Known


def known(feed: int, codec: str = "h264", simulcast: bool = False, talking: bool = False) -> Known:
    streams = (
        StreamOf(type="audio", mid="0", codec="opus"),
        StreamOf(type="video", mid="1", codec=codec, simulcast=simulcast),
        StreamOf(type="data", mid="2"),
    )
    return Known(id=feed, name=str(feed), streams=streams, talking=talking)


def line(kind: str, mid: str, feed: int, codec: str = "h264") -> StreamOf:
    of = "0" if kind == "audio" else "1"
    return StreamOf(type=kind, mid=mid, codec=codec, feed_id=feed, feed_mid=of)  # type: ignore[arg-type]


DATA = StreamOf(type="data", mid="9", source_ids=[1, 2])


def test_everybody_is_heard_and_only_those_with_a_place_are_seen() -> None:
    want = wanted([known(1), known(2), known(3)], (2, 1, None, None))
    assert want.heard == {Key(1, "0"), Key(2, "0"), Key(3, "0")}
    assert want.seen == (Key(2, "1"), Key(1, "1"), None, None)
    first = step([], want)
    assert Key(3, "1") not in first.subscribe
    assert set(first.subscribe) == {*want.heard, *want.data, Key(1, "1"), Key(2, "1")}


def test_what_the_kit_cannot_decode_is_not_asked_for() -> None:
    want = wanted([known(1, "vp9")], (1, None, None, None))
    assert want.seen == (None, None, None, None)


def test_those_who_speak_are_heard_first_where_there_are_too_many() -> None:
    crowd = [known(number, talking=number == 60) for number in range(1, 61)]
    want = wanted(crowd, ())
    assert len(want.heard) == MAX_HEARD
    assert Key(60, "0") in want.heard


def test_when_all_is_there_nothing_is_asked_for_even_if_places_change() -> None:
    there = [line("audio", "0", 1), line("video", "1", 1), line("audio", "3", 2), line("video", "4", 2), DATA]
    for places in ((1, 2), (2, 1)):
        assert step(there, wanted([known(1), known(2)], places)) == Step()


def test_another_picture_takes_the_line_of_the_one_that_is_not_shown_any_more() -> None:
    there = [line("audio", "0", 1), line("video", "1", 1), line("audio", "3", 2), DATA]
    assert step(there, wanted([known(1), known(2)], (2,))) == Step(switch=((Key(2, "1"), "1"),))


def test_a_picture_in_another_codec_gets_a_line_of_its_own() -> None:
    there = [line("audio", "0", 1), line("video", "1", 1), line("audio", "3", 2), DATA]
    todo = step(there, wanted([known(1), known(2, "vp8")], (2,)))
    assert todo == Step(subscribe=(Key(2, "1"),), unsubscribe=(Key(1, "1"),))


def test_who_left_is_let_go_of() -> None:
    there = [line("audio", "0", 1), line("video", "1", 1), DATA]
    assert set(step(there, wanted([], ())).unsubscribe) == {Key(1, "0"), Key(1, "1")}


def test_of_several_sizes_the_large_place_gets_the_largest() -> None:
    there = [line("video", "1", 1), line("video", "4", 2)]
    want = wanted([known(1, simulcast=True), known(2, simulcast=True), known(3)], (2, 1, 3))
    assert layers(there, want) == [{"mid": "4", "substream": 2}, {"mid": "1", "substream": 0}]


@pytest.mark.parametrize(
    ("fit", "rest", "shown"),
    [
        (Fit.ALL, set(), (Key(2, "1"), Key(1, "1"))),
        (Fit.SMALL, {"1"}, (Key(2, "1"),)),
        (Fit.NONE, {"1", "4"}, ()),
    ],
)
def test_pictures_that_do_not_fit_keep_their_lines_and_are_not_shown(
    fit: Fit, rest: set[str], shown: tuple[Key, ...]
) -> None:
    there = [line("audio", "0", 1), line("video", "1", 1), line("audio", "3", 2), line("video", "4", 2), DATA]
    want = wanted([known(1), known(2, simulcast=True)], (2, 1), fit)
    assert step(there, want) == Step()
    assert resting(there, want) == rest
    assert want.shown == shown


def test_where_not_all_fits_the_large_place_gets_the_small_size() -> None:
    want = wanted([known(1, simulcast=True)], (1,), Fit.SMALL)
    assert layers([line("video", "1", 1)], want) == [{"mid": "1", "substream": 0}]
