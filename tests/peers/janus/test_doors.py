"""Rooms that do not let everybody in, and servers that are none."""

from pathlib import Path

import pytest

from kit.ipc import engine as ng
from kit.visit.model import Refusal
from tests.kit.meeting.pexip.certificates import make
from tests.peers.janus.browser import Guests
from tests.peers.janus.conftest import enter
from tests.peers.janus.server import PIN, PIN_ROOM, SMALL_ROOM, TOKEN, TOKEN_ROOM, TestJanus
from tests.peers.janus.test_room import comes
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.pulse import Pulse


async def test_a_pin_is_asked_for_called_wrong_and_taken(kit: Kit, janus: TestJanus) -> None:
    await enter(kit, janus, PIN_ROOM)
    assert await kit.wait_for(ng.RoomPinAsked) == ng.RoomPinAsked(wrong=False)
    await enter(kit, janus, PIN_ROOM, pin="0000")
    assert await kit.wait_for(ng.RoomPinAsked) == ng.RoomPinAsked(wrong=True)
    await enter(kit, janus, PIN_ROOM, pin=PIN)
    await kit.wait_for(ng.RoomJoined)
    await kit.order(ng.LeaveRoom())
    await janus.left(0)


async def test_a_room_with_a_list_lets_in_by_token(kit: Kit, janus: TestJanus) -> None:
    await janus.room("allowed", TOKEN_ROOM, action="add", allowed=[TOKEN])
    await janus.room("allowed", TOKEN_ROOM, action="enable")
    for token in (None, "fel"):
        await enter(kit, janus, TOKEN_ROOM, token=token)
        assert await kit.wait_for(ng.RoomRefused) == ng.RoomRefused(Refusal.ROOM_NOT_INVITED, "#jan433")
    await enter(kit, janus, TOKEN_ROOM, token=TOKEN)
    await kit.wait_for(ng.RoomJoined)


@pytest.mark.parametrize("room", [4321, "fel-namn"])
async def test_a_room_that_is_not_there_is_unknown(kit: Kit, janus: TestJanus, room: int | str) -> None:
    await enter(kit, janus, room)
    refused = await kit.wait_for(ng.RoomRefused)
    assert refused.reason is Refusal.ROOM_UNKNOWN
    await janus.left(0)


async def test_a_full_room_says_so(kit: Kit, janus: TestJanus, guests: Guests) -> None:
    await comes(guests, janus, "red", SMALL_ROOM)
    await enter(kit, janus, SMALL_ROOM)
    assert await kit.wait_for(ng.RoomRefused) == ng.RoomRefused(Refusal.ROOM_FULL, "#jan432")


async def test_a_server_that_does_not_answer_is_unreachable(kit: Kit, janus: TestJanus) -> None:
    janus.gate.shut = True
    await enter(kit, janus)
    assert (await kit.wait_for(ng.RoomRefused)).reason is Refusal.ROOM_UNREACHABLE


async def test_a_server_that_cannot_prove_who_it_is_is_told_nothing(
    janus: TestJanus, pulse: Pulse, tmp_path: Path
) -> None:
    for folder in ("kit", "strangers"):
        (tmp_path / folder).mkdir()
    config = write_config(tmp_path / "kit", ca=make(tmp_path / "strangers").ca, host=janus.host)
    async with Kit(config, pulse.environment) as kit:
        await enter(kit, janus)
        assert (await kit.wait_for(ng.RoomRefused)).reason is Refusal.ROOM_CERTIFICATE
    assert not await janus.sessions()
