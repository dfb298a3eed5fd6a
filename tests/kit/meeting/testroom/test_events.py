import asyncio

import pytest

from kit.meeting.testroom import events
from kit.meeting.testroom.events import EventStream


async def collect(stream: EventStream) -> bytes:
    async with asyncio.timeout(2):
        return b"".join([item async for item in stream.frames()])


async def test_events_are_numbered_and_say_null_without_data() -> None:
    stream = EventStream()
    stream.put("participant_sync_begin", None)
    stream.put("participant_delete", {"uuid": "u"})
    stream.close()
    first, second = (await collect(stream)).split(b"\n\n")[:2]
    assert first == b"id: 1\nevent: participant_sync_begin\ndata: null"
    assert second == b'id: 2\nevent: participant_delete\ndata: {"uuid":"u"}'


async def test_text_cannot_break_out_of_its_event() -> None:
    stream = EventStream()
    stream.put("message_received", {"payload": "hej\n\nevent: disconnect\ndata: {}\r\n\r\n"})
    stream.close()
    assert (await collect(stream)).count(b"\n\n") == 1


async def test_what_was_queued_before_the_end_is_still_sent() -> None:
    stream = EventStream()
    stream.put("disconnect", {"reason": "x"})
    stream.close()
    stream.put("late", None)
    assert b"disconnect" in await collect(stream)


async def test_a_cut_loses_what_is_queued() -> None:
    stream = EventStream()
    stream.put("stage", [])
    stream.cut()
    assert await collect(stream) == b""


async def test_a_client_that_does_not_read_loses_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_WAITING", 10)
    stream = EventStream()
    for _ in range(11):
        stream.put("stage", [])
    assert await collect(stream) == b""


async def test_a_quiet_stream_sends_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEEPALIVE_S", 0.01)
    async for item in EventStream().frames():
        assert item.startswith(b":")
        break
