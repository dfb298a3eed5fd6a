"""What a server says in a room, on the wire: repeated, out of order, cut, dripping, huge, from a stranger."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection

from kit.meeting.janus import wire
from kit.meeting.janus.messages import PLUGIN, Incoming
from kit.meeting.janus.room import JanusRoom
from kit.meeting.janus.wire import Wire
from kit.meeting.room import IceServers, Refused, RoomEvent, RosterChanged
from kit.visit.model import Invitation, Refusal, Service
from tests.kit.meeting.janus.test_wire import certificates, server, serving, trusting
from tests.kit.meeting.pexip.certificates import make
from tests.kit.meeting.pexip.conftest import until

__all__ = ["certificates", "serving", "trusting"]

SESSION, SENDING, RECEIVING, KIT, NURSE, DOCTOR = 7, 11, 12, 100, 200, 300
NAMES = ("Hembesök", "Sjuksköterska")
WELL = '{"janus":"success","transaction":"t","data":{"id":7}}'
MEGABYTE = 1_000_000

Say = Callable[[ServerConnection], Awaitable[None]]


def event(**data: object) -> str:
    told = {"plugin": PLUGIN, "data": {"videoroom": "event", "room": 1234, **data}}
    said = {"janus": "event", "session_id": SESSION, "sender": SENDING, "plugindata": told}
    return msgspec.json.encode(said).decode()


def person(feed: int, name: str, **more: object) -> dict[str, object]:
    streams = [{"type": "audio", "mid": "0", "codec": "opus"}]
    return {"id": feed, "display": name, "streams": streams, **more}


NURSE_IS_THERE = person(NURSE, "Sjuksköterska")


class Janus:
    """Lets the kit in, then says what a test wants; in the second connection too."""

    def __init__(self, *says: Say) -> None:
        self._says = iter(says)
        self.connections = 0

    async def __call__(self, socket: ServerConnection) -> None:
        self.connections += 1
        handles = iter((SENDING, RECEIVING))
        async for text in socket:
            request = msgspec.json.decode(text)
            answer: dict[str, Any] = {"janus": "success", "transaction": request["transaction"]}
            match request["janus"]:
                case "create":
                    answer["data"] = {"id": SESSION}
                case "attach":
                    answer["data"] = {"id": next(handles)}
                case "message":
                    answer |= {"janus": "event", "sender": request["handle_id"]}
                    answer["plugindata"] = {"plugin": PLUGIN, "data": self._room(request["body"])}
            await socket.send(msgspec.json.encode(answer).decode())
            entered = request["janus"] == "message" and request["body"]["request"] == "join"
            if (entered or request["janus"] == "claim") and (say := next(self._says, None)) is not None:
                await say(socket)

    def _room(self, body: dict[str, object]) -> dict[str, object]:
        if body["request"] == "listparticipants":
            mine = {"id": KIT, "display": "Hembesök"}
            return {"videoroom": "participants", "participants": [mine, {"id": NURSE, "display": "x"}]}
        return {"videoroom": "joined", "room": 1234, "id": KIT, "private_id": 5, "publishers": []}


def says(*texts: str | Iterable[str]) -> Say:
    async def say(socket: ServerConnection) -> None:
        for text in texts:
            await socket.send(text)

    return say


class Seat:
    """A kit in the room."""

    def __init__(self, url: str, tls: ssl.SSLContext) -> None:
        self.events: list[RoomEvent] = []
        host = url.removeprefix("wss://").partition("/")[0]
        invitation = Invitation(host=host, alias="1234", service=Service.JANUS)
        self.room = JanusRoom(invitation, "Hembesök", tls, self.events.append, IceServers())

    async def __aenter__(self) -> "Seat":
        await self.room.join()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.room.leave()

    @property
    def roster(self) -> tuple[str, ...]:
        told = [event for event in self.events if isinstance(event, RosterChanged)]
        return tuple(person.name for person in told[-1].participants) if told else ()


async def test_events_that_are_repeated_and_out_of_order_end_in_the_right_roster(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    mixed = (
        event(leaving=DOCTOR),
        event(unpublished=NURSE),
        event(videoroom="talking", id=NURSE),
        event(publishers=[NURSE_IS_THERE]),
        event(joining={"id": DOCTOR, "display": "Läkare"}),
        event(publishers=[NURSE_IS_THERE, NURSE_IS_THERE]),
        event(publishers=[person(DOCTOR, "Läkare")]),
        event(id=DOCTOR, display="Läkare igen"),
        event(leaving=DOCTOR),
        event(leaving=DOCTOR),
        event(unpublished=DOCTOR),
        event(videoroom="stopped-talking", id=DOCTOR),
    )
    async with server(serving, Janus(says(*mixed))) as url, Seat(url, trusting) as seat:
        await until(lambda: seat.roster == NAMES)


async def test_an_event_that_comes_with_the_answer_to_joining_is_heard(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    """Who comes in the same moment as the kit is told of once only."""
    async with (
        server(serving, Janus(says(event(publishers=[NURSE_IS_THERE])))) as url,
        Seat(url, trusting) as seat,
    ):
        await until(lambda: seat.roster == NAMES)


async def test_an_event_that_drips_in_pieces_is_one(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with (
        server(serving, Janus(says(list(event(publishers=[NURSE_IS_THERE]))))) as url,
        Seat(url, trusting) as seat,
    ):
        await until(lambda: seat.roster == NAMES)


@pytest.mark.parametrize("at", [1, 3, 40, 120])
async def test_an_event_that_is_cut_in_the_middle_shows_nobody_and_the_session_goes_on(
    serving: ssl.SSLContext, trusting: ssl.SSLContext, at: int
) -> None:
    async def cut(socket: ServerConnection) -> None:
        payload = event(publishers=[person(DOCTOR, "Läkare")]).encode()
        frame = b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload
        socket.transport.write(frame[:at])
        socket.transport.close()

    janus = Janus(cut, says(event(publishers=[NURSE_IS_THERE])))
    async with server(serving, janus) as url, Seat(url, trusting) as seat:
        await until(lambda: seat.roster == NAMES)
        assert janus.connections == 2
        assert "Läkare" not in str(seat.events)
        assert not seat.room.unheard_s


async def test_an_event_of_five_megabytes_costs_the_socket_and_not_the_seat(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    janus = Janus(says(event(display=5 * MEGABYTE * "x")), says(event(publishers=[NURSE_IS_THERE])))
    async with server(serving, janus) as url, Seat(url, trusting) as seat:
        await until(lambda: seat.roster == NAMES)
        assert janus.connections == 2


async def test_a_server_that_drips_is_given_up_at_the_deadline(
    serving: ssl.SSLContext, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            for byte in b"HTTP/1.1 101 Switching Protocols\r\nX: " + 2000 * b"x":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()

    monkeypatch.setattr(wire, "CONNECT_S", 0.3)
    heard: list[Incoming] = []
    async with await asyncio.start_server(drip, "localhost", 0, ssl=serving) as running:
        port = running.sockets[0].getsockname()[1]
        with pytest.raises(Refused) as refused:
            await Wire.open(f"wss://localhost:{port}/janus-ws", trusting, heard.append)
    assert refused.value.reason is Refusal.ROOM_UNREACHABLE


@pytest.mark.parametrize(
    "fault", [{"ends": timedelta(hours=-1)}, {"host": "elsewhere.test"}], ids=["expired", "of another host"]
)
async def test_a_certificate_that_is_not_good_ends_it_before_anything_is_said(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    bad = await asyncio.to_thread(make, tmp_path, **fault)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bad.certificate, bad.key)
    janus = Janus()
    async with server(context, janus) as url:
        seat = Seat(url, ssl.create_default_context(cafile=str(bad.ca)))
        with pytest.raises(Refused) as refused:
            await seat.room.join()
        await seat.room.leave()
    assert (refused.value.reason, refused.value.passing) == (Refusal.ROOM_CERTIFICATE, False)
    assert janus.connections == 0
