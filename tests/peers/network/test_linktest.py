"""A link test through the benches' relay into a real test room, and into things that are none."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bench.calls.conditions import Condition, Step
from bench.calls.relay import HOST
from bench.linktests import side
from bench.linktests.row import MOST_MEGABYTES
from kit.ipc.linktest import TrialEnd
from kit.ipc.network import LinkFigures
from kit.media import ice, rtp
from kit.media.leg import MediaLeg
from kit.media.linktest import tester, trial
from kit.media.linktest.loop import Nobody
from kit.media.linktest.tester import try_room
from kit.meeting.pexip.api import trust
from kit.meeting.room import IceServers, Room, RoomEvent
from kit.meeting.rooms import make_room
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.certificates import Certificates, make

LIMIT_S = 90.0
"""Far more than a test takes: a machine that runs other tests too is slow."""
CLEAN = Condition(name="clean")
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def tls(certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: [HOST])
    rtp.install()
    ice.hasten()
    return trust(certificates.ca)


@pytest.fixture
async def host(certificates: Certificates) -> AsyncIterator[str]:
    async with side.room(certificates) as host:
        yield host


async def tried(condition: Condition, host: str, tls: ssl.SSLContext) -> side.Tried:
    async with asyncio.timeout(LIMIT_S):
        return await side.try_link(condition, 7, host, tls)


def room_at(host: str, tls: ssl.SSLContext) -> Room:
    return make_room(Invitation(host=host, alias=side.ECHO, pin=""), "Hembesök", tls, ignore, IceServers())


def ignore(_event: RoomEvent) -> None: ...


def told(_progress: float) -> None: ...


async def outcome(room: Room) -> tuple[TrialEnd, LinkFigures | None]:
    async with asyncio.timeout(LIMIT_S):
        return await try_room(room, told, lambda servers: MediaLeg(servers, Nobody(), trial.MOST_BPS))


async def test_what_goes_up_comes_back_and_both_ways_are_measured_for_less_than_8_mb(
    host: str, tls: ssl.SSLContext
) -> None:
    result = await tried(CLEAN, host, tls)
    assert result.end is TrialEnd.MEASURED
    assert result.figures is not None
    assert min(result.figures.up_kbps, result.figures.down_kbps) > 0
    # 25 ms each way, and a busy machine.
    assert result.figures.round_trip_ms >= 50
    assert 0.05 < result.megabytes < MOST_MEGABYTES


async def test_a_narrow_link_is_seen_to_be_narrow_in_the_way_that_is(host: str, tls: ssl.SSLContext) -> None:
    narrow = Condition(name="narrow", rate=2500, steps=(Step(at=0, direction="up", rate=150),))
    result = await tried(narrow, host, tls)
    assert result.figures is not None
    assert 0 < result.figures.up_kbps < 250


async def test_the_budget_ends_a_test_before_its_time(
    host: str, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "MAX_BYTES", 150_000)
    monkeypatch.setattr(trial, "WARM_UP_S", 0.2)
    result = await tried(CLEAN, host, tls)
    # What is under way when it is reached still comes, and the last words of both sides.
    assert result.megabytes < 0.15 + 1.0


async def test_a_way_back_that_carries_nothing_is_told_apart_from_a_region_that_is_away(
    host: str, tls: ssl.SSLContext
) -> None:
    mute = Condition(name="mute", steps=(Step(at=1.5, rate=0),))
    result = await tried(mute, host, tls)
    assert (result.end, result.figures) == (TrialEnd.SILENT, None)


async def test_a_path_that_never_opens_is_silent_too(host: str, tls: ssl.SSLContext) -> None:
    shut = Condition(name="shut", rate=0)
    result = await tried(shut, host, tls)
    assert (result.end, result.figures) == (TrialEnd.SILENT, None)


async def test_garbage_among_the_media_changes_nothing(host: str, tls: ssl.SSLContext) -> None:
    made: list[MediaLeg] = []

    def leg(servers: IceServers) -> MediaLeg:
        made.append(MediaLeg(servers, Nobody(), trial.MOST_BPS))
        return made[0]

    throwing = asyncio.create_task(throw_garbage(made))
    try:
        async with asyncio.timeout(LIMIT_S):
            end, figures = await try_room(room_at(host, tls), told, leg)
    finally:
        throwing.cancel()
    assert end is TrialEnd.MEASURED
    assert figures is not None


class Plain(MediaLeg):
    """A leg whose room knows nothing of transport-wide feedback."""

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        lines = [line for line in sdp.splitlines() if "transport-wide-cc" not in line]
        await super().answer("\r\n".join(lines) + "\r\n", max_video_bps)


async def test_a_room_that_reports_nothing_of_the_whole_is_not_taken_for_a_dead_way(
    host: str, tls: ssl.SSLContext
) -> None:
    async with asyncio.timeout(LIMIT_S):
        end, figures = await try_room(
            room_at(host, tls), told, lambda servers: Plain(servers, Nobody(), trial.MOST_BPS)
        )
    assert end is TrialEnd.MEASURED
    assert figures is not None
    assert min(figures.up_kbps, figures.down_kbps, figures.round_trip_ms) > 0


async def test_a_test_that_is_not_waited_for_leaves_its_seat(host: str, tls: ssl.SSLContext) -> None:
    running = asyncio.Event()
    room = room_at(host, tls)
    task = asyncio.create_task(
        try_room(room, lambda _: running.set(), lambda servers: MediaLeg(servers, Nobody(), trial.MOST_BPS))
    )
    async with asyncio.timeout(LIMIT_S):
        await running.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # Each visitor has an echo room of its own: what must be gone is the seat.
        assert getattr(room, "_seat") is None  # noqa: B009
    assert not [one for one in asyncio.all_tasks() if "Noise" in repr(one.get_coro())]


async def test_nobody_there_is_a_region_that_is_away(tls: ssl.SSLContext) -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    assert await outcome(room_at(f"localhost:{port}", tls)) == (TrialEnd.UNREACHABLE, None)


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        await reader.read()


async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 64\r\n\r\n" + os.urandom(64)
    )
    writer.close()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        (hang, {TrialEnd.UNREACHABLE}),
        (drip, {TrialEnd.UNREACHABLE}),
        (babble, {TrialEnd.NO_ROOM, TrialEnd.UNREACHABLE}),
    ],
)
async def test_a_server_that_is_no_room_ends_a_test(
    answer: Answer,
    ends: set[TrialEnd],
    certificates: Certificates,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tester, "JOIN_S", 2.0)
    async with served(answer, certificates) as port:
        end, figures = await outcome(room_at(f"localhost:{port}", tls))
    assert figures is None
    assert end in ends


async def test_a_server_without_an_echo_room_is_not_away(host: str, tls: ssl.SSLContext) -> None:
    room = make_room(Invitation(host=host, alias="finns-inte", pin=""), "Hembesök", tls, ignore, IceServers())
    assert await outcome(room) == (TrialEnd.NO_ROOM, None)


@contextlib.asynccontextmanager
async def served(answer: Answer, certificates: Certificates) -> AsyncIterator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate, certificates.key)
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        with contextlib.suppress(asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(talk, HOST, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def throw_garbage(legs: list[MediaLeg]) -> None:
    """Throw datagrams of every kind at each address that the leg offers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        while True:
            await asyncio.sleep(0.01)
            for candidate in legs[0].transport.transport.iceGatherer.getLocalCandidates() if legs else ():
                if candidate.protocol == "udp" and candidate.ip == HOST:
                    sock.sendto(bytes((os.urandom(1)[0],)) + os.urandom(200), (HOST, candidate.port))
