"""Hostile Janus servers: whatever they say, it is taken or refused, and nothing else happens."""

import asyncio

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.meeting.janus.hearing import Hearing
from kit.meeting.janus.lines import step, wanted
from kit.meeting.janus.messages import Incoming, Told, Unreadable, decode
from kit.meeting.janus.people import MAX_NAME, People
from kit.meeting.janus.seating import Seating
from kit.meeting.janus.subscriber import _version
from kit.meeting.room import RoomEvent, RosterChanged

FIELDS = (
    "janus videoroom id display publishers attendees participants joining leaving unpublished kicked reason "
    "mid moderation streams type codec disabled simulcast moderated active feed_id feed_mid source_ids "
    "talking room error_code error private_id transaction sender data plugindata plugin jsep sdp"
)
WORDS = (
    "event joined talking stopped-talking destroyed ok kicked audio video data opus h264 vp8 muted unmuted"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(WORDS.split()) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS.split()), inner, max_size=8)
    ),
    max_leaves=20,
)
people = st.fixed_dictionaries(
    {"id": st.integers(1, 6) | st.text(max_size=3)},
    optional={"display": st.text(max_size=200), "talking": st.booleans(), "streams": values},
)
events = st.fixed_dictionaries(
    {"videoroom": st.sampled_from(["event", "talking", "stopped-talking", "joined", "destroyed"])},
    optional={
        "id": st.integers(1, 6),
        "publishers": st.lists(people, max_size=4),
        "joining": people,
        "leaving": st.integers(1, 6) | st.just("ok"),
        "kicked": st.integers(1, 6),
        "unpublished": st.integers(1, 6) | st.just("ok"),
        "display": values,
        "moderation": values,
        "mid": st.sampled_from(["0", "1"]),
    },
)


@settings(max_examples=600)
@given(st.binary(max_size=200) | values.map(msgspec.json.encode))
def test_messages_of_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    for kind in (Incoming, Told):
        try:
            decode(body, kind)
        except Unreadable:
            continue


@settings(max_examples=400)
@given(st.lists(events | values, max_size=12))
def test_events_of_any_shape_are_taken_or_counted(said: list[object]) -> None:
    async def hear() -> tuple[list[RoomEvent], People]:
        heard: list[RoomEvent] = []
        known = People("Hembesök")
        hearing = Hearing(known, heard.append, lambda: None)
        for data in said:
            message = {"janus": "event", "plugindata": {"plugin": "x", "data": data}}
            hearing.hear(decode(msgspec.json.encode(message), Incoming))
        hearing.tell_roster(muted=False, camera_off=False)
        hearing._tell()
        return heard, known

    heard, known = asyncio.run(hear())
    for event in heard:
        if isinstance(event, RosterChanged):
            assert all(len(p.name) <= MAX_NAME for p in event.participants)
    seating = Seating()
    films = [other.id for other in known.others if other.video is not None]
    seating.arrange(0.0, films, ())
    step([], wanted(known.others, seating.places))


@given(st.text(max_size=300) | st.text(max_size=30).map(lambda rest: "o=- 1 " + rest))
def test_a_description_of_any_kind_has_a_version(sdp: str) -> None:
    assert _version(sdp) >= 0
