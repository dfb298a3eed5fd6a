"""Hostile nodes: whatever an event or an answer says, it is taken or refused, and nothing else happens."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import httpx
import msgspec
from httpx_sse import SSEError
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.meeting.pexip import reasons
from kit.meeting.pexip.api import bounded_events
from kit.meeting.pexip.messages import (
    Challenge,
    Envelope,
    Granted,
    Placed,
    Seat,
    Token,
    Unreadable,
    decode,
)
from kit.meeting.pexip.registration import Account, Registration
from kit.meeting.pexip.roster import MAX_NAME
from kit.meeting.pexip.sdp import dress, send_limit_bps
from kit.meeting.room import Caption, Message, RoomEvent, RosterChanged
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.ear import Ear

NAMES = (
    "participant_sync_begin participant_sync_end participant_create participant_update participant_delete "
    "stage message_received presentation_start presentation_stop disconnect call_disconnected refresh_token "
    "conference_update live_captions refer new_candidate new_offer update_sdp peer_disconnect layout"
)
FIELDS = (
    "uuid display_name uri role service_type start_time is_muted is_client_muted is_presenting payload type "
    "origin vad participant_uuid presenter_uuid reason call_uuid token expires sdp turn stun idp pin result "
    "conference_alias remote_display_name remote_alias participants "
    "buzz_time data is_final alias candidate mid chat_enabled live_captions_available redirect_url name"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS.split()) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=12,
)
data = values.map(lambda value: msgspec.json.encode(value).decode()) | st.text(max_size=60)


@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from(NAMES.split()) | st.text(max_size=6), data), max_size=12))
def test_events_of_any_shape_are_taken_or_counted(events: list[tuple[str, str]]) -> None:
    async def hear() -> list[RoomEvent]:
        ear = Ear()
        for name, text in events:
            ear.hearing.hear(name, text)
        ear.hearing._tell_roster()
        return ear.all

    for event in asyncio.run(hear()):
        if isinstance(event, RosterChanged):
            assert all(len(p.name) <= MAX_NAME for p in event.participants)
        if isinstance(event, Message | Caption):
            assert 0 < len(event.text) <= 2000


class Chunks(httpx.AsyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


FRAMES = [f"event: {name}\ndata: ".encode() for name in NAMES.split()]
chunks = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([*FRAMES, b"\n", b"\r", b"\r\n\r\n", b"\n\n", b"data:", b"id: \0", b"retry: 9", b": x"]),
    data.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.just(b"x" * 100_000),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(chunks, max_size=20),
    st.sampled_from(
        ["text/event-stream", "text/event-stream; charset=hex", "text/html", "text/event-stream;="]
    ),
)
def test_a_stream_of_any_bytes_is_heard_or_cut(parts: list[bytes], kind: str) -> None:
    async def hear() -> None:
        ear = Ear()
        response = httpx.Response(200, headers={"content-type": kind}, stream=Chunks(parts))
        try:
            async for event in bounded_events(response).aiter_sse():
                ear.hearing.hear(event.event, event.data)
        except (httpx.HTTPError, SSEError):
            return

    asyncio.run(hear())


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(["incoming", "incoming_cancelled", "x"]), data), max_size=8))
def test_calls_of_any_shape_ring_or_are_counted(events: list[tuple[str, str]]) -> None:
    rang: list[Invitation] = []
    cancelled: list[str] = []
    account = Account("meet.region.test", "enhet-07", "u", "p")
    misread: list[None] = []
    registration = Registration(
        account,
        ssl.create_default_context(),
        rang.append,
        cancelled.append,
        misread=lambda: misread.append(None),
    )
    for name, text in events:
        registration._hear(name, text)
    assert len(rang) + len(cancelled) + len(misread) == sum(name != "x" for name, _ in events)
    for call in rang:
        assert call.host == "meet.region.test"
        assert 0 < len(call.alias) <= 250
        assert call.ring_token
        assert len(call.caller) <= MAX_NAME
        assert call.caller.isprintable()


@settings(max_examples=600)
@given(st.binary(max_size=200) | values.map(msgspec.json.encode))
def test_answers_of_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    for kind in (Envelope, Token, Granted, Challenge, Placed):
        try:
            read = decode(body, kind)
        except Unreadable:
            continue
        if isinstance(read, Token):
            assert 2 <= read.expires_s <= 3600
        if isinstance(read, Granted):
            assert read.servers is not None


@given(st.binary(max_size=300))
def test_a_seat_of_any_bytes_is_read_or_refused(blob: bytes) -> None:
    try:
        seat = msgspec.msgpack.decode(blob, type=Seat)
    except msgspec.MsgspecError:
        return
    assert seat.token


@given(st.text(max_size=300), st.integers(min_value=0, max_value=10**9))
def test_sdp_of_any_text_is_dressed_and_read(text: str, bps: int) -> None:
    dress(text, bps)
    dress("m=video " + text, bps)
    limit = send_limit_bps("m=video " + text)
    assert limit is None or limit > 0


@given(st.text(max_size=100), st.integers(min_value=0, max_value=999))
def test_every_text_has_a_meaning(text: str, status: int) -> None:
    assert 100 <= reasons.meaning(text, status).code <= 210
