"""Trouble in a VideoRoom: the kit comes back by itself, in the same session where that is possible."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from kit.ipc import engine as ng
from kit.ipc.pictures import Stream
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.janus.browser import Guest, Guests
from tests.peers.janus.conftest import colour, enter, pitches, told
from tests.peers.janus.server import TestJanus
from tests.peers.janus.test_pictures import SMALL
from tests.peers.janus.test_room import comes
from tests.peers.media.conftest import heard_at_speaker, until
from tests.peers.media.kit import LIMIT_S, Kit
from tests.peers.media.pulse import Pulse


@pytest.fixture
async def patient_janus(certificates: Certificates) -> AsyncIterator[TestJanus]:
    """One that keeps a session whose socket was cut."""
    async with TestJanus(certificates, reclaim_s=30) as janus:
        yield janus


async def in_call(kit: Kit, janus: TestJanus, guests: Guests) -> Guest:
    red = await comes(guests, janus, "red", **SMALL)
    await red.speak()
    await enter(kit, janus)
    await kit.wait_for(ng.RoomJoined)
    await kit.picture(Stream.REMOTE)
    return red


async def mine(janus: TestJanus) -> list[int]:
    return [person["id"] for person in await janus.people() if person["display"] == "Hembesök"]


async def alone(janus: TestJanus) -> int:
    """Wait until the kit is there once; return who it is."""
    async with asyncio.timeout(10):
        while len(found := await mine(janus)) != 1:  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.05)
    return found[0]


async def moved(kit: Kit) -> None:
    """The call goes over to another path, and counts as one call all the time."""
    await kit.wait_for(ng.PathChanging, where=lambda event: event.on)
    await kit.wait_for(ng.PathChanging, where=lambda event: not event.on)
    assert not [event for event in kit.events if isinstance(event, ng.CallInterrupted)]


async def test_media_that_the_server_ends_are_replaced_in_the_same_session(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    await in_call(kit, janus, guests)
    (me,), sessions = await mine(janus), await janus.sessions()
    await janus.hang_up("Hembesök")
    await moved(kit)
    await kit.picture(Stream.REMOTE)
    assert sorted(await janus.sessions()) == sorted(sessions)
    assert await alone(janus) != me
    # The guest's two, and two of the kit's.
    await janus.holds(4)


async def test_a_change_of_the_network_is_not_heard_and_for_a_moment_only_is_the_kit_there_twice(
    kit: Kit, janus: TestJanus, guests: Guests, pulse: Pulse
) -> None:
    await in_call(kit, janus, guests)
    await asyncio.sleep(1.0)
    listening = asyncio.create_task(heard_at_speaker(pulse, 4.0))
    await kit.order(ng.UplinkChanged())
    await moved(kit)
    sound = await listening
    heard = [bool(pitches(sound[at : at + 4800])) for at in range(0, len(sound) - 4800, 4800)]
    assert sum(heard) >= 0.9 * len(heard), heard
    await alone(janus)
    assert len(await janus.sessions()) == 2
    names = {p.name for e in kit.events if isinstance(e, ng.Roster) for p in e.participants if not p.me}
    assert "Hembesök" not in names


async def test_a_cut_socket_is_nobodys_business_where_the_server_keeps_sessions(
    patient_janus: TestJanus, kit: Kit, guests: Guests
) -> None:
    janus = patient_janus
    red = await in_call(kit, janus, guests)
    me, sessions = await mine(janus), await janus.sessions()
    janus.gate.cut()
    await asyncio.sleep(2.0)
    assert sorted(await janus.sessions()) == sorted(sessions)
    await red.call("rename_", "Annat namn")
    await told(kit, ng.Roster, lambda r: any(p.name == "Annat namn" for p in r.participants))
    assert await mine(janus) == me
    assert not [e for e in kit.events if isinstance(e, ng.CallInterrupted | ng.PathChanging)]


async def test_a_cut_socket_leads_to_a_new_seat_where_the_server_forgets(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    red = await in_call(kit, janus, guests)
    (me,) = await mine(janus)
    janus.gate.cut()
    await kit.wait_for(ng.CallInterrupted)
    await kit.wait_for(ng.PicturesShown, where=lambda shown: not shown.uuids)
    await kit.wait_for(ng.PicturesShown, where=lambda shown: shown.uuids == (red.uuid,))
    await told(kit, ng.CallRestored, lambda _: True)
    await kit.picture(Stream.REMOTE)
    assert len(now := await mine(janus)) == 1
    assert now != [me]
    assert len(await janus.sessions()) == 2


async def test_a_server_that_dies_and_comes_back_is_found_again_and_those_in_it_are_seen_and_heard(
    kit: Kit, janus: TestJanus, guests: Guests, pulse: Pulse
) -> None:
    await in_call(kit, janus, guests)
    await janus.kill()
    await kit.wait_for(ng.CallInterrupted)
    await until(lambda: kit.pictures.latest(Stream.REMOTE) is None)
    await janus.revive()
    await kit.wait_for(ng.CallRestored)
    blue = await comes(guests, janus, "blue", **SMALL)
    await told(kit, ng.PicturesShown, lambda shown: shown.uuids == (blue.uuid,))
    await kit.picture(Stream.REMOTE, where=lambda picture: colour(picture) == "blue")
    await blue.speak()
    async with asyncio.timeout(LIMIT_S):
        while "blue" not in pitches(await heard_at_speaker(pulse, 1.0)):
            pass
    assert len(await mine(janus)) == 1


async def test_a_killed_engine_is_back_in_the_same_session(
    patient_janus: TestJanus, kit: Kit, guests: Guests
) -> None:
    janus = patient_janus
    await in_call(kit, janus, guests)
    sessions = await janus.sessions()
    seat = next(event.blob for event in reversed(kit.events) if isinstance(event, ng.Session))
    await kit.end(signal.SIGKILL)
    await kit.start()
    await enter(kit, janus, session=seat)
    await kit.wait_for(ng.CallRestored)
    await kit.picture(Stream.REMOTE)
    assert sorted(await janus.sessions()) == sorted(sessions)
    assert len(await mine(janus)) == 1


async def test_an_engine_that_is_told_to_end_leaves_nothing_at_the_server(
    kit: Kit, janus: TestJanus, guests: Guests
) -> None:
    await in_call(kit, janus, guests)
    assert await kit.end(signal.SIGTERM) == 0
    assert not await mine(janus)
    assert await janus.handles() == 2
