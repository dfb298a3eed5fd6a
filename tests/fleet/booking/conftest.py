"""The booking interface as an ASGI application over the example register, and a system that may book."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fleet.booking import systems
from fleet.booking.app import create_app
from fleet.clock import local, now_ms
from fleet.contract import Desired, decode
from fleet.store import Store
from fleet.store.tables import Municipality, Outgoing

LINK = "https://meet.example/webapp/m/sip-norr"


def later(minutes: int = 0, days: int = 0) -> str:
    """A time from now in Sweden as FHIR writes it, kept within today where `days` is 0."""
    now = local(now_ms())
    wanted = now + timedelta(minutes=minutes, days=days)
    if days == 0 and wanted.date() != now.date():
        wanted = now
    return wanted.isoformat(timespec="seconds")


def appointment(**changes: Any) -> dict[str, Any]:
    """A booking of kit-0001, today."""
    whole: dict[str, Any] = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": later(30),
        "virtualService": [{"addressUrl": LINK, "sessionKey": "1234"}],
        "participant": [{"status": "accepted", "actor": {"reference": "Device/kit-0001"}}],
    }
    return {name: value for name, value in (copy.deepcopy(whole) | changes).items() if value is not None}


class System:
    """A booking system with its token."""

    def __init__(self, store: Store, client: httpx.AsyncClient, token: str) -> None:
        self.store = store
        self.client = client
        self.token = token

    async def send(self, method: str, path: str, resource: Any = None, /, **headers: str) -> httpx.Response:
        """One request; `if_match="…"` becomes the header If-Match."""
        sent = {"authorization": f"Bearer {self.token}", "content-type": "application/fhir+json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        json = {"json": resource} if resource is not None else {}
        return await self.client.request(method, f"/fhir/{path}", headers=sent, **json)

    async def put(self, name: str, /, **changes: Any) -> httpx.Response:
        """Book under an id of one's own."""
        return await self.send("PUT", f"Appointment/{name}", {**appointment(**changes), "id": name})

    async def told(self, kit: str = "kit-0001") -> Desired:
        """What the kit has been told last."""
        return await asyncio.to_thread(told, self.store, kit)


def told(store: Store, kit: str = "kit-0001") -> Desired:
    with store.reading() as session:
        return decode(Desired, session.get_one(Outgoing, (kit, "cmd/desired")).payload)


def issues(answer: httpx.Response) -> list[tuple[str, str]]:
    """Code and place of what an answer says."""
    assert answer.json()["resourceType"] == "OperationOutcome"
    return [(i["code"], *i.get("expression", [""])) for i in answer.json()["issue"]]


@pytest.fixture
def token(store: Store) -> str:
    """The token of a system that books for all of the region."""
    with store.writing() as session:
        session.get_one(Municipality, "norr").allowed_hosts = ["meet.example"]
        return systems.add(session, "kalender", "Kalendern", [], now_ms())


@pytest.fixture
async def system(store: Store, token: str) -> AsyncIterator[System]:
    """A system that may book."""
    app = await asyncio.to_thread(create_app, store)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://booking.test") as client:
        yield System(store, client, token)
