"""A login through the region's own backend, over TLS on both sides, with the real server."""

import asyncio
import re
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from kit.meeting import login
from kit.meeting.login import PLACE, BackendLogins
from kit.meeting.room import Refused
from tests.kit.meeting.pexip.certificates import Certificates, make
from tests.kit.meeting.pexip.node import Node, Script, drip, reply


class Backend(NamedTuple):
    phones: str
    kits: str
    certificates: Certificates


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    made = make(tmp_path)
    phones, kits = free_port(), free_port()
    process = await asyncio.create_subprocess_exec(
        *(
            *(sys.executable, "-m", "fleet.web.returns"),
            *(f"--certificate={made.certificate}", f"--key={made.key}", f"--kits={made.ca}"),
            *(f"--listen=127.0.0.1:{phones}", f"--kit-listen=127.0.0.1:{kits}"),
        )
    )
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", kits)) == 0:
                break
        await asyncio.sleep(0.1)
    yield Backend(f"https://localhost:{phones}", f"https://localhost:{kits}", made)
    process.terminate()
    await process.wait()


def tls(made: Certificates, *, own_key: bool = True) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(made.ca))
    if own_key:
        context.load_cert_chain(made.certificate, made.key)
    return context


async def test_the_phones_login_reaches_the_kit_that_asked(backend: Backend) -> None:
    ticket = BackendLogins(backend.phones, backend.kits, tls(backend.certificates)).begin()
    assert re.fullmatch(rf"{backend.phones}/[0-9a-f]{{64}}/{PLACE}", ticket.target)
    await ticket.announce()
    collecting = asyncio.create_task(ticket.collect())
    async with httpx.AsyncClient(verify=tls(backend.certificates, own_key=False)) as phone:
        came = await phone.get(ticket.target.replace(PLACE, "sso-1"))
    assert came.status_code == 200
    assert await collecting == "sso-1"


async def test_without_a_certificate_of_its_own_nobody_collects(backend: Backend) -> None:
    stranger = BackendLogins(backend.phones, backend.kits, tls(backend.certificates, own_key=False)).begin()
    with pytest.raises(Refused):
        await stranger.announce()


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"<h1>Logga in</h1>", "text/html"),
        reply(200, b'{"token":7}'),
        reply(200, b'{"token":""}'),
        reply(200, b'{"token":"' + 5000 * b"x" + b'"}'),
        reply(200, b"\xff\xfe"),
        reply(200, b"{}" + 5_000_000 * b" "),
        reply(302, b"", extra="Location: https://evil.test/collect\r\n"),
        reply(500, b"{}"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\nConnection: close\r\n\r\n{",
        b"not HTTP\r\n\r\n",
        drip,
    ],
    ids=["html", "number", "empty", "long", "no text", "huge", "elsewhere", "500", "cut", "no HTTP", "drip"],
)
async def test_a_backend_that_answers_nonsense_gives_no_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes | Script
) -> None:
    monkeypatch.setattr(login, "_ANSWER_S", 0.5)
    made = make(tmp_path)
    node = Node(made, standing={"announce": answer})
    await node.start()
    ticket = BackendLogins("https://phones.test", f"https://{node.host}", tls(made, own_key=False)).begin()
    try:
        async with asyncio.timeout(20):
            with pytest.raises(Refused):
                await ticket.announce()
    finally:
        await node.stop()


async def test_who_does_not_log_in_in_time_is_refused(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "LOGIN_S", 0.0)
    ticket = BackendLogins(backend.phones, backend.kits, tls(backend.certificates)).begin()
    with pytest.raises(Refused):
        await ticket.collect()
