"""Who may ask for what while there is no login."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from fleet.store import Store
from fleet.web.__main__ import main

CHANGE = "/kit/kit-0003/anmal"
FORM = {"category": "sound"}


@pytest.mark.parametrize("host", ["fleet.example", "127.0.0.1.example:8090", "", "10.0.0.1:8090"])
async def test_a_name_that_is_not_this_machines_is_refused(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"host": host})).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8090", "127.0.0.1", "[::1]:8090"])
async def test_this_machine_is_let_in_by_any_of_its_names(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8090"},
        {"origin": "https://other.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
    ],
)
async def test_a_page_elsewhere_cannot_change_anything(
    client: httpx.AsyncClient, store: Store, headers: dict[str, str]
) -> None:
    answer = await client.post(CHANGE, data=FORM, headers=headers)
    assert answer.status_code == 403
    assert (await client.get("/api/v1/cases")).json() == []


@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://127.0.0.1:8090"}]
)
async def test_the_dashboards_own_pages_and_programs_can(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.post(CHANGE, data=FORM, headers=headers)).status_code == 303


@pytest.mark.parametrize("path", ["/", "/api/v1/kits", "/x", "/static/none.js"])
async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("listen", ["0.0.0.0:8090", "fleet.example:8090", "127.0.0.1"])
def test_it_does_not_listen_to_other_machines(listen: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="there is no login yet"):
        main(database=f"sqlite:///{tmp_path / 'x.db'}", listen=listen, static=tmp_path)


def test_it_says_what_is_missing_when_the_pages_files_are_not_built(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"htmx\.js.*npm run build"):
        main(database=f"sqlite:///{tmp_path / 'x.db'}", listen="127.0.0.1:8090", static=tmp_path)
