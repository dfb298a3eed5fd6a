"""A bare client of the API: every answer is seen as it is on the wire."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from httpx_sse import aconnect_sse

ROOT = "/api/client/v2"
Event = tuple[str, Any]


class Events:
    """What came on an event stream."""

    def __init__(self) -> None:
        self.seen: list[Event] = []
        self.ended = False
        self._news = asyncio.Condition()

    async def add(self, event: Event) -> None:
        async with self._news:
            self.seen.append(event)
            self._news.notify_all()

    async def end(self) -> None:
        async with self._news:
            self.ended = True
            self._news.notify_all()

    async def wait(
        self, name: str, fits: Callable[[Any], bool] = lambda _: True, *, within: float = 5
    ) -> Any:
        """The data of the first event of this name, seen already or yet to come, that fits."""
        async with asyncio.timeout(within), self._news:
            while True:
                for event, data in self.seen:
                    if event == name and fits(data):
                        return data
                assert not self.ended, f"the stream ended without {name}: {self.names}"
                await self._news.wait()

    async def wait_end(self, within: float = 5) -> None:
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: self.ended)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.seen]


class Member:
    """One who holds a token."""

    def __init__(self, api: "Api", result: dict[str, Any]) -> None:
        self.api = api
        self.result = result
        self.token: str = result["token"]
        self.uuid: str = result["participant_uuid"]

    async def post(self, path: str, body: object = None) -> httpx.Response:
        """POST below the conference; ``me`` in the path stands for this participant."""
        return await self.api.post(path.replace("<me>", self.uuid), body, token=self.token)

    async def get(self, path: str) -> httpx.Response:
        return await self.api.http.get(
            self.api.at(path.replace("<me>", self.uuid)), headers={"token": self.token}
        )

    async def ok(self, path: str, body: object = None) -> Any:
        """The result of a command that must succeed."""
        response = await self.post(path, body)
        assert response.status_code == 200, response.text
        return response.json()["result"]

    @asynccontextmanager
    async def events(self) -> AsyncIterator[Events]:
        """An open event stream, past its first roster."""
        events = Events()
        reading = asyncio.create_task(self._read(events))
        try:
            await events.wait("conference_update")
            yield events
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, events: Events) -> None:
        headers = {"token": self.token}
        try:
            async with aconnect_sse(self.api.http, "GET", self.api.at("events"), headers=headers) as source:
                async for event in source.aiter_sse():
                    await events.add((event.event, json.loads(event.data)))
        except httpx.TransportError:
            pass
        finally:
            await events.end()


class Api:
    """The API of one room."""

    def __init__(self, http: httpx.AsyncClient, alias: str) -> None:
        self.http = http
        self.alias = alias

    def at(self, path: str) -> str:
        return f"{ROOT}/conferences/{self.alias}/{path}"

    async def post(self, path: str, body: object = None, *, token: str = "") -> httpx.Response:
        """POST; a body of bytes is sent as it is, none sends none."""
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        return await self.http.post(self.at(path), content=content, headers={"token": token} if token else {})

    async def request_token(
        self, name: object = "Kit 7", pin: str | None = None, **more: object
    ) -> httpx.Response:
        headers = {} if pin is None else {"pin": pin}
        body = {"display_name": name, **more}
        return await self.http.post(self.at("request_token"), json=body, headers=headers)

    async def join(self, name: str = "Kit 7", pin: str | None = None, **more: object) -> Member:
        response = await self.request_token(name, pin, **more)
        assert response.status_code == 200, response.text
        return Member(self, response.json()["result"])
