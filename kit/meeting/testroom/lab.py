"""Faults on purpose, and a look inside: for tests, for the demo, for training. Never part of the API.

The object is used in-process; ``build`` puts it on an address of its own.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.meeting.testroom.api.base import body_of
from kit.meeting.testroom.conference import Conference
from kit.meeting.testroom.registry import Rooms
from kit.meeting.testroom.rooms.notices import Told
from kit.meeting.testroom.wire import Empty, Refusal, answer

BodyT = TypeVar("BodyT")
Word = Annotated[str, msgspec.Meta(max_length=64)]


class Switch(msgspec.Struct, frozen=True):
    """On or off."""

    on: bool


class Slow(msgspec.Struct, frozen=True):
    """Answer requests that end in ``command`` late; 0 ends it."""

    command: Word
    seconds: Annotated[float, msgspec.Meta(ge=0, le=120)]


class Refuse(msgspec.Struct, frozen=True):
    """Answer requests that end in ``command`` with an HTTP error; 0 ends it."""

    command: Word
    http: Annotated[int, msgspec.Meta(ge=0, le=599)]
    text: Annotated[str, msgspec.Meta(max_length=200)] = "Out of resource"


class Where(msgspec.Struct, frozen=True):
    """A room, and one participant in it or all."""

    alias: Word
    participant: Word | None = None


class Push(msgspec.Struct, frozen=True):
    """An event to send, to one participant or to all."""

    alias: Word
    event: Word
    data: object = None
    participant: Word | None = None


class Lab:
    """What can be broken and seen."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def maintenance(self, on: bool) -> None:
        """The node says that it is in maintenance and takes no new participants."""
        self._rooms.faults.maintenance = on

    def slow(self, command: str, seconds: float) -> None:
        """Delay the answers of a command, named by the last word of its path; 0 ends it."""
        self._rooms.faults.delay_s.pop(command, None)
        if seconds > 0:
            self._rooms.faults.delay_s[command] = seconds

    def refuse(self, command: str, http: int, text: str = "Out of resource") -> None:
        """Refuse a command, named by the last word of its path; 0 ends it."""
        self._rooms.faults.refuse.pop(command, None)
        if http:
            self._rooms.faults.refuse[command] = http, text

    def heal(self) -> None:
        """Take back all standing faults, and forget wrong PINs."""
        self.maintenance(False)
        self._rooms.faults.delay_s.clear()
        self._rooms.faults.refuse.clear()
        self._rooms.attempts.clear()

    def cut_events(self, alias: str, participant: str | None = None) -> None:
        """End event streams in the middle."""
        for conference in self._rooms.running(alias):
            conference.cut_events(participant)

    async def drop_media(self, alias: str, participant: str | None = None) -> None:
        """Cut media paths silently: an ICE restart or a new call repairs them."""
        for conference in self._rooms.running(alias):
            for uuid, leg in list(conference.bridge.legs.items()):
                for call in leg.calls if participant in (None, uuid) else ():
                    await call.drop_media()

    def lose_call(self, alias: str, participant: str) -> None:
        """The node notices that the media are gone: ``call_disconnected``."""
        for conference in self._rooms.running(alias):
            leg = conference.bridge.legs.get(participant)
            if leg is not None and leg.call is not None:
                leg.lost(leg.call.uuid)

    def expire(self, alias: str, participant: str) -> None:
        """Let a token time out as if no refresh had come."""
        for conference in self._rooms.running(alias):
            conference.expire(participant)

    def push(self, alias: str, event: str, data: object = None, participant: str | None = None) -> None:
        """Send any event, also one that clients do not know."""
        to = None if participant is None else frozenset({participant})
        for conference in self._rooms.running(alias):
            conference.publish([Told(event, data, to)])

    async def put_out(self, alias: str, participant: str, reason: str) -> None:
        """Put one out, in the node's own words."""
        for conference in self._rooms.running(alias):
            await conference.remove(participant, reason)

    def revoke(self, alias: str) -> None:
        """Take the floor from who presents."""
        for conference in self._rooms.running(alias):
            conference.publish(conference.meeting.revoke())

    def caption(self, alias: str, text: str, *, final: bool = True) -> None:
        """Somebody is heard to say this; those who asked for captions get it."""
        data = {"data": text, "is_final": final, "src_lang": "sv", "tgt_lang": "sv", "sources": []}
        for conference in self._rooms.running(alias):
            people = conference.meeting.participants.values()
            to = frozenset(person.uuid for person in people if person.show_live_captions)
            conference.publish([Told("live_captions", data, to, waiting_too=False)])

    def forget_logins(self) -> None:
        """All logins are too old: clients must log in again."""
        self._rooms.passes.forget_logins()

    def stats(self) -> dict[str, object]:
        """Everything that goes on, without names."""
        return {
            alias: [_meeting(conference) for conference in self._rooms.running(alias)]
            for alias in self._rooms.rooms
            if self._rooms.running(alias)
        }


