"""What a call needs of a client of Janus: one session, a handle for each peer connection, one long poll.

It speaks the HTTP transport, and brings its own server with one VideoRoom.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, TypeVar

import httpx

from bench.calls.janus_server import JanusError, JanusServer

ROOM = 1234
PORT = 8088
BITRATE = 2_500_000
"""The room's cap, which Janus tells every publisher in REMB."""
_STARTS_IN_S, _ANSWERS_IN_S, _POLL_S = 10.0, 15.0, 30.0
_CONFIGURATION = {
    "janus.jcfg": """
general: {{ configs_folder = "{folder}"  plugins_folder = "{folder}/plugins"
  transports_folder = "{folder}/transports"  interface = "{inside}"  log_to_stdout = true  debug_level = 2 }}
media: {{ rtp_port_range = "20000-20200" }}
nat: {{ full_trickle = false  ignore_mdns = true }}
""",
    "janus.transport.http.jcfg": """
general: {{ http = true  port = 8088  ip = "{inside}"  base_path = "/janus"  https = false }}
admin: {{ admin_http = false }}
""",
    "janus.plugin.videoroom.jcfg": """
general: {{ }}
room-1234: {{ publishers = 6  bitrate = 2500000  audiocodec = "opus"  videocodec = "h264,vp8"
  h264_profile = "42e01f"  opus_fec = true  transport_wide_cc_ext = true  fir_freq = 0 }}
""",
}


H = TypeVar("H", bound="Handle")


class Janus:
    """The server, and a session with it."""

    def __init__(self) -> None:
        modules = (("plugins", "libjanus_videoroom.so"), ("transports", "libjanus_http.so"))
        self._server = JanusServer(_CONFIGURATION, modules)
        self.outside, self.inside = self._server.outside, self._server.inside
        self.namespace = self._server.namespace
        self._http = httpx.AsyncClient(base_url=f"http://{self.inside}:{PORT}", timeout=_POLL_S + 10)
        self._session = ""
        self._handles: dict[int, Handle] = {}
        self._listening: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the server and open a session."""
        await self._server.start()
        async with asyncio.timeout(_STARTS_IN_S):
            while not self._session:
                try:
                    self._session = f"/janus/{await self._create()}"
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
        self._listening = asyncio.create_task(self._listen())

    async def publisher(self) -> Publisher:
        """Join the room as one who sends."""
        publisher = await self._attach(Publisher)
        await publisher.join()
        return publisher

    async def subscriber(self) -> Subscriber:
        """Get a handle to receive with."""
        return await self._attach(Subscriber)

    async def post(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message; ``path`` is below the session."""
        answer = await self._http.post(
            self._session + path, json={"transaction": secrets.token_hex(6), **message}
        )
        found: dict[str, Any] = answer.json()
        if found["janus"] == "error":
            raise JanusError(found["error"]["reason"])
        return found

    async def close(self) -> None:
        """End the server and take the namespace away."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._http.aclose()
        await self._server.close()

    async def _create(self) -> int:
        answer = await self._http.post("/janus", json={"janus": "create", "transaction": "create"})
        return int(answer.json()["data"]["id"])

    async def _attach(self, kind: type[H]) -> H:
        answer = await self.post("", {"janus": "attach", "plugin": "janus.plugin.videoroom"})
        number = int(answer["data"]["id"])
        handle = kind(self, number)
        self._handles[number] = handle
        return handle

    async def _listen(self) -> None:
        while True:
            events = (await self._http.get(self._session, params={"maxev": "10"})).json()
            for event in events if isinstance(events, list) else [events]:
                handle = self._handles.get(event.get("sender", 0))
                if handle is not None:
                    handle.on_event(event)


class Handle:
    """One attachment to the plugin, for one peer connection."""

    def __init__(self, janus: Janus, number: int) -> None:
        self._janus = janus
        self._path = f"/{number}"
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._is_up = asyncio.Event()

    def on_event(self, event: dict[str, Any]) -> None:
        """Take what Janus says of this handle."""
        if event["janus"] == "webrtcup":
            self._is_up.set()
        elif event["janus"] == "event":
            self._events.put_nowait(event)

    async def up(self) -> None:
        """Wait until media can flow."""
        await asyncio.wait_for(self._is_up.wait(), _ANSWERS_IN_S)

    async def ask(
        self, body: dict[str, Any], wanted: str, jsep: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], str]:
        """Send a request; return the event that holds ``wanted``, and the SDP that came with it."""
        message = {"janus": "message", "body": body, **({"jsep": jsep} if jsep else {})}
        await self._janus.post(self._path, message)
        async with asyncio.timeout(_ANSWERS_IN_S):
            while True:
                event = await self._events.get()
                data: dict[str, Any] = event["plugindata"]["data"]
                if "error" in data:
                    raise JanusError(data["error"])
                if wanted in (data.get("videoroom"), *data):
                    return data, event.get("jsep", {}).get("sdp", "")


class Publisher(Handle):
    """One who sends into the room."""

    feed = 0

    async def join(self) -> None:
        """Enter the room."""
        data, _ = await self.ask({"request": "join", "ptype": "publisher", "room": ROOM}, "joined")
        self.feed = int(data["id"])

    async def publish(self, offer: str) -> str:
        """Send what the offer holds; return the answer."""
        jsep = {"type": "offer", "sdp": offer, "trickle": False}
        _, answer = await self.ask({"request": "publish"}, "configured", jsep)
        return answer


class Subscriber(Handle):
    """One who receives."""

    async def subscribe(self, feed: int) -> str:
        """Ask for a publisher's streams; return Janus's offer."""
        body = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": [{"feed": feed}]}
        _, offer = await self.ask(body, "attached")
        return offer

    async def show(self, *, on: bool) -> None:
        """Let pictures come, or sound alone."""
        await self.ask({"request": "configure", "video": on}, "configured")

    async def start(self, answer: str) -> None:
        """Let the streams flow."""
        await self.ask({"request": "start"}, "started", {"type": "answer", "sdp": answer, "trickle": False})
        await self.up()
