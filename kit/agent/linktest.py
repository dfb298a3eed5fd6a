"""The desk of link tests: orders them from the engine, shows how far they are, and keeps what they said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import structlog
from msgspec.structs import replace

from kit.health import LinkFound
from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.linktest import LinkTried, LinkTrying, StopTryingLink, TrialEnd, TryLink
from kit.ipc.network import LinkAdvice, LinkFigures, LinkTest, LinkVerdict, Signal, Uplink, Verdict
from kit.ipc.state import Network
from kit.network.linktest import advise, is_better, judge
from kit.network.networkmanager_objects import Device
from kit.visit.model import CheckResult, Step

if TYPE_CHECKING:
    from kit.agent.agent import Agent

HOLDS_S = 900.0
"""So long a verdict is believed: the way to the patient is longer, and another kitchen is another network."""
LIMIT_S = 60.0
"""An engine that has not answered by then does not answer: a test takes some 15 s, relays included 30 s."""
_ALLOWED = frozenset({Step.IDLE, Step.PREPARE})
_TROUBLES = frozenset({TrialEnd.SILENT, TrialEnd.UNREACHABLE})
"""What health reports count, beside verdicts that were poor."""

log = structlog.get_logger()


class _Found(NamedTuple):
    """Of one uplink, last."""

    verdict: Verdict
    figures: LinkFigures | None
    at: float


class LinkDesk:
    """At most one test at a time; of each uplink the last verdict is kept.

    Staff who test want to know of every uplink: after the one in use, those that stand by are tried in turn.
    """

    def __init__(self, agent: Agent) -> None:
        """``agent`` is on whose behalf."""
        self._agent = agent
        self._test: LinkTest | None = None
        self._first: LinkTest | None = None
        """What is said of the uplink in use, while others are being tried."""
        self._others: tuple[LinkVerdict, ...] = ()
        self._left: dict[Uplink, Device] = {}
        """Uplinks that are to be tried yet."""
        self._began_at = 0.0
        self._found: dict[Uplink, _Found] = {}
        self._over = asyncio.Event()
        self._ended: TrialEnd | None = None

    # what staff touches

    def begin(self, _command: cmd.TestLink) -> None:
        """Test the uplink in use, then those that stand by. Not during a meeting."""
        if not self._runs:
            self._begin(self._agent.uplinks.standing_by())

    def stop(self, _command: cmd.StopLinkTest) -> None:
        """Wait no longer, or put the outcome away."""
        if self._runs:
            self._agent.hub.order(StopTryingLink())
        self._end(None)

    # what else happens

    def heard(self, event: ng.Event) -> None:
        """Take what the engine says of its test."""
        if not self._runs or self._test is None:
            return
        match event:
            case LinkTrying(progress):
                done, count = self._done, self._done + 1 + len(self._left)
                self._test = replace(self._test, progress=(done + progress) / count)
            case LinkTried():
                self._tried(self._test, event)
            case ng.EngineReady():
                # A fresh one knows of no test.
                self._end(None)

    def tick(self) -> None:
        """Give up a test that nobody answers, or that a meeting has overtaken."""
        late = self._agent.wall() - self._began_at > LIMIT_S
        if self._runs and (late or self._agent.visit.step not in _ALLOWED):
            self.stop(cmd.StopLinkTest())

    async def check(self) -> CheckResult:
        """Judge the uplink in use for the function test, by a verdict that still holds or by a new test.

        Where there is no room to test in, or no engine, nothing speaks against it.
        """
        verdict = self._held().get(self._uplink)
        if verdict is None and self._begin({}):
            await self._over.wait()
            if self._ended is TrialEnd.UNREACHABLE:
                return CheckResult.FAILED
            verdict = None if self._test is None else self._test.verdict
        return CheckResult.FAILED if verdict is Verdict.POOR else CheckResult.PASSED

    # what is told

    def shown(self, network: Network) -> Network:
        """Add the test and the verdicts to what the screen shows."""
        held = self._held()
        views = tuple(replace(view, verdict=held.get(view.uplink)) for view in network.uplinks)
        return replace(network, test=self._test, uplinks=views)

    @property
    def found(self) -> tuple[LinkFound, ...]:
        """What health tells of the last tests."""
        now = self._agent.wall()
        return tuple(
            LinkFound(uplink=uplink, verdict=one.verdict, figures=one.figures, age_s=now - one.at)
            for uplink, one in self._found.items()
            if uplink is not Uplink.NONE
        )

    @property
    def _runs(self) -> bool:
        return self._test is not None and self._test.running

    @property
    def _uplink(self) -> Uplink:
        return self._agent.reporter.readings.link.uplink

    def _held(self) -> dict[Uplink, Verdict]:
        now = self._agent.wall()
        return {uplink: found.verdict for uplink, found in self._found.items() if now - found.at < HOLDS_S}

    @property
    def _done(self) -> int:
        """How many uplinks have been tried."""
        return 0 if self._first is None else 1 + len(self._others)

    def _begin(self, others: dict[Uplink, Device]) -> bool:
        """Whether a test runs now."""
        if self._runs:
            return True
        allowed = self._agent.visit.step in _ALLOWED and not self._agent.is_locked
        if not self._agent.entrance.trial_rooms() or not allowed or not self._agent.hub.engine_connected:
            return False
        self._over.clear()
        self._ended, self._first, self._others, self._left = None, None, (), dict(others)
        self._order(self._uplink)
        return True

    def _order(self, uplink: Uplink, device: Device | None = None) -> None:
        agent = self._agent
        self._began_at = agent.wall()
        first = self._first
        said = () if first is None else (LinkVerdict(uplink=first.uplink, verdict=first.verdict),)
        progress = self._done / (self._done + 1 + len(self._left))
        self._test = LinkTest(uplink=uplink, running=True, progress=progress, others=said + self._others)
        name, rooms = agent.config.meeting.display_name, agent.entrance.trial_rooms()
        interface, name_servers = (device.interface, device.name_servers) if device else ("", ())
        agent.hub.order(TryLink(rooms, name, agent.allowed_hosts(), interface, name_servers))
        agent.publish()

    def _tried(self, test: LinkTest, tried: LinkTried) -> None:
        log.info("link_tried", end=tried.end.value)
        if tried.end in _TROUBLES:
            self._agent.reporter.counters.count(f"link_test_{tried.end.value}")
        self._ended = self._ended or tried.end
        match tried.end:
            case TrialEnd.BUSY | TrialEnd.STOPPED:
                self._end(None)
            case TrialEnd.SILENT:
                self._judged(test, Verdict.POOR)
            case TrialEnd.MEASURED | TrialEnd.UNREACHABLE | TrialEnd.NO_ROOM:
                unreachable = tried.end is not TrialEnd.MEASURED
                test = replace(test, figures=tried.figures, unreachable=unreachable)
                self._judged(test, None if tried.figures is None else judge(tried.figures))

    def _judged(self, test: LinkTest, verdict: Verdict | None) -> None:
        """Keep what was found of one uplink, and go on to the next; None: nothing could be measured."""
        if verdict is not None:
            self._found[test.uplink] = _Found(verdict, test.figures, self._agent.wall())
        if verdict is Verdict.POOR:
            self._agent.reporter.counters.count("link_test_poor")
        if self._first is None:
            self._first = replace(test, running=False, progress=1.0, verdict=verdict)
        else:
            self._others += (LinkVerdict(uplink=test.uplink, verdict=verdict),)
        if self._left:
            uplink = next(iter(self._left))
            self._order(uplink, self._left.pop(uplink))
        else:
            self._end(replace(self._first, advice=self._advice(self._first), others=self._others))

    def _advice(self, test: LinkTest) -> LinkAdvice:
        if test.verdict is None:
            return LinkAdvice.NONE
        others = {uplink: verdict for uplink, verdict in self._held().items() if uplink is not test.uplink}
        if test.figures is None:
            better = any(is_better(other, test.verdict) for other in others.values())
            return LinkAdvice.OTHER if better else LinkAdvice.PHONE
        signal = self._agent.reporter.readings.link.signal
        return advise(test.figures, test.uplink, None if signal is None else Signal(signal), others)

    def _end(self, test: LinkTest | None) -> None:
        self._test = test
        self._over.set()