def build(lab: Lab) -> Starlette:
    """The lab over HTTP: POST a body of the types above, GET /lab/stats."""

    async def stats(_: Request) -> Response:
        return answer(lab.stats())

    async def drop(body: Where) -> None:
        await lab.drop_media(body.alias, body.participant)

    return Starlette(
        routes=[
            Route("/lab/stats", stats, methods=["GET"]),
            _post("maintenance", Switch, lambda body: lab.maintenance(body.on)),
            _post("slow", Slow, lambda body: lab.slow(body.command, body.seconds)),
            _post("refuse", Refuse, lambda body: lab.refuse(body.command, body.http, body.text)),
            _post("heal", Empty, lambda _: lab.heal()),
            _post("cut-events", Where, lambda body: lab.cut_events(body.alias, body.participant)),
            _post("drop-media", Where, drop),
            _post("lose-call", Where, lambda body: lab.lose_call(body.alias, body.participant or "")),
            _post("expire", Where, lambda body: lab.expire(body.alias, body.participant or "")),
            _post("push", Push, lambda b: lab.push(b.alias, b.event, b.data, b.participant)),
        ]
    )


def _post(name: str, kind: type[BodyT], action: Callable[[BodyT], Awaitable[None] | None]) -> Route:
    async def endpoint(request: Request) -> Response:
        try:
            outcome = action(await body_of(request, kind))
        except Refusal as refused:
            return answer(refused.result, refused.http, refused.status)
        if outcome is not None:
            await outcome
        return answer(True)

    return Route(f"/lab/{name}", endpoint, methods=["POST"])


def _meeting(conference: Conference) -> dict[str, object]:
    meeting = conference.meeting
    return {
        "locked": meeting.locked,
        "started": meeting.started,
        "presenter": meeting.presenter,
        "event_streams": conference.streams_open,
        "tokens": len(conference.tokens),
        "participants": {uuid: _participant(conference, uuid) for uuid in meeting.participants},
    }


def _participant(conference: Conference, uuid: str) -> dict[str, object]:
    p = conference.meeting.participants[uuid]
    leg = conference.bridge.legs.get(uuid)
    call = leg.call if leg is not None else None
    return {
        "role": p.role.value,
        "service_type": p.service_type.value,
        "muted": p.is_silent,
        "video_muted": p.is_video_muted,
        "sound_dbfs": round(conference.bridge.mixer.levels.get(uuid, -100.0), 1),
        "statistics": conference.statistics.get(uuid),
        "call": None
        if call is None
        else {
            "state": call.state,
            "codec": call.video_codec(),
            "pictures_in": call.pictures_in,
            "pictures_out": call.pictures_out,
            "slides_in": call.slides_in,
            "sound_steps_in": call.sound_steps_in,
            "ice_generations": call.generations,
        },
    }
