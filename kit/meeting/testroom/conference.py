"""A meeting that runs: the model, its tokens, its event streams and its media, kept in step."""

import asyncio
import time
import uuid
from collections.abc import Coroutine, Sequence
from typing import Any

from kit.meeting.testroom.config import Limits, PictureConfig, RoomConfig
from kit.meeting.testroom.events import EventStream
from kit.meeting.testroom.media.bridge import Bridge, Stage
from kit.meeting.testroom.rooms.model import Meeting
from kit.meeting.testroom.rooms.notices import Notice, Told, render, roster
from kit.meeting.testroom.rooms.participant import Participant, Role
from kit.meeting.testroom.rooms.registrations import Registrations
from kit.meeting.testroom.rooms.tokens import TokenBook
from kit.meeting.testroom.wire import Statistics

ENDED = "Conference terminated by another participant"
REMOVED = "Disconnected by another participant"
NOT_REFRESHED = "Timer expired awaiting token refresh"
MEDIA_LOST = "Ice failure"
ECHO_NAME = "Eko"
MAX_STREAMS = 4
"""Open event streams of one participant; the oldest is ended for a fifth."""


def new_id() -> str:
    """A random identity."""
    return str(uuid.uuid4())


class Conference:
    """One running meeting."""

    def __init__(
        self, room: RoomConfig, limits: Limits, picture: PictureConfig, devices: Registrations
    ) -> None:
        self.limits = limits
        self.devices = devices
        """Of the whole server; a host calls them into the meeting."""
        self.meeting = Meeting(room, limits, new_id)
        self.tokens = TokenBook(limits.token_s, limits.token_grace_s)
        self.bridge = Bridge(self.meeting, picture, limits.echo_delay_s, self._media_lost, self._stage)
        self.statistics: dict[str, Statistics] = {}
        """The latest that each client posted."""
        self._echo: str | None = None
        self._streams: dict[str, list[EventStream]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_deserted(self) -> bool:
        """True when nobody but the echo is left."""
        return not (self.meeting.participants.keys() - {self._echo})

    @property
    def streams_open(self) -> int:
        """Event streams to all clients."""
        return sum(len(streams) for streams in self._streams.values())

    def join(
        self, name: str, role: Role, *, call_tag: str, supports_direct_chat: bool
    ) -> tuple[Participant, str]:
        """A new participant and its token."""
        me, notices = self.meeting.join(
            name, role, time.time(), call_tag=call_tag, supports_direct_chat=supports_direct_chat
        )
        self.publish(notices)
        if self.meeting.config.echo and self._echo is None:
            self._add_echo(me)
        return self.meeting.participants[me.uuid], self.tokens.issue(me.uuid, time.monotonic())

    def owner(self, token: str) -> Participant | None:
        """Who acts with this token."""
        holder = self.tokens.owner(token, time.monotonic())
        return self.meeting.participants.get(holder) if holder is not None else None

    def publish(self, notices: Sequence[Notice]) -> None:
        """Tell everybody what concerns them."""
        for notice in notices:
            for uuid_, streams in self._streams.items():
                viewer = self.meeting.participants.get(uuid_)
                event = render(notice, viewer) if viewer is not None else None
                if event is not None:
                    for stream in streams:
                        stream.put(*event)

    def subscribe(self, viewer: Participant) -> EventStream:
        """A new event stream: first the whole state, between sync marks, then what happens."""
        stream = EventStream()
        stream.put("participant_sync_begin", None)
        for entry in roster(self.meeting.participants, viewer):
            stream.put("participant_create", entry)
        stream.put("participant_sync_end", None)
        for event in self.meeting.present_state(viewer.uuid):
            stream.put(*event)
        streams = self._streams.setdefault(viewer.uuid, [])
        streams.append(stream)
        if len(streams) > MAX_STREAMS:
            streams.pop(0).cut()
        return stream

    def unsubscribe(self, viewer: str, stream: EventStream) -> None:
        """The connection is gone."""
        if stream in self._streams.get(viewer, ()):
            self._streams[viewer].remove(stream)

    def cut_events(self, viewer: str | None = None) -> None:
        """End event streams in the middle, of one or of all, as a network fault would."""
        for uuid_, streams in self._streams.items():
            if viewer in (None, uuid_):
                while streams:
                    streams.pop().cut()

    async def call_ended(self, participant: str, call_uuid: str) -> None:
        """End a call of a participant, who stays in the meeting; after the last one tell the others."""
        await self.bridge.hang_up(participant, call_uuid)
        leg = self.bridge.legs.get(participant)
        if leg is not None and leg.calls:
            return
        self.publish(self.meeting.release_floor(participant))
        self.publish(self.meeting.change(participant, has_media=False, has_video=False))

    async def remove(self, participant: str, reason: str | None = None) -> None:
        """Somebody leaves or, with a reason, is put out. Harmless when it is gone already.

        A client that is put out answers the event with a release of its token, which by then is unknown.
        """
        if participant not in self.meeting.participants:
            return
        for stream in self._streams.pop(participant, []):
            if reason is not None:
                stream.put("disconnect", {"reason": reason})
            stream.close()
        self.tokens.revoke(participant)
        self.statistics.pop(participant, None)
        self.publish(self.meeting.leave(participant, time.time()))
        await self.bridge.remove(participant)

    async def end(self, reason: str) -> None:
        """Everybody is put out."""
        for participant in list(self.meeting.participants):
            await self.remove(participant, reason)

    def end_soon(self, reason: str) -> None:
        """The same, after the request that asked for it has been answered."""
        self._spawn(self.end(reason))

    def remove_soon(self, participant: str, reason: str) -> None:
        """Put one out, after the request that asked for it has been answered."""
        self._spawn(self.remove(participant, reason))

    def expire(self, participant: str) -> None:
        """Let a token time out now."""
        self.tokens.expire(participant, time.monotonic())

    async def sweep(self) -> None:
        """Put out who is overdue."""
        for participant in self.tokens.lapsed(time.monotonic()):
            await self.remove(participant, NOT_REFRESHED)
        for participant, reason in self.meeting.overdue(time.time()):
            await self.remove(participant, reason)

    async def close(self) -> None:
        """End everything without a word."""
        self.cut_events()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.bridge.close()

    def _add_echo(self, visitor: Participant) -> None:
        echo, notices = self.meeting.join(ECHO_NAME, Role.GUEST, time.time())
        self._echo = echo.uuid
        self.publish(notices)
        self.publish(self.meeting.change(echo.uuid, has_media=True, has_video=True))
        self.bridge.leg(visitor.uuid).echo_to(self.bridge.leg(echo.uuid))

    def _media_lost(self, participant: str, call_uuid: str) -> None:
        leg = self.bridge.legs.get(participant)
        if leg is None or all(call.uuid != call_uuid for call in leg.calls):
            return
        data = {"call_uuid": call_uuid, "reason": MEDIA_LOST}
        self.publish([Told("call_disconnected", data, frozenset({participant}))])
        self._spawn(self.call_ended(participant, call_uuid))

    def _stage(self, stage: Stage) -> None:
        self.publish([Told("stage", stage, waiting_too=False)])

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
