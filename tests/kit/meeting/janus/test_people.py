"""Who is in the room, from events in any order; and what they tell each other."""

import hypothesis.strategies as st
from hypothesis import given

from kit.meeting.janus import chat
from kit.meeting.janus.messages import Person, Status, StreamOf
from kit.meeting.janus.people import MAX_PEOPLE, ME, People, shown_name

STREAMS = [StreamOf(type="audio", mid="0", codec="opus"), StreamOf(type="video", mid="1", codec="vp8")]


def people(*others: Person) -> People:
    made = People("Hembesök")
    for other in others:
        made.put(other)
    return made


def rows(made: People) -> dict[str, tuple[bool, bool, bool]]:
    there = made.participants(muted=False, camera_off=True)
    return {person.uuid: (person.muted, person.camera_off, person.speaking) for person in there}


def test_the_kit_is_first_with_its_own_switches_whatever_the_room_calls_it() -> None:
    made = people(Person(id=5, display="Hembesök", streams=STREAMS))
    made.mine(5)
    made.mine(6)
    made.put(Person(id=6, display="Hembesök", streams=STREAMS))
    assert rows(made) == {ME: (False, True, False)}


def test_who_sends_nothing_is_there_without_sound_and_picture() -> None:
    made = people(Person(id=1, display="A"), Person(id=2, display="B", streams=STREAMS))
    assert rows(made)["1"] == (True, True, False)
    assert rows(made)["2"] == (False, False, False)
    made.talking(2, on=True)
    made.moderated(2, "0", muted=True)
    assert rows(made)["2"] == (True, False, True)
    made.unpublished(2)
    assert rows(made)["2"] == (True, True, False)


def test_what_somebody_says_of_their_switches_holds_until_they_say_otherwise() -> None:
    made = people(Person(id=2, display="B", streams=STREAMS))
    made.switched(2, Status(audioEnabled=False))
    made.switched(2, Status(videoEnabled=False))
    made.put(Person(id=2, display="B", streams=STREAMS))
    assert rows(made)["2"] == (True, True, False)
    made.switched(2, Status(audioEnabled=True, videoEnabled=True))
    assert rows(made)["2"] == (False, False, False)


def test_events_about_those_who_are_not_there_change_nothing() -> None:
    made = people()
    made.talking(9, on=True)
    made.moderated(9, "0", muted=True)
    made.renamed(9, "X")
    made.unpublished(9)
    made.remove(9)
    assert list(rows(made)) == [ME]


def test_a_room_may_have_so_many_and_no_more() -> None:
    made = people(*(Person(id=number, display="x") for number in range(MAX_PEOPLE + 10)))
    assert len(made.others) == MAX_PEOPLE


@given(st.text(max_size=5000))
def test_a_name_is_on_one_line_and_bounded(display: str) -> None:
    name = shown_name(display)
    assert len(name) <= 120
    assert name.isprintable()


def test_chat_is_read_as_it_is_written_and_as_plain_text() -> None:
    assert chat.read(chat.message("Hej {du}")) == "Hej {du}"
    assert chat.read(" bara text ") == "bara text"
    status = chat.read(chat.switches(7, muted=True, camera_off=False))
    assert status == Status(audioEnabled=False, videoEnabled=True)


@given(st.text(max_size=3000) | st.builds(lambda text: "{" + text, st.text(max_size=500)))
def test_whatever_comes_is_a_short_text_or_nothing(text: str) -> None:
    read = chat.read(text)
    assert read is None or isinstance(read, Status) or 0 < len(read) <= chat.MAX_TEXT
