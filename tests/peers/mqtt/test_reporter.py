"""The kit's reporter and a fleet, with a real Mosquitto between them and every rule of the access list on."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from fleet.contract import (
    CASE,
    DESIRED,
    Case,
    Desired,
    DesiredApplied,
    Dropped,
    Fault,
    Health,
    Locked,
    Meeting,
    SupportContact,
    VisitSummary,
)
from kit.config import Broker as BrokerConfig
from kit.config import KitConfig
from kit.config import Meeting as MeetingConfig
from kit.health import Reporter, Seen
from kit.health import reporter as reporter_module
from kit.health.outbox import Outbox
from kit.health.store import Row
from kit.health.words import News
from kit.ipc.state import Condition, Device, FaultCategory, NoticeKind
from provisioning.broker import Broker
from provisioning.site import Site
from tests.peers.mqtt.acker import Acker
from tests.peers.mqtt.support import PATIENCE_S, RunningBroker, folder_holds
from tests.peers.mqtt.timing import QUICK

SUPPORT = SupportContact(
    name="Regionens utrustningstjänst", phone="08-465 004 10", hours="Vardagar 8–17", responsible="region"
)


def desired(version: int, **changes: object) -> Desired:
    fields: dict[str, object] = {
        "version": version,
        "unit_name": "Enhet 07",
        "place": "Hemsjukvården Norr",
        "municipality": "Exempelkommun",
        "agreement": "rental",
        "support": SUPPORT,
        "allowed_hosts": ["mote.example"],
        "meetings": [
            Meeting(
                id="m1", title="SIP-möte", start=1, link="https://mote.example/webapp/m/rumCANARY", pin="4711"
            )
        ],
    }
    return Desired(**{**fields, **changes})  # type: ignore[arg-type]


class Kit:
    """A reporter under test with what the agent would hold."""

    def __init__(self, config: KitConfig) -> None:
        self.seen = Seen()
        self.reporter = Reporter(config, lambda: self.seen, timing=QUICK)
        self.heard: list[News] = []

    async def hear(self) -> None:
        async for news in self.reporter.news():
            self.heard.append(news)

    def last(self, kind: type[News]) -> News | None:
        return next((news for news in reversed(self.heard) if isinstance(news, kind)), None)


@asynccontextmanager
async def running(config: KitConfig) -> AsyncIterator[Kit]:
    kit = Kit(config)
    await kit.reporter.open()
    tasks = [asyncio.create_task(kit.reporter.run()), asyncio.create_task(kit.hear())]
    try:
        yield kit
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def until(true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        await asyncio.sleep(0.02)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "region")


@pytest.fixture
def plan(site: Site, free_port: Callable[[], int]) -> Broker:
    return site.broker(free_port())


@pytest.fixture
def broker(plan: Broker) -> Iterator[RunningBroker]:
    running = RunningBroker(plan)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def fleet(site: Site, plan: Broker, broker: RunningBroker) -> Iterator[Acker]:
    acker = Acker(plan, site.service("fleet-ingest")).start()
    yield acker
    acker.stop()


@pytest.fixture
def config(site: Site, plan: Broker, tmp_path: Path) -> KitConfig:
    identity = site.kit("kit-0007")
    return KitConfig(
        kit_id="kit-0007",
        run_dir=tmp_path / "run",
        state_dir=tmp_path / "state",
        broker=BrokerConfig(
            host="localhost",
            port=plan.port,
            ca=identity.ca,
            certificate=identity.certificate,
            key=identity.key,
        ),
        meeting=MeetingConfig(allowed_hosts=("mote.example",)),
        health_interval_s=1,
    )


async def test_health_is_reported_each_interval_and_forgotten_when_committed(
    config: KitConfig, fleet: Acker
) -> None:
    async with running(config) as kit:
        await until(lambda: len(fleet.bodies(Health)) >= 3)
        await until(lambda: kit.reporter.status.connected and kit.reporter.status.pending == 0)
    first = fleet.committed[0]
    assert (first.kit, first.seq, first.oldest) == ("kit-0007", 1, 1)
    health = fleet.bodies(Health)[0]
    assert health.memory is not None
    assert health.uptime_s is not None
    assert fleet.lost == 0


async def test_a_change_that_matters_is_reported_soon(config: KitConfig, fleet: Acker) -> None:
    slow = replace(config, health_interval_s=60.0)
    async with running(slow) as kit:
        await until(lambda: fleet.bodies(Health))
        kit.seen = Seen(visit=True, camera=Device(condition=Condition.MISSING))
        kit.reporter.changed()
        await until(lambda: len(fleet.bodies(Health)) == 2)
    assert fleet.bodies(Health)[1].visit == "visit"
    camera = fleet.bodies(Health)[1].camera
    assert camera is not None
    assert camera.state == "missing"


async def test_a_fault_goes_out_at_once_with_the_facts_in_it(config: KitConfig, fleet: Acker) -> None:
    slow = replace(config, health_interval_s=60.0)
    async with running(slow) as kit:
        await until(lambda: kit.reporter.status.connected)
        began = time.monotonic()
        local_id = await kit.reporter.report_fault(FaultCategory.SOUND, "Inget ljud\nalls")
        await until(lambda: fleet.bodies(Fault))
        assert time.monotonic() - began < 10
    fault = fleet.bodies(Fault)[0]
    assert (fault.local_id, fault.category, fault.text) == (local_id, "sound", "Inget ljud alls")
    assert fault.facts is not None
    assert fault.facts.uplink is not None


async def test_the_desired_state_is_heard_kept_without_meetings_and_known_without_network(
    config: KitConfig, fleet: Acker, broker: RunningBroker
) -> None:
    locked = desired(3, locked=Locked(reason="replaced", since=1, replaced_by_unit="Enhet 09"))
    fleet.tell(DESIRED, "kit-0007", locked)
    async with running(config) as kit:
        await until(lambda: kit.last(Desired))
        assert kit.last(Desired) == locked
        assert await kit.reporter.report(DesiredApplied(version=3))
        await until(lambda: fleet.bodies(DesiredApplied))
    broker.stop()
    async with running(config) as kit:
        kept = kit.reporter.desired
        assert kept == replace(locked, meetings=[])
        await until(lambda: kit.last(Desired))
    assert folder_holds(config.state_dir, b"rumCANARY") == []
    assert folder_holds(config.state_dir, b"4711") == []


async def test_after_a_restart_the_meetings_come_again_and_an_older_state_is_ignored(
    config: KitConfig, fleet: Acker
) -> None:
    fleet.tell(DESIRED, "kit-0007", desired(3))
    async with running(config) as kit:
        await until(lambda: kit.last(Desired))
    async with running(config) as kit:
        await until(lambda: kit.reporter.desired and kit.reporter.desired.meetings)
        fleet.tell(DESIRED, "kit-0007", desired(2, unit_name="Enhet 99"))
        await until(lambda: kit.reporter.counters.snapshot().get("desired_older"))
        assert kit.reporter.desired == desired(3)


async def test_a_case_is_heard_and_kept(config: KitConfig, fleet: Acker, broker: RunningBroker) -> None:
    case = Case(number=12, state="handling", since=1, handled_by=SUPPORT, local_id="a" * 32)
    async with running(config) as kit:
        await until(lambda: kit.reporter.status.connected)
        fleet.tell(CASE, "kit-0007", case)
        await until(lambda: kit.last(Case) == case)
    broker.stop()
    async with running(config) as kit:
        assert kit.reporter.case == case


async def test_presence_is_told_by_the_kit_and_its_end_by_a_goodbye(config: KitConfig, fleet: Acker) -> None:
    async with running(config) as kit:
        await until(lambda: fleet.presence)
        kit.reporter.goodbye = "update"
    await until(lambda: len(fleet.presence) == 2)
    online, offline = fleet.presence
    assert (online.state, online.why) == ("online", "connected")
    assert (offline.state, offline.why, offline.session) == ("offline", "update", online.session)


async def test_when_the_network_changes_the_kit_connects_anew_and_is_not_missed(
    config: KitConfig, fleet: Acker
) -> None:
    async with running(config) as kit:
        await until(lambda: kit.reporter.status.connected)
        kit.reporter.connect_anew()
        await until(lambda: len(fleet.presence) == 2 and kit.reporter.status.connected)
        # The first connection's will is due by now, had the second not come.
        await asyncio.sleep(QUICK.will_delay_s + 1)
        assert [presence.state for presence in fleet.presence] == ["online", "online"]
        assert fleet.presence[0].session != fleet.presence[1].session


async def test_what_staff_wrote_is_gone_from_the_disk_once_the_fleet_has_it(
    config: KitConfig, fleet: Acker
) -> None:
    fleet.acknowledges = False
    async with running(config) as kit:
        await kit.reporter.report_fault(FaultCategory.OTHER, "TextCANARY")
        assert folder_holds(config.state_dir, b"TextCANARY")
        fleet.acknowledges = True
        await until(lambda: fleet.bodies(Fault) and kit.reporter.status.pending == 0)
        assert folder_holds(config.state_dir, b"TextCANARY") == []


async def test_commands_that_do_not_fit_are_counted_and_the_next_is_heard(
    config: KitConfig, fleet: Acker
) -> None:
    async with running(config) as kit:
        await until(lambda: kit.reporter.status.connected)
        for rubbish in (b"", b"{", b'{"version": 0}', b"\xff\xfe", b"[" * 5000, b'{"version": "NamnCANARY"}'):
            fleet.tell(DESIRED, "kit-0007", rubbish)
        fleet.tell(DESIRED, "kit-0007", desired(1))
        await until(lambda: kit.last(Desired))
        assert kit.reporter.counters.snapshot()["command_refused"] == 6


async def test_while_the_fleet_does_not_acknowledge_reports_are_sent_again_and_committed_once(
    config: KitConfig, fleet: Acker
) -> None:
    fleet.acknowledges = False
    async with running(config) as kit:
        for number in range(12):
            await kit.reporter.report(VisitSummary(duration_s=number))
        await until(lambda: fleet.received > 15)
        assert len(fleet.committed) <= QUICK.resend.in_flight
        assert kit.reporter.status.pending >= 12
        fleet.acknowledges = True
        await until(lambda: kit.reporter.status.pending == 0)
    assert [summary.duration_s for summary in fleet.bodies(VisitSummary)] == list(range(12))
    numbers = [report.seq for report in fleet.committed]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_broker_that_is_killed_costs_nothing_but_time(
    config: KitConfig, fleet: Acker, broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporter_module, "AWAY_AFTER_S", 0.5)
    async with running(config) as kit:
        await until(lambda: kit.reporter.status.connected)
        for round_number in range(2):
            broker.kill()
            for number in range(10):
                await kit.reporter.report(VisitSummary(duration_s=10 * round_number + number))
            await until(lambda: NoticeKind.BROKER_AWAY in kit.reporter.status.trouble)
            broker.start()
            fleet.again()
            await until(lambda: kit.reporter.status.connected and kit.reporter.status.pending == 0)
            assert kit.reporter.status.trouble == ()
    assert [summary.duration_s for summary in fleet.bodies(VisitSummary)] == list(range(20))


async def test_a_report_that_the_contract_refuses_is_said_counted_and_not_tried_for_ever(
    config: KitConfig, fleet: Acker
) -> None:
    async with running(config) as kit:
        assert not await kit.reporter.report(VisitSummary(duration_s=-1))
        assert await kit.reporter.report(VisitSummary(duration_s=1))
        await until(lambda: fleet.bodies(VisitSummary))
        assert NoticeKind.REPORT_REFUSED in kit.reporter.status.trouble
        assert kit.reporter.counters.snapshot()["report_refused"] == 1
    assert [dropped.reason for dropped in fleet.bodies(Dropped)] == ["refused_by_contract"]


async def test_a_report_that_the_fleet_refuses_is_said_and_counted_once(
    config: KitConfig, fleet: Acker
) -> None:
    slow = replace(config, health_interval_s=60.0)
    fleet.refuses = "not_in_contract"
    async with running(slow) as kit:
        await until(lambda: NoticeKind.REPORT_REFUSED in kit.reporter.status.trouble)
        await until(lambda: kit.reporter.status.pending == 0)
        assert kit.reporter.counters.snapshot()["report_refused"] == 1


async def test_a_damaged_report_is_replaced_so_that_the_stream_goes_on(
    config: KitConfig, fleet: Acker
) -> None:
    kit = Kit(config)
    await kit.reporter.open()
    await kit.reporter._desk.append(1, b'{"type": "visit_summary", "dur', expendable=False)
    await kit.reporter._desk.close()
    async with running(config) as kit:
        await until(lambda: fleet.bodies(Health))
        assert kit.reporter.counters.snapshot()["report_unreadable"] == 1
    assert [dropped.reason for dropped in fleet.bodies(Dropped)] == ["unreadable"]
    assert fleet.lost == 0


async def test_a_report_whose_stream_is_damaged_is_given_up_and_the_others_go_on(
    config: KitConfig, fleet: Acker
) -> None:
    outbox = Outbox(config.state_dir / "outbox.db")
    assert outbox._disk is not None
    body = b'{"type": "dropped", "reason": "outbox_full"}'
    outbox._disk.adopt([Row(stream="\xff\xfe", seq=1, at=1, expendable=False, body=body)])
    outbox.close()
    async with running(config) as kit:
        await until(lambda: fleet.bodies(Health) and kit.reporter.status.pending == 0)
        assert kit.reporter.counters.snapshot()["report_unreadable"] == 1


async def test_without_identity_or_with_a_strange_broker_the_kit_goes_on_by_itself(
    config: KitConfig, fleet: Acker, tmp_path: Path
) -> None:
    stranger = Site(tmp_path / "other").kit("kit-0007")
    for broken in (
        replace(config.broker, ca=stranger.ca),
        replace(config.broker, certificate=tmp_path / "nothing.pem"),
        replace(config.broker, host="broker.test"),
    ):
        async with running(replace(config, broker=broken)) as kit:
            await until(lambda kit=kit: kit.reporter.status.pending >= 2)  # type: ignore[misc]
            assert not kit.reporter.status.connected
    assert fleet.committed == []


async def test_nothing_personal_is_logged(
    config: KitConfig, fleet: Acker, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(config) as kit:
        kit.seen = Seen(camera=Device(condition=Condition.OK, label="LabelCANARY"))
        kit.reporter.changed()
        await kit.reporter.report_fault(FaultCategory.OTHER, "TextCANARY")
        await kit.reporter.report(VisitSummary(duration_s=1, end_reason="ReasonCANARY"))
        await until(lambda: kit.reporter.status.connected)
        fleet.tell(DESIRED, "kit-0007", desired(1))
        fleet.tell(DESIRED, "kit-0007", json.dumps({"version": "NamnCANARY"}).encode())
        await until(lambda: fleet.bodies(Fault) and kit.last(Desired))
    said = "".join(capfd.readouterr())
    assert "report_refused_by_contract" in said
    assert "CANARY" not in said
