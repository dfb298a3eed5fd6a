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


async def test_who_does_not_log_in_in_time_is_refused(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "LOGIN_S", 0.0)
    ticket = BackendLogins(backend.phones, backend.kits, tls(backend.certificates)).begin()
    with pytest.raises(Refused):
        await ticket.collect()
