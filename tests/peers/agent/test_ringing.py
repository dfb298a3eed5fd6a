"""A call rings on the kit: the real agent, the test room, and Pexip's own client that dials it.

Pexip's packages for browsers know no registration, so the second device is a page that registers as Pexip's
mobile clients do and answers with Pexip's own client. Kit and page must see the same.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, async_playwright

from kit.config import KitConfig, Meeting, Registration
from kit.ipc import engine as ng
from kit.ipc.state import KitState
from kit.meeting.pexip.api import trust
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.testroom import Config, Limits, TestRoomServer, Tls
from kit.meeting.testroom.config import DEFAULT_DEVICES, DEFAULT_ROOMS, DeviceConfig
from kit.visit import events as ev
from kit.visit.model import Policy, Refusal, Step
from tests.kit.agent.conftest import Bench, Engine, Screen, config
from tests.kit.meeting.pexip.certificates import Certificates, make
from tests.peers.testroom.browser import CHROMIUM, FLAGS, Client

__all__ = ["config"]

KIT = DEFAULT_DEVICES[0]
PAGE = DeviceConfig("enhet-08", user="enhet-08", password="bara-for-provet")
DOCTOR = "Läkare Norr"
REGISTER = """async ({alias, user, password}) => {
    const root = `/api/client/v2/registrations/${alias}`;
    const headers = {Authorization: `x-pexip-basic ${btoa(`${user}:${password}`)}`};
    const answer = await fetch(`${root}/request_token`, {method: 'POST', headers});
    const {result} = await answer.json();
    window.rings = [];
    window.cancelled = [];
    const events = new EventSource(`${root}/events?token=${result.token}`);
    events.addEventListener('incoming', e => window.rings.push(JSON.parse(e.data)));
    events.addEventListener('incoming_cancelled', e => window.cancelled.push(JSON.parse(e.data).token));
    await new Promise(resolve => events.addEventListener('open', resolve));
}"""
ANSWER = """async () => {
    const [ring] = window.rings;
    const stream = document.createElement('canvas').captureStream(1);
    const answer = await room.client.call({
        host: location.origin, conferenceAlias: ring.conference_alias, displayName: 'Enhet 08',
        token: ring.token, mediaStream: stream, bandwidth: 0, directMedia: false, callType: 3,
    });
    return answer?.status ?? 0;
}"""
DIAL = """async destination =>
    (await room.client.dial({destination, role: 'GUEST', protocol: 'auto'})).data.result"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def server(certificates: Certificates) -> AsyncIterator[TestRoomServer]:
    rooms = Config(rooms=DEFAULT_ROOMS, devices=(KIT, PAGE), limits=Limits(ring_s=20))
    tls = Tls(("127.0.0.1", 0), certificates.certificate, certificates.key)
    async with TestRoomServer(rooms, tls=tls) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        await chromium.close()


@pytest.fixture
async def doctor(browser: Browser, server: TestRoomServer) -> Client:
    client = await Client.open(browser, server.url, "hembesok", DOCTOR, "1234")
    return await client.join()


@pytest.fixture
def policy() -> Policy:
    """Unplanned calls begin at once."""
    return Policy(unplanned_first=True)


@pytest.fixture
async def bench(
    config: KitConfig, policy: Policy, certificates: Certificates, server: TestRoomServer, tmp_path: Path
) -> AsyncIterator[Bench]:
    """A kit that is registered."""
    secret = tmp_path / "registration.secret"
    secret.touch(mode=0o600)
    secret.write_text(KIT.password + "\n", encoding="utf-8")
    host = f"localhost:{server.tls_url.rsplit(':', 1)[1]}"
    account = Registration(host=host, alias=KIT.alias, user=KIT.user, password_file=secret)
    meeting = Meeting(allowed_hosts=(host,), ca=certificates.ca, registration=account)
    bench = Bench(msgspec.structs.replace(config, meeting=meeting, policy=policy))
    await bench.start()
    await until(lambda: server.rooms.devices.is_registered(KIT.alias))
    yield bench
    await bench.die()


@pytest.fixture
async def staff(bench: Bench) -> tuple[Screen, Engine]:
    return await bench.screen(), await bench.engine()


async def until(condition: Any, limit_s: float = 20.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.05)


def rings(state: KitState) -> bool:
    return state.visit.step is Step.RINGING


async def dial(doctor: Client, device: DeviceConfig = KIT) -> str:
    (uuid,) = await doctor.page.evaluate(DIAL, device.alias)
    return str(uuid)


