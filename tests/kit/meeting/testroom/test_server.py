import asyncio
import contextlib
import datetime
import ipaddress
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

from kit.meeting.testroom import TestRoomServer, Tls
from kit.meeting.testroom.page import ADDRESSES
from tests.kit.meeting.testroom.client import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")


def certificate(folder: Path) -> Tls:
    """A self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "room.test")])
    now = datetime.datetime.now(datetime.UTC)
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(hosts, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    tls = Tls(("127.0.0.1", 0), folder / "cert.pem", folder / "key.pem")
    tls.certificate.write_bytes(made.public_bytes(pem))
    tls.key.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return tls


async def test_the_same_rooms_are_served_with_and_without_tls(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=tls.certificate)
    async with (
        TestRoomServer(tls=tls) as server,
        httpx.AsyncClient(base_url=server.tls_url, verify=trust) as secure,
        httpx.AsyncClient(base_url=server.url, verify=False) as plain,
    ):
        member = await Api(secure, "oppet").join()
        other = await Api(plain, "oppet").join()
        roster = (await other.get("participants")).json()["result"]
        assert member.uuid in {entry["uuid"] for entry in roster}


async def test_an_address_that_is_taken_is_an_oserror_and_leaves_nothing_running() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = TestRoomServer(listen=("127.0.0.1", 0), lab_listen=taken.getsockname()[:2])
        with pytest.raises(OSError, match="in use"):
            await server.start()
        with pytest.raises(httpx.ConnectError):
            async with httpx.AsyncClient(verify=False) as http:
                await http.get(server.url)


async def test_stopping_ends_open_event_streams_at_once() -> None:
    server = TestRoomServer()
    await server.start()
    async with httpx.AsyncClient(base_url=server.url, verify=False) as http:
        member = await Api(http, "oppet").join()
        async with member.events() as events:
            begun = asyncio.get_running_loop().time()
            await server.stop()
            await events.wait_end()
            assert asyncio.get_running_loop().time() - begun < 2.5


async def test_a_room_without_people_is_forgotten_and_starts_afresh(
    server: TestRoomServer, http: httpx.AsyncClient
) -> None:
    first = await Api(http, "oppet").join()
    await first.ok("lock")
    await first.ok("release_token")
    await asyncio.sleep(1.2)
    assert server.rooms.running() == []
    second = await Api(http, "oppet").join()
    assert (await second.get("conference_status")).json()["result"]["locked"] is False


async def test_every_visitor_of_the_echo_room_is_alone_with_the_echo(http: httpx.AsyncClient) -> None:
    first, second = await Api(http, "eko").join("Kit 7"), await Api(http, "eko").join("Kit 8")
    for visitor in (first, second):
        roster = (await visitor.get("participants")).json()["result"]
        assert [entry["display_name"] for entry in roster][1:] == ["Eko"]
        assert roster[0]["uuid"] == visitor.uuid
        assert roster[1]["has_media"] is True


async def test_the_page_is_served_at_every_form_of_meeting_link(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>Vårdmöte</title>")
    (tmp_path / "main.js").write_text("1")
    async with (
        TestRoomServer(page=tmp_path) as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        for address in ADDRESSES:
            page = await http.get(address.replace("{alias}", "hembesok"))
            assert page.status_code == 200, address
            assert "Vårdmöte" in page.text
            assert page.headers["referrer-policy"] == "no-referrer"
            assert "default-src 'self'" in page.headers["content-security-policy"]
        assert (await http.get("/page/main.js")).text == "1"
        assert (await http.get("/page/%2e%2e/%2e%2e/secret")).status_code == 404


async def test_a_page_that_is_not_built_says_how(tmp_path: Path) -> None:
    async with (
        TestRoomServer(page=tmp_path / "missing") as server,
        httpx.AsyncClient(base_url=server.url, verify=False) as http,
    ):
        page = await http.get("/webapp/m/hembesok")
        assert page.status_code == 503
        assert "npm ci" in page.text
        assert (await http.get("/page/main.js")).status_code == 404


async def test_nothing_personal_is_logged(http: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        api = Api(http, "hembesok")
        await api.request_token("Kanarie", pin="9999")
        member = await api.join("Kanarie", pin="1234", call_tag="kanarie-tag")
        await member.ok("message", {"type": "text/plain", "payload": "kanarie-text"})
        await member.post("participants/kanarie-who/calls/kanarie-call/ack", {})
        await member.ok("release_token")
        await asyncio.sleep(0.7)
    out = capfd.readouterr()
    everything = f"{logs}{out.out}{out.err}".lower()
    for canary in ("kanarie", "9999", "1234", "hembesok", member.token.lower(), member.uuid):
        assert canary not in everything, canary


async def test_a_failure_of_our_own_is_said_without_its_text(
    server: TestRoomServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(server.rooms, "find", broken)
    async with httpx.AsyncClient(base_url=server.url, verify=False) as http:
        with contextlib.suppress(httpx.RemoteProtocolError):
            response = await Api(http, "oppet").post("lock", token="x")
            assert response.status_code == 500
            assert response.json() == {"status": "failed", "result": "Internal error"}


async def test_answers_do_not_wait_for_the_clients_delayed_ack(http: httpx.AsyncClient) -> None:
    member = await Api(http, "oppet").join()
    loop = asyncio.get_running_loop()
    quickest = 1.0
    for _ in range(20):
        begun = loop.time()
        await member.ok("lock")
        quickest = min(quickest, loop.time() - begun)
    assert quickest < 0.03
