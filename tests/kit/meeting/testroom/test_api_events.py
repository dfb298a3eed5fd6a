import httpx
import pytest

from kit.meeting.testroom import TestRoomServer
from tests.kit.meeting.testroom.conftest import OpenRoom

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_stream_begins_with_the_roster_between_sync_marks(room: OpenRoom) -> None:
    first = await room("oppet").join("Samordnare Norr")
    second = await room("oppet").join("Kit 7")
    async with second.events() as events:
        assert events.names == [
            "participant_sync_begin",
            "participant_create",
            "participant_create",
            "participant_sync_end",
            "conference_update",
        ]
        assert events.seen[0][1] is None
        assert [data["uuid"] for name, data in events.seen if name == "participant_create"] == [
            first.uuid,
            second.uuid,
        ]


async def test_coming_and_going_are_told(room: OpenRoom) -> None:
    watcher = await room("oppet").join("Samordnare Norr")
    async with watcher.events() as events:
        kit = await room("oppet").join("Kit 7")
        await events.wait("participant_create", lambda data: data["uuid"] == kit.uuid)
        await kit.ok("release_token")
        assert await events.wait("participant_delete") == {"uuid": kit.uuid}


async def test_after_a_cut_the_next_stream_has_the_whole_state(
    server: TestRoomServer, room: OpenRoom
) -> None:
    watcher = await room("oppet").join("Samordnare Norr")
    async with watcher.events() as events:
        server.lab.cut_events("oppet")
        await events.wait_end()
    kit = await room("oppet").join("Kit 7")
    async with watcher.events() as events:
        assert kit.uuid in [data["uuid"] for name, data in events.seen if name == "participant_create"]


async def test_who_waits_sees_itself_only_and_everybody_once_admitted(room: OpenRoom) -> None:
    kit = await room("hembesok").join("Kit 7", pin="none")
    async with kit.events() as events:
        host = await room("hembesok").join("Samordnare Norr", pin="1234")
        mine = await events.wait("participant_update", lambda data: data["uuid"] == kit.uuid)
        assert mine["service_type"] == "conference"
        await events.wait("participant_create", lambda data: data["uuid"] == host.uuid)
        assert (await events.wait("conference_update", lambda data: data["started"]))["locked"] is False


async def test_unknown_events_can_be_pushed_and_a_stream_may_be_refused(
    server: TestRoomServer, room: OpenRoom, http: httpx.AsyncClient
) -> None:
    kit = await room("oppet").join("Kit 7")
    async with kit.events() as events:
        server.lab.push("oppet", "something_new", {"a": 1})
        assert await events.wait("something_new") == {"a": 1}
    server.lab.refuse("events", 503)
    assert (await kit.get("events")).status_code == 503
    server.lab.heal()


async def test_too_many_streams_of_one_participant_end_the_oldest(room: OpenRoom) -> None:
    kit = await room("oppet").join("Kit 7")
    async with kit.events() as first, kit.events(), kit.events(), kit.events() as fourth, kit.events():
        await first.wait_end()
        assert not fourth.ended
