"""The agent: hears staff, engine, machine, fleet and clock; asks the visit; does what it wants done.

One loop, no locks: everything that is heard is handled at once and to its end. What must be kept (reports,
the marker) is a chore, done in order; what may take seconds (testing the network) runs beside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog
from msgspec.structs import replace

from fleet.contract import Desired, DesiredApplied
from kit.agent import call as calls
from kit.agent import sharing, view
from kit.agent.call import CallBook
from kit.agent.chores import Chores
from kit.agent.entrance import Entrance
from kit.agent.guard import GuardDesk
from kit.agent.hub import Hub
from kit.agent.linktest import LinkDesk
from kit.agent.marker import OpenMarker
from kit.agent.parts import Parts
from kit.agent.performer import Performer
from kit.agent.portal import PortalDesk
from kit.agent.ringer import Ringer
from kit.agent.touches import Touches
from kit.agent.uplinks import UplinkDesk
from kit.agent.wifi import WifiDesk
from kit.config import KitConfig
from kit.health import Reporter, Seen
from kit.health.words import News, Status
from kit.hw.readings import Readings
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.call import PresentSource
from kit.ipc.state import (
    Device,
    FaultCategory,
    KitState,
    Language,
    Network,
    Page,
    Panel,
    Refused,
)
from kit.network.wifi.patient import PatientWifi
from kit.visit import events as ev
from kit.visit.machine import step
from kit.visit.model import Check, CheckResult, Refusal, Step
from kit.visit.visit import Visit

TICK_S = 1.0
LIVE = frozenset({Step.JOINING, Step.WAITING, Step.IN_CALL, Step.RECONNECTING})

log = structlog.get_logger()


class Agent:
    """State and its changes. ``wall`` gives unix seconds."""

    def __init__(
        self,
        config: KitConfig,
        wall: Callable[[], float],
        root: Path = Path("/"),
        patient_wifi: PatientWifi | None = None,
    ) -> None:
        """Nothing is touched before :meth:`run`. ``root`` is where /sys and /proc are."""
        self.config = config
        self.wall = wall
        self.visit = Visit()
        self.book = CallBook()
        self.page = Page.HOME
        self.panel = Panel.NONE
        self.language = Language.SWEDISH
        self.refused: Refused | None = None
        self.own_fault: tuple[str, FaultCategory] | None = None
        self.reporter = Reporter(
            config, self.look, root=root, wall=wall, known=lambda link: self.uplinks.known(link)
        )
        self.hub = Hub(config.run_dir, self)
        self._marker = OpenMarker(config.run_dir)
        self.ringer = Ringer(self)
        self.portal = PortalDesk(self)
        self.entrance = Entrance(self)
        self.link = LinkDesk(self)
        self.wifi = WifiDesk(self, patient_wifi)
        self.guard = GuardDesk(self, patient_wifi)
        self.uplinks = UplinkDesk(self, root)
        self._performer = Performer(self, self._marker)
        self._touches = Touches(self)
        self._parts = Parts()
        self._engine_lost = False
        self._room_away = False
        self._seen_take_over = 0
        self._applied = 0
        self.chores = Chores(self.reporter.counters.count)
        self._shown = KitState()

    async def run(self) -> None:
        """Serve until cancelled. A patient's network goes first then, while all else still runs."""
        await self.reporter.open()
        if await asyncio.to_thread(self._marker.is_set):
            log.warning("visit_was_open")
            self.happen(ev.AgentRestarted())
        listener = await asyncio.to_thread(self.hub.listen)
        async with self.portal, asyncio.TaskGroup() as tasks, self.wifi:
            tasks.create_task(self.hub.serve(listener))
            own = (self._hear_news, self._tick, self.chores.run)
            for part in (self.reporter.run, self.ringer.run, self.uplinks.run, *own):
                tasks.create_task(part(), name=part.__qualname__)
            await asyncio.Event().wait()

    # what is heard

    def touched(self, command: cmd.Command) -> None:
        """Handle a touch of the screen."""
        if isinstance(command, ev.Touch):
            self.happen(command)
        else:
            self._touches.handle(command)
        self.publish()

    def heard(self, event: ng.Event) -> None:
        """Handle an event of the engine."""
        before = calls.together(self.book)
        chat_open = self.panel is Panel.CHAT
        self.book = calls.heard(self.book, event, self.wall(), chat_open=chat_open)
        self.book = sharing.heard(self.book, event, self.wall())
        if not sharing.stays_open(self.panel, self.book, event):
            self.panel = Panel.NONE
        if self._parts.heard(event):
            self.reporter.changed()
        self.entrance.heard(event)
        self.link.heard(event)
        self.uplinks.heard(event)
        if isinstance(event, ng.RoomMisread):
            self.reporter.counters.count("room_message_misfit", event.count)
        for fact in self._facts(event):
            self.happen(fact)
        now = calls.together(self.book)
        if now != before and not isinstance(event, ng.RoomJoined | ng.CallEnded | ng.RoomRefused):
            self.happen(ev.Admitted() if now else ev.Waiting())
        self.publish()

    def engine_lost(self) -> None:
        """The engine died: the call is interrupted until a fresh one is there."""
        log.warning("engine_lost")
        self._engine_lost = True
        self._parts.level = None
        if self.visit.step in LIVE and self.portal.shown is None:
            self.happen(ev.CallInterrupted())
        self.publish()

    def misfit(self) -> None:
        """Count a message between the processes that did not fit."""
        self.reporter.counters.count("ipc_message_misfit")

    def happen(self, event: ev.Touch | ev.Fact) -> None:
        """Let the visit know, and do what it wants done."""
        before = self.visit.step
        self.visit, effects = step(self.visit, ev.At(self.wall(), event), self.config.policy)
        for effect in effects:
            self._performer.perform(effect)
        if self.visit.step is not before:
            self._entered(before)

    def refuse(self, reason: Refusal, support_code: str = "") -> None:
        """Show and count a refusal."""
        log.info("refused", reason=reason.value)
        self.reporter.counters.count(reason.value)
        self.refused = Refused(reason=reason, support_code=support_code)

    def chore(self, work: Coroutine[Any, Any, None]) -> None:
        """Do later, in order: see :class:`Chores`."""
        self.chores.add(work)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do at once, beside everything else."""
        self.chores.beside(work)

    def forget_call(self) -> None:
        """Drop everything that is known of the meeting."""
        self.book = CallBook()
        self.panel = Panel.NONE
        self._room_away = False

    def seen_take_over(self) -> None:
        """Staff has read which unit this kit replaces."""
        desired = self.reporter.desired
        self._seen_take_over = desired.version if desired else 0

    # what is told

    def look(self) -> Seen:
        """What health reports need to know of the visit: that there is one, and how well it runs."""
        in_call = self.visit.step in (Step.IN_CALL, Step.RECONNECTING)
        quality = self.book.shown.quality if in_call else None
        visit = self.visit.step is not Step.IDLE
        return self._parts.seen(
            visit=visit,
            quality=quality,
            mobile=self.uplinks.mobile,
            link_tests=self.link.found,
            guard=self.guard.shown,
        )

    def allowed_hosts(self) -> tuple[str, ...]:
        """Where meeting links may lead: the fleet's word, or the configuration's until there is one."""
        desired = self.reporter.desired
        return (
            tuple(desired.allowed_hosts)
            if desired and desired.allowed_hosts
            else self.config.meeting.allowed_hosts
        )

    @property
    def is_locked(self) -> bool:
        """Whether the fleet has taken this kit out of use."""
        desired = self.reporter.desired
        return desired is not None and desired.locked is not None

    @property
    def network(self) -> Network:
        """What carries the kit."""
        status = self.reporter.status
        shown = self.reporter.readings.network_shown(status.connected if status.since else None)
        return self.uplinks.shown(shown)

    def device(self, check: Check) -> Device:
        """Camera, microphone or speaker as the engine found it."""
        return self._parts.device(check)

    def publish(self) -> None:
        """Give the screens the newest snapshot, if it differs from the last."""
        if self.panel is not Panel.SHARE and self.book.shown.aim is not PresentSource.NONE:
            self.book = sharing.aimed(self.book, PresentSource.NONE)
            self.hub.order(ng.Aim(PresentSource.NONE))
        snapshot = self._snapshot()
        if replace(snapshot, revision=self._shown.revision) != self._shown:
            self._shown = replace(snapshot, revision=self._shown.revision + 1)
            self.hub.publish(self._shown)

    def _snapshot(self) -> KitState:
        desired, status = self.reporter.desired, self.reporter.status
        network = self.link.shown(replace(self.network, patient=self.wifi.shown))
        shown = view.devices(self.reporter.readings, network, self._parts)
        taken = desired.takes_over if desired and desired.version > self._seen_take_over else None
        return KitState(
            kit_id=self.config.kit_id,
            unit_name=desired.unit_name[:64] if desired else self.config.kit_id,
            place=desired.place[:64] if desired else "",
            language=self.language,
            page=self.page,
            panel=self.panel,
            devices=shown,
            support=view.support(desired),
            meetings=self.entrance.meetings(),
            dial_in=self.entrance.dial_in(),
            test_room=bool(self.entrance.test_room),
            scan_trouble=self.entrance.trouble,
            portals=self.portal.choices,
            portal=self.portal.shown,
            visit=view.visit_view(self.visit, self.config.policy),
            ringing=self.ringer.shown(),
            contacts=tuple(contact.label for contact in self.config.meeting.contacts),
            still_pictures=self.config.policy.still_pictures,
            second_camera=self.config.policy.second_camera,
            call=self.book.shown,
            notices=view.notices(
                shown,
                status,
                engine_lost=self._engine_lost,
                room_away=self._room_away,
                guard=self.guard.shown,
                unreachable=self.ringer.unreachable,
            ),
            refused=self.refused,
            fault=view.fault(self.reporter.case, self.own_fault),
            lock=view.lock(desired) if self.visit.step is Step.IDLE else None,
            takes_over=taken.from_kit if taken else "",
            allowed_hosts=self.allowed_hosts(),
        )

    # inner workings

    def _facts(self, event: ng.Event) -> list[ev.Fact]:
        match event:
            case ng.EngineReady():
                self._engine_lost = False
                return [ev.EngineReturned()]
            case ng.MicrophoneTested(passed):
                return [ev.CheckDone(Check.MICROPHONE, CheckResult.PASSED if passed else CheckResult.FAILED)]
            case ng.SpeakerTested(played):
                return [] if played else [ev.CheckDone(Check.SPEAKER, CheckResult.FAILED)]
            case ng.Roster():
                return [ev.ParticipantsCounted(calls.count(self.book))]
            case _:
                return self._call_facts(event)

    def _call_facts(self, event: ng.Event) -> list[ev.Fact]:
        match event:
            case ng.RoomJoined():
                self._room_away = False
                return [ev.Joined(waiting=not calls.together(self.book))]
            case ng.RoomPinAsked(wrong):
                if wrong:
                    self.reporter.counters.count(Refusal.PIN_WRONG.value)
                return [ev.PinAsked(wrong)]
            case ng.ExtensionAsked(wrong):
                return [ev.ExtensionAsked(wrong)]
            case ng.LoginAsked(url, ways):
                return [ev.LoginAsked(over=not (url or ways))]
            case ng.RoomRefused(reason, support_code):
                self._performer.support_code = support_code
                return [ev.JoinRefused(reason)]
            case ng.CallInterrupted(server):
                self._room_away = server
                return [ev.CallInterrupted()]
            case ng.CallRestored():
                self._room_away = False
                return [ev.CallRestored()]
            case ng.CallEnded(reason, _):
                return [ev.CallEnded(reason)]
            case _:
                return []

    def _entered(self, before: Step) -> None:
        """A step began: what belongs to the last one goes from the screen."""
        log.info("step", step=self.visit.step.value)
        self.panel = Panel.CONFIRM if self._must_confirm() else Panel.NONE
        if before is Step.IDLE:
            self.page, self.refused = Page.HOME, None
        if self.visit.step is Step.IDLE:
            self._parts.level = None
            self._apply(self.reporter.desired)
        self.reporter.changed()

    def _must_confirm(self) -> bool:
        """An unplanned call has begun, and the region's confirmations are still to be made."""
        missing = set(self.config.policy.confirmations) - self.visit.confirmed
        return self.visit.step is Step.IN_CALL and self.visit.unplanned and bool(missing)

    async def _hear_news(self) -> None:
        async for news in self.reporter.news():
            self._news(news)
            self.publish()

    def _news(self, news: News) -> None:
        match news:
            case Desired():
                self.language = Language(news.language) if not self._applied else self.language
                self._apply(news)
            case Readings():
                self._performer.carried_by(news.link.uplink)
            case Status():
                pass

    def _apply(self, desired: Desired | None) -> None:
        """Tell the fleet that its word holds here; a lock waits until the visit is over."""
        if desired is None or desired.version == self._applied:
            return
        if desired.locked and self.visit.step is not Step.IDLE:
            return
        self._applied = desired.version
        self.chore(self._report_applied(desired.version))

    async def _report_applied(self, version: int) -> None:
        await self.reporter.report(DesiredApplied(version=version))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.book = sharing.ticked(calls.ticked(self.book, self.wall()), self.wall())
            self.portal.ticked(self.wall())
            self.ringer.tick()
            self.happen(ev.Tick())
            self.wifi.tick()
            self.guard.tick()
            self.link.tick()
            self.entrance.tick()
            self.publish()
