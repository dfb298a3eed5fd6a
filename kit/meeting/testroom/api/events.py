"""The event stream."""

from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from kit.meeting.testroom.api.base import Caller
from kit.meeting.testroom.conference import Conference
from kit.meeting.testroom.events import EventStream
from kit.meeting.testroom.wire import Empty


def events(caller: Caller[Empty]) -> Response:
    """Server-sent events until the client or the meeting ends them."""
    stream = caller.conference.subscribe(caller.me)
    return StreamingResponse(
        _until_gone(caller.conference, caller.me.uuid, stream),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _until_gone(conference: Conference, viewer: str, stream: EventStream) -> AsyncIterator[bytes]:
    try:
        async for item in stream.frames():
            yield item
    finally:
        conference.unsubscribe(viewer, stream)
