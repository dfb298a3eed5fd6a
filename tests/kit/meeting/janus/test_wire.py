"""The socket to a server that is not what it should be."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

from kit.meeting.janus.messages import MAX_MESSAGE, Incoming
from kit.meeting.janus.session import Session
from kit.meeting.janus.wire import NONSENSE, PROTOCOL, Wire
from kit.meeting.room import Refused, SeatLost
from kit.visit.model import Refusal
from tests.kit.meeting.pexip.certificates import Certificates, make

Handler = Callable[[ServerConnection], Awaitable[None]]
SLOW_S = 0.1


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificates.ca))


@pytest.fixture(scope="module")
def serving(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    return context


@asynccontextmanager
async def server(tls: ssl.SSLContext, handler: Handler, **options: object) -> AsyncIterator[str]:
    settings = {"subprotocols": [PROTOCOL], **options}
    async with serve(handler, "localhost", 0, ssl=tls, **settings) as running:  # type: ignore[arg-type]
        port = next(iter(running.sockets)).getsockname()[1]
        yield f"wss://localhost:{port}/janus-ws"


def replies(*texts: str | bytes) -> Handler:
    """Answer each request with these; ``{t}`` is its transaction."""

    async def answer(socket: ServerConnection) -> None:
        async for request in socket:
            transaction = msgspec.json.decode(request)["transaction"]
            for text in texts:
                await socket.send(text.replace("{t}", transaction) if isinstance(text, str) else text)

    return answer


WELL = '{"janus":"success","transaction":"{t}","data":{"id":7}}'


async def ask(url: str, tls: ssl.SSLContext, heard: list[Incoming] | None = None) -> Incoming:
    unasked: list[Incoming] = [] if heard is None else heard
    wire = await Wire.open(url, tls, unasked.append)
    try:
        return await wire.ask({"janus": "create"})
    finally:
        await wire.close()


async def test_an_answer_is_found_among_what_does_not_fit(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    noise = (
        "keine JSON",
        b"\xff\x00",
        '{"janus":7}',
        "[]",
        '{"janus":"event","sender":3}',
        '{"janus":"ack","transaction":"{t}"}',
    )
    heard: list[Incoming] = []
    async with server(serving, replies(*noise, WELL)) as url:
        answer = await ask(url, trusting, heard)
    assert answer.data is not None
    assert answer.data.id == 7
    assert [message.sender for message in heard if message is not NONSENSE] == [3]
    assert sum(message is NONSENSE for message in heard) == 4


@pytest.mark.parametrize(
    ("code", "reason"),
    [(403, Refusal.ROOM_NOT_INVITED), (472, Refusal.ROOM_MAINTENANCE), (454, Refusal.ROOM_ANSWER_INVALID)],
)
async def test_errors_are_told_apart_with_a_code_for_support(
    serving: ssl.SSLContext, trusting: ssl.SSLContext, code: int, reason: Refusal
) -> None:
    error = f'{{"janus":"error","transaction":"{{t}}","error":{{"code":{code},"reason":"x"}}}}'
    async with server(serving, replies(error)) as url:
        with pytest.raises(Refused) as refused:
            await ask(url, trusting)
    assert (refused.value.reason, refused.value.support_code) == (reason, f"#jan{code}")


async def test_a_session_that_the_server_forgot_is_lost(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    error = '{"janus":"error","transaction":"{t}","error":{"code":458,"reason":"No such session"}}'
    async with server(serving, replies(error)) as url:
        with pytest.raises(SeatLost):
            await ask(url, trusting)


async def test_a_message_beyond_all_measure_ends_the_connection_and_the_wait(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with server(serving, replies("x" * (MAX_MESSAGE + 1))) as url:
        with pytest.raises(Refused) as refused:
            await ask(url, trusting)
    assert refused.value.reason is Refusal.ROOM_UNREACHABLE


async def test_a_server_that_hangs_up_ends_the_wait(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async def hang_up(socket: ServerConnection) -> None:
        await socket.recv()

    async with server(serving, hang_up) as url:
        with pytest.raises(Refused) as refused:
            await ask(url, trusting)
    assert refused.value.passing


async def test_a_server_that_does_not_speak_janus_is_none(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    async with server(serving, replies(WELL), subprotocols=None) as url:
        with pytest.raises(Refused) as refused:
            await ask(url, trusting)
    assert refused.value.reason is Refusal.ROOM_ANSWER_INVALID


async def test_nobody_is_followed_elsewhere(serving: ssl.SSLContext, trusting: ssl.SSLContext) -> None:
    visits: list[str] = []

    async def elsewhere(socket: ServerConnection) -> None:
        visits.append("followed")

    async with server(serving, elsewhere) as other:

        def redirect(_socket: ServerConnection, _request: object) -> Response:
            return Response(302, "Found", Headers({"Location": other}))

        async with server(serving, replies(WELL), process_request=redirect) as url:
            with pytest.raises(Refused):
                await ask(url, trusting)
    assert visits == []


async def test_a_certificate_of_strangers_is_refused(serving: ssl.SSLContext, tmp_path: Path) -> None:
    strangers = ssl.create_default_context(cafile=str((await asyncio.to_thread(make, tmp_path)).ca))
    async with server(serving, replies(WELL)) as url:
        with pytest.raises(Refused) as refused:
            await ask(url, strangers)
    assert refused.value.reason is Refusal.ROOM_CERTIFICATE
    assert not refused.value.passing


async def test_a_session_that_was_asked_for_and_not_waited_for_is_given_back(
    serving: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    asked = asyncio.Event()
    said: list[dict[str, object]] = []

    async def slow(socket: ServerConnection) -> None:
        async for request in socket:
            said.append(msgspec.json.decode(request))
            asked.set()
            await asyncio.sleep(SLOW_S)
            await socket.send(WELL.replace("{t}", str(said[-1]["transaction"])))

    async with server(serving, slow) as url:
        session = Session(url, trusting, None)
        creating = asyncio.create_task(session.create())
        await asyncio.wait_for(asked.wait(), 5)
        creating.cancel()
        await asyncio.gather(creating, return_exceptions=True)
        await session.end()
    assert [(one["janus"], one.get("session_id")) for one in said] == [("create", None), ("destroy", 7)]
