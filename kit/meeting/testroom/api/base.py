"""How a request becomes a call of one of our functions: token, rights, body, faults, envelope."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Generic, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from kit.meeting.testroom.conference import Conference
from kit.meeting.testroom.registry import Rooms
from kit.meeting.testroom.rooms.notices import Notice
from kit.meeting.testroom.rooms.participant import Participant
from kit.meeting.testroom.wire import MAX_BODY, Refusal, answer, decode

BodyT = TypeVar("BodyT")
Endpoint = Callable[[Request], Awaitable[Response]]


class Access(Enum):
    """Who may use a command."""

    ANYONE = auto()
    HOST = auto()
    SELF = auto()
    SELF_OR_HOST = auto()


class Caller(msgspec.Struct, Generic[BodyT]):
    """A request that has been let through."""

    conference: Conference
    me: Participant
    who: str
    """The participant in the path; the caller itself where the path names none."""
    call: str
    """The call in the path, or nothing."""
    body: BodyT

    def publish(self, notices: list[Notice]) -> None:
        """Tell everybody what the command has changed."""
        self.conference.publish(notices)

    @property
    def target(self) -> Participant | None:
        """The participant in the path, when it is here."""
        return self.conference.meeting.participants.get(self.who)


def rooms_of(request: Request) -> Rooms:
    """The server's rooms."""
    rooms = request.app.state.rooms
    assert isinstance(rooms, Rooms)
    return rooms


async def body_of(request: Request, kind: type[BodyT]) -> BodyT:
    """The decoded body; Refusal when it is too long or does not fit."""
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > MAX_BODY:
                raise Refusal(413, "Request too large")
    except ClientDisconnect as gone:
        raise Refusal(400, "Invalid request") from gone
    return decode(bytes(data), kind)


def open_endpoint(handler: Callable[[Request], Awaitable[Response]]) -> Endpoint:
    """An endpoint that needs no token: lab faults, and refusals in the envelope."""

    async def endpoint(request: Request) -> Response:
        try:
            await suffer(request)
            return await handler(request)
        except Refusal as refused:
            return answer(refused.result, refused.http, refused.status)

    return endpoint


def command(
    kind: type[BodyT],
    handler: Callable[[Caller[BodyT]], Awaitable[object] | object],
    access: Access = Access.ANYONE,
    *,
    query_token: bool = False,
) -> Endpoint:
    """An endpoint for one who holds a token; what the handler returns becomes ``result``."""

    async def endpoint(request: Request) -> Response:
        caller = await let_in(request, kind, access, query_token=query_token)
        result = handler(caller)
        if isinstance(result, Awaitable):
            result = await result
        return result if isinstance(result, Response) else answer(result)

    return open_endpoint(endpoint)


async def suffer(request: Request) -> None:
    """Delays and refusals that the lab has asked for."""
    faults = rooms_of(request).faults
    name = request.url.path.rstrip("/").rsplit("/", 1)[-1]
    if name in faults.delay_s:
        await asyncio.sleep(faults.delay_s[name])
    if name in faults.refuse:
        raise Refusal(*faults.refuse[name])


async def let_in(
    request: Request, kind: type[BodyT], access: Access, *, query_token: bool = False
) -> Caller[BodyT]:
    """Who asks, with the rights and the body that it takes; Refusal otherwise."""
    alias = request.path_params["alias"]
    token = request.headers.get("token") or (request.query_params.get("token", "") if query_token else "")
    found = rooms_of(request).find(alias, token)
    if found is None:
        raise Refusal(403, "Invalid token")
    conference, me = found
    who = request.path_params.get("who", me.uuid)
    allowed = {
        Access.ANYONE: True,
        Access.HOST: me.is_host,
        Access.SELF: who == me.uuid,
        Access.SELF_OR_HOST: who == me.uuid or me.is_host,
    }
    if not allowed[access]:
        raise Refusal(403, "Invalid role")
    body = await body_of(request, kind)
    return Caller(conference, me, who, request.path_params.get("call", ""), body)
