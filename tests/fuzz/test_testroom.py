"""Whatever is sent to the test room's API, it answers with less than 500, in its envelope."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kit.media import rtp
from kit.meeting.testroom import Config, Limits, app
from kit.meeting.testroom.api.routes import CALL, CONFERENCE, PARTICIPANT, ROOT
from kit.meeting.testroom.config import DEFAULT_ROOMS
from kit.meeting.testroom.page import BUILT
from kit.meeting.testroom.registry import Rooms
from kit.meeting.testroom.wire import RequestToken
from tests.kit.media.rtp.seam import aiortc_as_it_was

__all__ = ["aiortc_as_it_was"]

COMMANDS = [
    *CONFERENCE,
    *(f"participants/{{who}}/{name}" for name in PARTICIPANT),
    *(f"participants/{{who}}/calls/{{call}}/{name}" for name in CALL),
    "refresh_token",
]
KINDS: dict[str, Any] = {
    **{name: kind for name, (kind, _, _) in CONFERENCE.items()},
    **{name: kind for name, (kind, _, _) in PARTICIPANT.items()},
    **{name: kind for name, (kind, _, _) in CALL.items()},
    "request_token": RequestToken,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)


def bodies(name: str) -> st.SearchStrategy[bytes]:
    """Rubbish, JSON of any form, and objects with the right fields and wrong values."""
    fields = [field.encode_name for field in msgspec.structs.fields(KINDS[name])] if name in KINDS else []
    near = st.fixed_dictionaries({}, optional=dict.fromkeys(fields, json_values))
    as_json = (json_values | near).map(lambda value: json.dumps(value).encode())
    return st.binary(max_size=200) | as_json


class Room:
    """A room that is driven in-process, with one who is in it."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.rooms = Rooms(Config(rooms=DEFAULT_ROOMS, limits=Limits(participants=500)))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app.build(self.rooms, BUILT)), base_url="http://room.test"
        )
        self.me: dict[str, Any] = {}

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        return self.runner.run(self.http.post(path, content=body, headers=headers))

    def token(self) -> str:
        """A good token: somebody joins again when the last one has gone."""
        found = self.rooms.find("oppet", self.me.get("token", ""))
        if found is None:
            answer = self.post(f"{ROOT}/conferences/oppet/request_token", b'{"display_name": "Kit 7"}')
            self.me = answer.json()["result"]
        return str(self.me["token"])

    def close(self) -> None:
        self.runner.run(self.rooms.close())
        self.runner.run(self.http.aclose())
        self.runner.close()


@pytest.fixture(autouse=True)
def ours(aiortc_as_it_was: None) -> None:
    """What the room's server does at its start."""
    rtp.install()


@pytest.fixture(scope="module")
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.close()


@pytest.fixture(scope="module")
def offer(room: Room) -> str:
    """A real offer with sound and two videos."""

    async def make() -> str:
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for kind in ("audio", "video", "video"):
            pc.addTransceiver(kind)
        await pc.setLocalDescription(await pc.createOffer())
        text: str = pc.localDescription.sdp
        await pc.close()
        return text

    return room.runner.run(make())


def check(response: httpx.Response) -> None:
    assert response.status_code < 500 or response.status_code == 529, response.text
    if response.status_code != 204:
        assert set(response.json()) == {"status", "result"}


@given(data=st.data(), command=st.sampled_from(COMMANDS), who=st.sampled_from(["me", "x", "ä/../%00"]))
def test_commands_of_one_who_is_in(room: Room, data: st.DataObject, command: str, who: str) -> None:
    token = room.token()
    uuid = room.me["participant_uuid"] if who == "me" else quote(who, safe="")
    path = command.format(who=uuid, call=quote(data.draw(st.text(min_size=1, max_size=20)), safe=""))
    body = data.draw(bodies(command.rsplit("/", 1)[-1]))
    check(room.post(f"{ROOT}/conferences/oppet/{path}", body, {"token": token}))


@given(
    alias=st.sampled_from(["eko", "hembesok", "konsult", "litet", "fullt"])
    | st.text(min_size=1, max_size=20),
    pin=st.none() | st.sampled_from(["1234", "none", "0", "x" * 50]),
    body=bodies("request_token"),
)
@example(alias="litet", pin=None, body=b'{"display_name": "\\u0000\\ud83d\\ude00"}')
@example(alias="litet", pin=None, body=b'{"display_name": "\\ud800"}')
def test_asking_for_a_token(room: Room, alias: str, pin: str | None, body: bytes) -> None:
    headers = {} if pin is None else {"pin": pin}
    check(room.post(f"{ROOT}/conferences/{quote(alias, safe='')}/request_token", body, headers))


@given(
    path=st.text(max_size=60), token=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60)
)
def test_any_path_and_any_token(room: Room, path: str, token: str) -> None:
    check(room.post(f"{ROOT}/conferences/oppet/x{quote(path)}", b"", {"token": token}))


@given(data=st.data())
@settings(max_examples=60)
def test_offers_that_were_damaged_on_the_way(room: Room, offer: str, data: st.DataObject) -> None:
    lines = offer.split("\r\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        damage = data.draw(st.sampled_from(["drop", "double", "cut", "swap", "rubbish"]))
        if damage == "drop":
            del lines[at]
        elif damage == "double":
            lines.insert(at, lines[at])
        elif damage == "cut":
            lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
        elif damage == "swap":
            lines[at], lines[0] = lines[0], lines[at]
        else:
            lines[at] = data.draw(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
    token = room.token()
    body = {"call_type": "WEBRTC", "sdp": "\r\n".join(lines)}
    uuid = room.me["participant_uuid"]
    path = f"{ROOT}/conferences/oppet/participants/{uuid}/calls"
    check(room.post(path, json.dumps(body).encode(), {"token": token}))


def test_an_offer_bundled_on_a_line_that_is_not_there(room: Room, offer: str) -> None:
    token = room.token()
    body = {"call_type": "WEBRTC", "sdp": offer.replace("BUNDLE 0", "BUNDLE 9 0")}
    path = f"{ROOT}/conferences/oppet/participants/{room.me['participant_uuid']}/calls"
    assert room.post(path, json.dumps(body).encode(), {"token": token}).status_code == 400


@given(
    line=st.text(max_size=120) | st.from_regex(r"candidate:[0-9a-z .:]{0,80}", fullmatch=True),
    mid=st.text(max_size=5),
)
def test_candidates_of_any_form(room: Room, offer: str, line: str, mid: str) -> None:
    token = room.token()
    uuid = room.me["participant_uuid"]
    leg = room.rooms.running("oppet")[0].bridge.legs.get(uuid)
    base = f"{ROOT}/conferences/oppet/participants/{uuid}/calls"
    if leg is None or leg.call is None:
        placed = room.post(base, json.dumps({"call_type": "WEBRTC", "sdp": offer}).encode(), {"token": token})
        call = placed.json()["result"]["call_uuid"]
    else:
        call = leg.call.uuid
    body = json.dumps({"candidate": line, "mid": mid}).encode()
    check(room.post(f"{base}/{call}/new_candidate", body, {"token": token}))
