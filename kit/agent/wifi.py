"""The desk of the patient's Wi-Fi: gives the flow what happens, and does what it wants done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import structlog

from fleet.contract import PatientWifiRemoved
from kit.agent import wifi_flow as wf
from kit.agent.wifi_model import (
    CodeSeen,
    Effect,
    Event,
    Flow,
    Gone,
    Join,
    Joined,
    JoinFailed,
    ReadCodes,
    RemovalAsked,
    RemovalDone,
    Remove,
    Scan,
    Scanned,
    Target,
    TellJoined,
    TellRemoved,
    TellStuck,
    Ticked,
    World,
)
from kit.ipc import wifi as cmd
from kit.ipc.network import PatientWifi as Shown
from kit.ipc.network import Uplink, UplinkState, WifiTrouble
from kit.ipc.state import Network, Page
from kit.network.wifi import code as codes
from kit.network.wifi import names
from kit.network.wifi.patient import NoWifi, PatientWifi
from kit.visit import events as ev
from kit.visit.model import Check, CheckResult, Step

if TYPE_CHECKING:
    from kit.agent.agent import Agent

VISITING = frozenset(
    {Step.PREPARE, Step.CONFIRM, Step.JOINING, Step.WAITING, Step.IN_CALL, Step.RECONNECTING}
)
CARRIES = frozenset({UplinkState.READY, UplinkState.IN_USE})
LEAVE_S: Final = 50.0
"""For what is joined to be verified gone when the agent ends: its holder takes 6 s at most, the guard 40."""

Answer = TypeVar("Answer")
log = structlog.get_logger()


class WifiDesk:
    """Use it as a context: what still runs is ended with it."""

    def __init__(self, agent: Agent, radio: PatientWifi | None) -> None:
        """``radio`` is None on a machine without NetworkManager: nothing is offered, and nothing is there."""
        self._agent = agent
        self._radio = radio or NoWifi()
        self._radio.gone = lambda trouble: self.happen(Gone(trouble))
        self._able = radio is not None
        self._flow = Flow()
        self._clean = asyncio.Event()
        """Nothing can be left of a patient's network, as far as this desk has had to do with one."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._swept = False
        self._joining: asyncio.Task[None] | None = None
        self._removing: asyncio.Task[None] | None = None
        self._handlers: dict[type, Callable[[Any], None]] = {
            Scan: self._begin_scan,
            ReadCodes: lambda effect: self._agent.entrance.look(effect.on),
            Join: self._begin_join,
            Remove: self._begin_removal,
            TellJoined: self._tell_joined,
            TellRemoved: self._tell_removed,
            TellStuck: self._tell_stuck,
        }

    async def __aenter__(self) -> Self:
        """Remove what a crash has left behind, before anything may be joined."""
        self.removal_asked()
        self._start(self._radio.keep_guarded())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Have removed what is joined, and see that it is; then end what still runs."""
        try:
            await self._leave()
        finally:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # what is heard

    def touched(self, command: cmd.WifiCommand) -> None:
        """Take what staff does."""
        self.happen(command)

    def tick(self) -> None:
        """Time has passed, or the visit or a link has changed."""
        self.happen(Ticked())

    def removal_asked(self) -> None:
        """Let it be removed and verified; the visit is told. May be asked again."""
        self.happen(RemovalAsked())

    def took(self, text: str) -> bool:
        """Take what the camera read, where it is about a Wi-Fi; False where somebody else may want it.

        Before a meeting is chosen it is kept in memory for some minutes, and the way leads to the meetings.
        """
        found = codes.read(text)
        if self._flow.reading_code:
            self.happen(CodeSeen(_target(found)))
            return True
        world = self._world()
        if isinstance(found, WifiTrouble) or world.carried or not world.able or not self._allowed:
            return False
        self.happen(CodeSeen(_target(found)))
        self._agent.page = Page.MEETING
        self._agent.entrance.open(Page.MEETING)
        return True

    def happen(self, event: Event) -> None:
        """Give the flow an event, and do what it wants done."""
        before = self._flow.step
        self._flow, effects = wf.step(self._flow, event, self._world())
        for effect in effects:
            self._perform(effect)
        if self._flow.step in wf.HELD or self._flow.removing or self._flow.cause is not None:
            self._clean.clear()
        else:
            self._clean.set()
        if self._flow.step is not before:
            log.info("patient_wifi", step=self._flow.step.value, trouble=self._flow.trouble.value)
            self._agent.publish()

    # what is told

    @property
    def shown(self) -> Shown:
        """What the screen may know."""
        return wf.view(self._flow, self._world())

    # inner workings

    async def _leave(self) -> None:
        """Join nothing more; a removal that is not verified is tried again with each tick, for a time."""
        self._able = False
        if not self._clean.is_set():
            self.removal_asked()
        # Before Python 3.11.3 asyncio.timeout ends a task that is being cancelled, as this one is.
        await asyncio.wait({self._start(self._left())}, timeout=LEAVE_S)
        if not self._clean.is_set():
            log.error("patient_wifi_not_verified_at_end")

    async def _left(self) -> None:
        await self._clean.wait()
        # The fleet is told by a chore.
        await self._agent.chores.done()

    @property
    def _allowed(self) -> bool:
        return self._agent.config.policy.patient_wifi

    def _world(self) -> World:
        visit, policy = self._agent.visit, self._agent.config.policy
        meets = visit.invitation is not None and not visit.practice
        return World(
            at=self._agent.wall(),
            limit_s=policy.wifi_limit_s,
            visiting=meets and visit.step in VISITING and self._allowed,
            carried=_carried(self._agent.network),
            able=self._able,
        )

    def _perform(self, effect: Effect) -> None:
        self._handlers[type(effect)](effect)

    def _begin_scan(self, _effect: Scan) -> None:
        self._start(self._scan())

    async def _scan(self) -> None:
        self.happen(Scanned(await self._answer(self._radio.scan(), ())))
        self._agent.publish()

    def _begin_join(self, effect: Join) -> None:
        self._joining = self._start(self._join(effect.target))

    async def _join(self, target: Target) -> None:
        """After the removal of what was there before. A cancelled join removes what it began."""
        try:
            if self._removing is not None:
                await asyncio.wait([self._removing])
            limit_s = self._agent.config.policy.wifi_limit_s
            joined = self._radio.join(target.where, target.secret, limit_s)
            trouble = await self._answer(joined, WifiTrouble.NO_WIFI)
        finally:
            self._joining = None
            if target.secret is not None:
                target.secret.wipe()
        self._agent.reporter.counters.count(f"patient_wifi_{trouble.value}")
        self.happen(Joined() if trouble is WifiTrouble.NONE else JoinFailed(trouble))
        self._agent.publish()

    def _begin_removal(self, _effect: Remove) -> None:
        if self._joining is not None:
            self._joining.cancel()
        if self._removing is None:
            self._removing = self._start(self._remove(self._joining))

    async def _remove(self, joining: asyncio.Task[None] | None) -> None:
        if joining is not None:
            await asyncio.wait([joining])
        swept = 0 if self._swept else await self._answer(self._radio.sweep(), 0)
        verified = await self._answer(self._radio.remove(), False)
        self._swept, self._removing = True, None
        if swept:
            log.warning("patient_wifi_swept", profiles=swept)
            self._report(PatientWifiRemoved(verified=verified, cause="after_crash"))
        self.happen(RemovalDone(verified))
        self._agent.publish()

    def _tell_joined(self, _effect: TellJoined) -> None:
        """What waited for a network goes on by itself."""
        self._agent.happen(ev.WifiJoined())
        visit = self._agent.visit
        if dict(visit.checks).get(Check.NETWORK) is CheckResult.FAILED:
            self._agent.happen(ev.RunCheck(Check.NETWORK))
        if visit.resume_asked:
            self._agent.happen(ev.Resume())

    def _tell_removed(self, effect: TellRemoved) -> None:
        if effect.cause is not None:
            self._report(PatientWifiRemoved(verified=True, cause=effect.cause.value))
        self._agent.happen(ev.WifiRemoved())

    def _tell_stuck(self, effect: TellStuck) -> None:
        log.error("patient_wifi_stuck")
        self._agent.reporter.counters.count("patient_wifi_stuck")
        self._report(PatientWifiRemoved(verified=False, cause=effect.cause.value))

    def _report(self, fact: PatientWifiRemoved) -> None:
        self._agent.chore(self._keep(fact))

    async def _keep(self, fact: PatientWifiRemoved) -> None:
        await self._agent.reporter.report(fact)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _answer(self, asked: Awaitable[Answer], otherwise: Answer) -> Answer:
        try:
            return await asked
        except Exception as error:
            # The bus is gone, or worse; and an exception's text may hold a network's name.
            log.warning("patient_wifi_failed", error=type(error).__name__)
            self._agent.reporter.counters.count("patient_wifi_failed")
            return otherwise


def _carried(network: Network) -> bool:
    """Whether another link carries the kit, or could at once."""
    if network.uplinks:
        others = [link for link in network.uplinks if link.uplink is not Uplink.PATIENT_WIFI]
        return any(link.state in CARRIES for link in others)
    return network.uplink not in {Uplink.NONE, Uplink.PATIENT_WIFI}


def _target(found: codes.WifiCode | WifiTrouble) -> Target | WifiTrouble:
    if isinstance(found, WifiTrouble):
        return found
    return Target(where=found.name, label=names.label(found.name), secret=found.secret)
