"""A login on a phone leads back here, and one kit gets what it gave, once."""

import asyncio
import hashlib
import json
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from fleet.web import returns as module
from fleet.web.returns import ANNOUNCED_S, KEEP_S, MOST, Returns, for_kits, for_phones

SECRET = "s" * 43
NONCE = hashlib.sha256(SECRET.encode()).hexdigest()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def returns(clock: Clock) -> Returns:
    return Returns(clock)


def client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://retur.region.test")


async def ask(returns: Returns, what: str, secret: object = SECRET) -> httpx.Response:
    async with client(for_kits(returns, hold_s=0.05)) as http:
        return await http.post(f"/{what}", content=json.dumps({"secret": secret}))


async def phone(returns: Returns, path: str) -> httpx.Response:
    async with client(for_phones(returns)) as http:
        return await http.get(path)


async def test_what_the_phone_brings_is_given_to_the_kit_once(returns: Returns) -> None:
    assert (await ask(returns, "announce")).json() == {"token": None}
    came = await phone(returns, f"/{NONCE}/sso-token_1.2=/3")
    assert came.status_code == 200
    assert "Du är inloggad" in came.text
    assert "sso-token" not in came.text
    assert came.headers["cache-control"] == "no-store"
    assert (await ask(returns, "collect")).json() == {"token": "sso-token_1.2=/3"}
    assert (await ask(returns, "collect")).json() == {"token": None}
    assert (await phone(returns, f"/{NONCE}/again")).status_code == 404


async def test_the_hash_on_the_phone_does_not_collect(returns: Returns) -> None:
    await ask(returns, "announce")
    await phone(returns, f"/{NONCE}/token")
    assert (await ask(returns, "collect", NONCE)).json() == {"token": None}
    assert (await ask(returns, "collect")).json() == {"token": "token"}


async def test_a_phone_that_no_kit_waits_for_brings_nothing(returns: Returns) -> None:
    for path in (f"/{NONCE}/token", "/x/token", f"/{NONCE}/", "/", "/x"):
        assert (await phone(returns, path)).status_code == 404
    await ask(returns, "announce")
    assert (await phone(returns, f"/{NONCE}/" + "x" * 4097)).status_code == 404
    assert (await phone(returns, f"/{NONCE}/first")).status_code == 200
    assert (await phone(returns, f"/{NONCE}/second")).status_code == 404
    assert (await ask(returns, "collect")).json() == {"token": "first"}


async def test_nothing_is_kept_longer_than_it_is_good_for(returns: Returns, clock: Clock) -> None:
    await ask(returns, "announce")
    await phone(returns, f"/{NONCE}/token")
    clock.now += KEEP_S
    assert (await ask(returns, "collect")).json() == {"token": None}
    await ask(returns, "announce")
    clock.now += ANNOUNCED_S
    assert (await phone(returns, f"/{NONCE}/token")).status_code == 404


async def test_the_kit_hears_of_it_while_it_asks(returns: Returns) -> None:
    returns.announce(NONCE)
    collecting = asyncio.create_task(returns.collect(NONCE, 5))
    await asyncio.sleep(0.01)
    assert await returns.bring(NONCE, "token")
    assert await collecting == "token"


async def test_there_is_room_for_so_many_and_no_more(returns: Returns) -> None:
    for number in range(MOST):
        assert returns.announce(str(number))
    assert not returns.announce("one more")
    assert returns.announce("0")
    assert (await ask(returns, "announce")).status_code == 503


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b'{"secret": "short"}', b"{" * 500, b"x" * 5000, b"\xff"]
)
async def test_what_is_no_secret_is_refused(returns: Returns, body: bytes) -> None:
    async with client(for_kits(returns)) as http:
        for what in ("announce", "collect"):
            assert (await http.post(f"/{what}", content=body)).status_code == 400


def test_it_listens_where_it_is_told() -> None:
    with pytest.raises(SystemExit):
        module._server(for_phones(Returns()), "nowhere", *[Path("x")] * 2)
