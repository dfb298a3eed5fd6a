"""A portal, a network that leads nowhere, and one that leads out: told apart by real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from kit.config import Probe
from kit.ipc.network import WifiTrouble
from kit.network.wifi.captive import ask

ANSWER = "hembesok-kit-7f3a"
Serve = Callable[[bytes], Awaitable[Probe]]


def http(status: str, body: bytes, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    servers: list[asyncio.Server] = []

    async def one(reply: bytes) -> Probe:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(reply)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        return Probe(url=f"http://127.0.0.1:{port}/kit", answer=ANSWER)

    yield one
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (http("200 OK", ANSWER.encode()), WifiTrouble.NONE),
        (http("200 OK", ANSWER.encode() + b"<html>"), WifiTrouble.PORTAL),
        (http("200 OK", b"<html>Logga in</html>"), WifiTrouble.PORTAL),
        (http("302 Found", b"", "Location: http://portal.test/"), WifiTrouble.PORTAL),
        (http("511 Network Authentication Required", ANSWER.encode()), WifiTrouble.PORTAL),
        (http("200 OK", ANSWER.encode(), "Content-Encoding: gzip"), WifiTrouble.NONE),
        (http("200 OK", b"x" * 5_000_000), WifiTrouble.PORTAL),
        (b"220 mail.test ESMTP\r\n", WifiTrouble.PORTAL),
    ],
)
async def test_only_the_regions_exact_answer_leads_out(serve: Serve, reply: bytes, said: WifiTrouble) -> None:
    assert await ask(await serve(reply), "lo") is said


async def test_nobody_there_is_no_internet() -> None:
    assert await ask(Probe(url="http://127.0.0.1:9/kit", answer=ANSWER), "lo", 1.5) is WifiTrouble.NO_INTERNET


async def test_an_interface_that_is_gone_is_no_internet(serve: Serve) -> None:
    assert await ask(await serve(b""), "gone0", 1.5) is WifiTrouble.NO_INTERNET


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        probe = Probe(url=f"http://127.0.0.1:{port}/kit", answer=ANSWER)
        assert await ask(probe, "lo", 1.5) is WifiTrouble.NO_INTERNET