async def test_a_call_rings_until_it_is_answered_with_the_token_that_came_with_it(
    staff: tuple[Screen, Engine], doctor: Client, server: TestRoomServer
) -> None:
    screen, engine = staff
    await dial(doctor)
    state = await screen.sees(rings)
    assert state.ringing is not None
    assert state.ringing.caller == DOCTOR
    assert (await engine.is_told(ng.Ring)).on
    await screen.touch(ev.AnswerCall())
    assert not (await engine.is_told(ng.Ring)).on
    order = await engine.is_told(ng.JoinRoom)
    assert order.invitation.alias == "hembesok"
    assert any(ring.token == order.invitation.ring_token for ring in server.rooms.devices.rings)


async def test_a_call_that_is_called_off_stops_ringing_and_says_so(
    staff: tuple[Screen, Engine], doctor: Client
) -> None:
    screen, _ = staff
    uuid = await dial(doctor)
    await screen.sees(rings)
    await doctor.page.evaluate("uuid => room.kick(uuid)", uuid)
    state = await screen.sees(lambda state: state.visit.step is Step.IDLE)
    assert state.refused is not None
    assert state.refused.reason is Refusal.CALL_CANCELLED


async def is_declined(screen: Screen, doctor: Client, server: TestRoomServer) -> None:
    """Staff refuse the call, and nothing of it stays, here or in the room."""
    await dial(doctor)
    await screen.sees(rings)
    await screen.touch(ev.DeclineCall())
    await screen.sees(lambda state: state.visit.step is Step.IDLE)
    await until(lambda: not server.rooms.devices.rings)


async def test_a_refused_call_is_over_for_the_room_too(
    staff: tuple[Screen, Engine], doctor: Client, server: TestRoomServer
) -> None:
    await is_declined(staff[0], doctor, server)


async def test_a_call_in_the_middle_of_a_visit_is_only_told(
    staff: tuple[Screen, Engine], doctor: Client
) -> None:
    screen, _ = staff
    await screen.touch(ev.StartCheck())
    await screen.sees(lambda state: state.visit.step is Step.PREPARE)
    await dial(doctor)
    state = await screen.sees(lambda state: state.ringing)
    assert state.visit.step is Step.PREPARE
    await screen.touch(ev.HangUp())
    await screen.sees(rings)


class TestAnswersItself:
    """Where the region has said so, after a countdown."""

    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(unplanned_first=True, auto_answer_s=3.0)

    async def test_a_call_that_nobody_touches_is_answered_and_the_caller_has_the_kit_in_the_room(
        self, staff: tuple[Screen, Engine], doctor: Client, certificates: Certificates
    ) -> None:
        screen, engine = staff
        await dial(doctor)
        state = await screen.sees(rings)
        assert state.ringing is not None
        assert state.ringing.answers_at == pytest.approx(state.visit.since + 3.0)
        assert (await engine.is_told(ng.Ring)).on
        assert not (await engine.is_told(ng.Ring)).on
        order = await engine.is_told(ng.JoinRoom)
        await screen.sees(lambda state: state.visit.step is Step.JOINING)
        tls = await asyncio.to_thread(trust, certificates.ca)
        room = PexipRoom(order.invitation, order.display_name, tls, lambda _: None)
        try:
            assert await room.join() is False
            await doctor.until(f"room.stats().roster.some(p => p.name === '{order.display_name}')")
        finally:
            await room.leave()

    async def test_staff_may_refuse_it_before(
        self, staff: tuple[Screen, Engine], doctor: Client, server: TestRoomServer
    ) -> None:
        await is_declined(staff[0], doctor, server)


async def test_pexips_own_client_sees_the_same_as_the_kit(
    browser: Browser, doctor: Client, server: TestRoomServer
) -> None:
    device = await Client.open(browser, server.url, "hembesok", "Enhet 08")
    account = {"alias": PAGE.alias, "user": PAGE.user, "password": PAGE.password}
    await device.page.evaluate(REGISTER, account)
    first = await dial(doctor, PAGE)
    await device.until("window.rings.length === 1")
    ring = await device.page.evaluate("window.rings[0]")
    assert (ring["remote_display_name"], ring["conference_alias"]) == (DOCTOR, "hembesok")
    await doctor.page.evaluate("uuid => room.kick(uuid)", first)
    assert await device.until("window.cancelled[0]") == ring["token"]
    await device.page.evaluate("window.rings.length = 0")
    await dial(doctor, PAGE)
    await device.until("window.rings.length === 1")
    assert await device.page.evaluate(ANSWER) == 200
    await doctor.until("room.stats().roster.some(p => p.name === 'Enhet 08')")
