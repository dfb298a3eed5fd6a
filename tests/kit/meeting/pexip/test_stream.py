"""The event stream on the wire: cut anywhere, dripping, repeated, out of order, huge, leading elsewhere."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from kit.meeting import misfits
from kit.meeting.pexip import events
from kit.meeting.room import Message, Misread, RosterChanged
from tests.kit.meeting.pexip.certificates import Certificates
from tests.kit.meeting.pexip.conftest import until
from tests.kit.meeting.pexip.node import Node, cut, reply, stream
from tests.kit.meeting.pexip.seat import Seat

MEGABYTE = 1_000_000


def said(name: str, data: object = None) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))


def person(uuid: str, name: str, **fields: object) -> dict[str, object]:
    return {"uuid": uuid, "display_name": name, "role": "guest", "service_type": "conference", **fields}


ME, NURSE = person("me", "Hembesök"), person("nurse", "Sjuksköterska")
BEGIN, END = said("participant_sync_begin"), said("participant_sync_end")
ALL = b"".join((BEGIN, said("participant_create", ME), said("participant_create", NURSE), END))
NAMES = ("Hembesök", "Sjuksköterska")


def rosters(seat: Seat) -> list[tuple[str, ...]]:
    return [tuple(p.name for p in e.participants) for e in seat.events if isinstance(e, RosterChanged)]


@pytest.fixture
async def elsewhere(certificates: Certificates) -> AsyncIterator[Node]:
    node = Node(certificates)
    await node.start()
    yield node
    await node.stop()


@pytest.mark.parametrize(
    "at",
    [
        ALL.index(b"participant_create") + 9,
        ALL.index(b'"role"') + 3,
        ALL.index("sköterska".encode()) + 3,
        ALL.index(b'"nurse"'),
        ALL.index(END),
        len(ALL) - 1,
    ],
    ids=["a name", "an object", "a letter", "the second one", "the list", "the last blank line"],
)
async def test_a_stream_that_is_cut_in_the_middle_shows_nobody_half(node: Node, seat: Seat, at: int) -> None:
    node.queue("events", cut(ALL), cut(ALL[:at]), stream(ALL))
    await seat.room.join()
    await until(lambda: len(node.asked("events")) == 3 and not seat.room.unheard_s)
    await until(lambda: rosters(seat))
    assert set(rosters(seat)) == {NAMES}


async def test_a_stream_that_comes_byte_by_byte_is_understood(node: Node, seat: Seat) -> None:
    node.standing["events"] = stream(*(bytes([byte]) for byte in ALL))
    await seat.room.join()
    await until(lambda: rosters(seat) == [NAMES])


async def test_events_that_do_not_fit_are_counted_and_told(
    node: Node, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misfits, "TELL_S", 0.05)
    misfit = said("participant_create", {"uuid": 7}) + b"event: stage\ndata: [\n\n"
    node.standing["events"] = stream(misfit, ALL)
    await seat.room.join()
    await until(lambda: Misread(2) in seat.events and rosters(seat) == [NAMES])


async def test_a_stream_whose_beginning_drips_is_asked_for_again(
    node: Node, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + 2000 * b"x":
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.02)

    monkeypatch.setattr(events, "ANSWER_S", 0.2)
    node.queue("events", drip, stream(ALL))
    joining = asyncio.create_task(seat.room.join())
    await until(lambda: rosters(seat) == [NAMES])
    await joining


async def test_events_that_are_repeated_and_out_of_order_end_in_the_right_roster(
    node: Node, seat: Seat
) -> None:
    gone = person("gone", "Borta")
    mixed = (
        END,
        said("participant_update", person("nurse", "Annan", is_muted="YES")),
        said("participant_delete", {"uuid": "gone"}),
        said("stage", [{"participant_uuid": "nurse", "stage_index": 0, "vad": 100}]),
        BEGIN,
        said("participant_create", gone),
        ALL,
        ALL,
        said("participant_create", NURSE),
        said("participant_create", gone),
        said("participant_delete", {"uuid": "gone"}),
        said("participant_delete", {"uuid": "gone"}),
        said("participant_update", gone),
    )
    node.standing["events"] = stream(*mixed)
    await seat.room.join()
    await until(lambda: rosters(seat)[-1:] == [NAMES])


async def test_an_event_of_five_megabytes_costs_the_stream_and_not_the_seat(node: Node, seat: Seat) -> None:
    node.queue("events", stream(ALL, b"event: message_received\ndata: " + 5 * MEGABYTE * b"x"), stream(ALL))
    await seat.room.join()
    await until(lambda: len(node.asked("events")) == 2 and not seat.room.unheard_s)
    await until(lambda: rosters(seat)[-1:] == [NAMES])
    assert not [event for event in seat.events if isinstance(event, Message)]
    assert not node.asked("release_token")


async def test_five_megabytes_of_events_that_mean_nothing_are_passed_over(node: Node, seat: Seat) -> None:
    one = said("message_received", {"payload": 1000 * "x", "type": 7}) + said("unheard_of", 1000 * "x")
    node.standing["events"] = stream(*(100 * one for _ in range(5 * MEGABYTE // len(one) // 100)), ALL)
    await seat.room.join()
    await until(lambda: rosters(seat) == [NAMES], 10.0)


@pytest.mark.parametrize("charset", ["hex", "zlib_codec", "rot13", "utf-16", "idna", "x" * 300])
async def test_a_stream_is_utf_8_whatever_its_header_says(node: Node, seat: Seat, charset: str) -> None:
    node.standing["events"] = stream(ALL, kind=f"text/event-stream; charset={charset}")
    await seat.room.join()
    await until(lambda: rosters(seat) == [NAMES])


async def test_bytes_that_are_no_text_cost_a_name_and_not_the_stream(node: Node, seat: Seat) -> None:
    broken = said("participant_create", person("gp", "Vik?rie")).replace(b"?", b"\xff\xc3")
    node.standing["events"] = stream(BEGIN, said("participant_create", ME), broken, END, b"\xfe\xff\n\n")
    await seat.room.join()
    await until(lambda: rosters(seat))
    assert rosters(seat)[0][0].startswith("Vik\ufffd")
    assert not seat.room.unheard_s


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_stream_that_leads_elsewhere_is_followed_nowhere(
    node: Node, seat: Seat, elsewhere: Node, status: int
) -> None:
    away = reply(status, b"", extra=f"Location: https://{elsewhere.host}/api/client/v2/x/events\r\n")
    node.queue("events", away, stream(ALL))
    joining = asyncio.create_task(seat.room.join())
    await until(lambda: rosters(seat) == [NAMES])
    await joining
    assert not elsewhere.requests
