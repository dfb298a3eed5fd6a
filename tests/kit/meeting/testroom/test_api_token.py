import asyncio

import httpx
import pytest

from kit.meeting.testroom import Limits, TestRoomServer
from tests.kit.meeting.testroom.conftest import OpenRoom

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits(token_s=1, token_grace_s=0.3, pin_lockout_s=0.5, participants=6)


async def test_status_says_whether_the_node_takes_calls(
    http: httpx.AsyncClient, server: TestRoomServer
) -> None:
    response = await http.get("/api/client/v2/status")
    assert (response.status_code, response.json()) == (200, {"status": "success", "result": "OK"})
    server.lab.maintenance(True)
    response = await http.get("/api/client/v2/status")
    assert (response.status_code, response.json()) == (
        503,
        {"status": "failed", "result": "Maintenance mode"},
    )


async def test_in_maintenance_nobody_new_comes_in_and_who_is_in_stays(
    server: TestRoomServer, room: OpenRoom
) -> None:
    member = await room("oppet").join()
    server.lab.maintenance(True)
    response = await room("oppet").request_token()
    assert (response.status_code, response.json()["result"]) == (503, "System in maintenance mode")
    assert (await member.get("conference_status")).status_code == 200


async def test_an_unknown_room_is_404_failed(room: OpenRoom) -> None:
    response = await room("finnsinte").request_token()
    assert response.status_code == 404
    assert response.json() == {"status": "failed", "result": "Neither conference nor gateway found"}


async def test_a_token_answer_has_what_pexips_own_client_insists_on(room: OpenRoom) -> None:
    result = (await room("oppet").join("  Kit   7 ", call_tag="visit-1")).result
    assert result["expires"] == "1"
    assert result["role"] == "HOST"
    assert result["display_name"] == "Kit 7"
    assert result["current_service_type"] == "conference"
    assert result["call_tag"] == "visit-1"
    assert set(result["version"]) == {"version_id", "pseudo_version"}
    assert "stun" not in result
    assert result["turn"] == []


@pytest.mark.parametrize(("alias", "guest_pin"), [("hembesok", "none"), ("konsult", "required")])
async def test_without_a_pin_one_is_asked_for(room: OpenRoom, alias: str, guest_pin: str) -> None:
    response = await room(alias).request_token()
    assert response.status_code == 403
    result = response.json()["result"]
    assert (result["pin"], result["guest_pin"]) == ("required", guest_pin)
    assert "version" in result


async def test_the_pin_opens_the_room_as_host_or_guest(room: OpenRoom) -> None:
    assert (await room("konsult").join(pin="1234")).result["role"] == "HOST"
    assert (await room("konsult").join(pin="5678")).result["role"] == "GUEST"
    assert (await room("hembesok").join(pin="none")).result["role"] == "GUEST"


async def test_a_wrong_pin_is_refused_and_three_lock_out_for_a_while(room: OpenRoom) -> None:
    answers = [await room("hembesok").request_token(pin="9999") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert [answer.json()["result"] for answer in answers] == [
        "Invalid PIN",
        "Invalid PIN",
        "Participant exceeded PIN entry retries",
    ]
    locked = await room("hembesok").request_token(pin="1234")
    assert locked.json()["result"] == "Participant exceeded PIN entry retries"
    assert (await room("hembesok").request_token("Samordnare Norr", pin="1234")).status_code == 200
    await asyncio.sleep(0.55)
    assert (await room("hembesok").request_token(pin="1234")).status_code == 200


@pytest.mark.parametrize("name", ["", "   ", None, False, True])
async def test_a_name_is_required(room: OpenRoom, name: object) -> None:
    response = await room("oppet").request_token(name)
    assert response.status_code == 403
    assert response.json()["result"]["display_name"] == "required"


async def test_a_full_room_and_a_full_server_are_529_failed(room: OpenRoom) -> None:
    refused = {"status": "failed", "result": "Participant limit reached"}
    response = await room("fullt").request_token()
    assert (response.status_code, response.json()) == (529, refused)
    for number in range(2):
        await room("litet").join(f"Kit {number}")
    response = await room("litet").request_token("Kit 3")
    assert (response.status_code, response.json()) == (529, refused)
    for number in range(4):
        await room("oppet").join(f"Kit {number}")
    response = await room("hembesok").request_token("Kit 9", pin="1234")
    assert (response.status_code, response.json()) == (529, refused)


async def test_a_place_is_free_again_when_somebody_leaves(room: OpenRoom) -> None:
    first = await room("litet").join("Kit 1")
    await room("litet").join("Kit 2")
    assert await first.ok("release_token", {"reason": "User initiated disconnect"}) is True
    assert (await room("litet").request_token("Kit 3")).status_code == 200


async def test_refresh_replaces_the_token_and_keeps_the_old_one_for_seconds_only(room: OpenRoom) -> None:
    member = await room("oppet").join()
    old = member.token
    fresh = await member.ok("refresh_token")
    assert fresh["expires"] == "1"
    assert fresh["role"] == "HOST"
    assert fresh["client_stats_update_interval"] == 5000
    assert fresh["token"] != old
    assert (await member.get("participants")).status_code == 200
    await asyncio.sleep(0.35)
    stale = await member.get("participants")
    assert (stale.status_code, stale.json()["result"]) == (403, "Invalid token")
    member.token = fresh["token"]
    assert (await member.get("participants")).status_code == 200


async def test_who_does_not_refresh_is_put_out_and_told_why(room: OpenRoom) -> None:
    watcher = await room("oppet").join("Samordnare Norr")
    ghost = await room("oppet").join("Kit 7")
    async with ghost.events() as mine, watcher.events() as theirs:
        for _ in range(5):
            await asyncio.sleep(0.35)
            watcher.token = (await watcher.ok("refresh_token"))["token"]
        assert (await mine.wait("disconnect"))["reason"] == "Timer expired awaiting token refresh"
        await mine.wait_end()
        assert (await theirs.wait("participant_delete"))["uuid"] == ghost.uuid
    assert (await ghost.post("refresh_token")).status_code == 403


async def test_who_comes_back_while_its_ghost_is_still_there_is_a_new_participant(room: OpenRoom) -> None:
    ghost = await room("oppet").join("Kit 7")
    back = await room("oppet").join("Kit 7")
    roster = (await back.get("participants")).json()["result"]
    assert {entry["uuid"] for entry in roster} == {ghost.uuid, back.uuid}


async def test_leaving_by_a_beacon_with_the_token_in_the_address(
    room: OpenRoom, http: httpx.AsyncClient
) -> None:
    member = await room("oppet").join()
    beacon = await http.post(room("oppet").at(f"release_token?token={member.token}"), json={})
    assert (beacon.status_code, beacon.json()["result"]) == (200, True)
    again = await member.post("release_token")
    assert (again.status_code, again.json()["result"]) == (403, "Invalid token")


async def test_a_token_of_one_room_opens_no_other(room: OpenRoom) -> None:
    member = await room("oppet").join()
    elsewhere = await room("litet").post("refresh_token", token=member.token)
    assert elsewhere.status_code == 403


async def test_a_token_in_the_address_is_taken_only_where_the_api_says_so(
    room: OpenRoom, http: httpx.AsyncClient
) -> None:
    member = await room("oppet").join()
    assert (await http.get(room("oppet").at(f"participants?token={member.token}"))).status_code == 403
    assert (await http.get(room("oppet").at(f"theme/?token={member.token}"))).status_code == 204
