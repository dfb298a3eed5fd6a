"""The Janus of these tests: TLS as in production, rooms of every kind, and an administrator's view."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import Any

import httpx

from bench.calls.janus_server import JanusServer
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.janus.gate import Gate

ROOM, PIN_ROOM, TOKEN_ROOM, SMALL_ROOM = 1234, 2001, 2002, 2003
PIN, TOKEN, SECRET = "4711", "kort-en-dag", "rummets-hemlighet"
WS_PORT, WSS_PORT, ADMIN_PORT = 8188, 8989, 7088
_ADMIN_SECRET = "bara-i-provet"
_STARTS_IN_S = 10.0
_ROOM = """room-{number}: {{{{ publishers = {publishers}  bitrate = 1000000  audiocodec = "opus"
  videocodec = "{codecs}"  h264_profile = "42e01f"  opus_fec = true  transport_wide_cc_ext = true
  notify_joining = true  audiolevel_event = true  audio_active_packets = 25  audio_level_average = 60
  secret = "{secret}"  {more} }}}}
"""


def _room(number: int, publishers: int = 8, codecs: str = "h264,vp8", more: str = "") -> str:
    return _ROOM.format(number=number, publishers=publishers, codecs=codecs, secret=SECRET, more=more)


def _files(certificates: Certificates, reclaim_s: int) -> dict[str, str]:
    return {
        "janus.jcfg": f"""
general: {{{{ configs_folder = "{{folder}}"  plugins_folder = "{{folder}}/plugins"
  transports_folder = "{{folder}}/transports"  interface = "{{inside}}"  debug_level = 2
  admin_secret = "{_ADMIN_SECRET}"  session_timeout = 60  reclaim_session_timeout = {reclaim_s} }}}}
media: {{{{ rtp_port_range = "20000-20400" }}}}
nat: {{{{ full_trickle = false  ignore_mdns = true }}}}
""",
        "janus.transport.http.jcfg": f"""
general: {{{{ http = false  https = false }}}}
admin: {{{{ admin_http = true  admin_port = {ADMIN_PORT}  admin_ip = "{{inside}}"
  admin_base_path = "/admin" }}}}
""",
        "janus.transport.websockets.jcfg": f"""
general: {{{{ ws = true  ws_port = {WS_PORT}  ws_ip = "{{inside}}"  wss = true  wss_port = {WSS_PORT}
  wss_ip = "{{inside}}" }}}}
certificates: {{{{ cert_pem = "{certificates.certificate}"  cert_key = "{certificates.key}" }}}}
""",
        "janus.plugin.videoroom.jcfg": "general: {{ }}\n"
        + _room(ROOM)
        + _room(PIN_ROOM, more=f'pin = "{PIN}"')
        + _room(TOKEN_ROOM)
        + _room(SMALL_ROOM, publishers=1),
    }


_MODULES = (
    ("plugins", "libjanus_videoroom.so"),
    ("transports", "libjanus_http.so"),
    ("transports", "libjanus_websockets.so"),
)


class TestJanus:
    """``async with TestJanus(...)``: the server, and the gate that the kit goes through to it."""

    __test__ = False

    def __init__(self, certificates: Certificates, reclaim_s: int = 0) -> None:
        self._server = JanusServer(_files(certificates, reclaim_s), _MODULES)
        self.inside = self._server.inside
        self.plain = f"ws://{self.inside}:{WS_PORT}"
        self.gate = Gate((self.inside, WSS_PORT))
        self._http = httpx.AsyncClient(base_url=f"http://{self.inside}:{ADMIN_PORT}/admin")

    async def __aenter__(self) -> TestJanus:
        await self._server.start()
        await self._listens()
        await self.gate.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gate.close()
        await self._http.aclose()
        await self._server.close()

    @property
    def host(self) -> str:
        """What stands in an invitation."""
        return f"localhost:{self.gate.port}"

    async def kill(self) -> None:
        """The server dies."""
        await self._server.end(kill=True)

    async def revive(self) -> None:
        """It is started again, and knows nothing."""
        await self._server.run()
        await self._listens()

    async def narrow(self, kbps: int) -> None:
        """Let so much come from the server; 0 lifts the limit."""
        await self._server.narrow(kbps)

    async def sessions(self) -> list[int]:
        """Ids of all sessions."""
        return list((await self._admin("", "list_sessions"))["sessions"])

    async def left(self, count: int) -> None:
        """Wait until there are so many sessions: the server tells nobody."""
        async with asyncio.timeout(10):
            while len(await self.sessions()) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def remain(self, count: int) -> None:
        """Wait until so many are in the room: of whom a session takes with it, it hears a moment later."""
        async with asyncio.timeout(10):
            while len(await self.people()) != count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def handles(self) -> int:
        """How many handles there are, in all sessions."""
        found = 0
        for session in await self.sessions():
            with contextlib.suppress(KeyError):
                found += len((await self._admin(f"/{session}", "list_handles"))["handles"])
        return found

    async def holds(self, count: int) -> None:
        """Wait until it has so many handles: a former leg's are given back behind the call's back."""
        async with asyncio.timeout(10):
            while await self.handles() != count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def subscriptions(self, display: str) -> list[dict[str, Any]]:
        """What is known of the handles with which this participant receives; ``webrtc`` counts bytes."""
        mine = {p["id"] for p in await self.people() if p["display"] == display}
        found = []
        for session in await self.sessions():
            infos = [
                (await self._admin(f"/{session}/{handle}", "handle_info"))["info"]
                for handle in (await self._admin(f"/{session}", "list_handles"))["handles"]
            ]
            if any(info["plugin_specific"].get("id") in mine for info in infos):
                found += [info for info in infos if info["plugin_specific"]["type"] == "subscriber"]
        return found

    async def hang_up(self, display: str) -> None:
        """End the media of a participant, whose seat stays."""
        mine = {p["id"] for p in await self.people() if p["display"] == display}
        for session in await self.sessions():
            for handle in (await self._admin(f"/{session}", "list_handles"))["handles"]:
                info = (await self._admin(f"/{session}/{handle}", "handle_info"))["info"]
                if info["plugin_specific"].get("id") in mine:
                    await self._admin(f"/{session}/{handle}", "hangup_webrtc")

    async def room(self, request: str, room: int = ROOM, **fields: Any) -> dict[str, Any]:
        """Ask something of the rooms, as the one who holds their secret."""
        asked = {"request": request, "room": room, "secret": SECRET, **fields}
        body = {"plugin": "janus.plugin.videoroom", "request": asked}
        answer = await self._admin("", "message_plugin", **body)
        found: dict[str, Any] = answer["response"]
        return found

    async def people(self, room: int = ROOM) -> list[dict[str, Any]]:
        """Who is in a room."""
        found: list[dict[str, Any]] = (await self.room("listparticipants", room))["participants"]
        return found

    async def _listens(self) -> None:
        async with asyncio.timeout(_STARTS_IN_S):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    await self.sessions()
                    return
                await asyncio.sleep(0.05)

    async def _admin(self, path: str, what: str, **fields: Any) -> dict[str, Any]:
        asked = {"janus": what, "transaction": secrets.token_hex(4), "admin_secret": _ADMIN_SECRET, **fields}
        found: dict[str, Any] = (await self._http.post(path or "/", json=asked)).json()
        return found
