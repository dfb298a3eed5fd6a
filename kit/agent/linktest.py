"""The desk of link tests: orders one from the engine, shows how far it has come, and keeps what it said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from msgspec.structs import replace

from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.linktest import LinkTried, LinkTrying, StopTryingLink, TrialEnd, TryLink
from kit.ipc.network import LinkAdvice, LinkTest, Signal, Uplink, Verdict
from kit.ipc.state import Network
from kit.network.linktest import advise, judge
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


class LinkDesk:
    """At most one test at a time; of each uplink the last verdict is kept."""

    def __init__(self, agent: Agent) -> None:
        """``agent`` is on whose behalf."""
        self._agent = agent
        self._test: LinkTest | None = None
        self._began_at = 0.0
        self._verdicts: dict[Uplink, tuple[Verdict, float]] = {}
        self._over = asyncio.Event()
        self._ended: TrialEnd | None = None

    # what staff touches

    def begin(self, _command: cmd.TestLink) -> None:
        """Test the uplink in use: an engine cannot be led through another one. Not during a meeting."""
        self._begin()

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
                self._test = replace(self._test, progress=progress)
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
        if verdict is None and self._begin():
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
    def _runs(self) -> bool:
        return self._test is not None and self._test.running

    @property
    def _uplink(self) -> Uplink:
        return self._agent.reporter.readings.link.uplink

    def _held(self) -> dict[Uplink, Verdict]:
        now = self._agent.wall()
        return {uplink: verdict for uplink, (verdict, at) in self._verdicts.items() if now - at < HOLDS_S}

    def _begin(self) -> bool:
        """Whether a test runs now."""
        if self._runs:
            return True
        rooms = self._agent.entrance.trial_rooms()
        allowed = self._agent.visit.step in _ALLOWED and not self._agent.is_locked
        if not rooms or not allowed or not self._agent.hub.engine_connected:
            return False
        self._over.clear()
        self._ended = None
        self._began_at = self._agent.wall()
        self._test = LinkTest(uplink=self._uplink, running=True)
        name = self._agent.config.meeting.display_name
        self._agent.hub.order(TryLink(rooms, name, self._agent.allowed_hosts()))
        self._agent.publish()
        return True

    def _tried(self, test: LinkTest, tried: LinkTried) -> None:
        log.info("link_tried", end=tried.end.value)
        if tried.end in _TROUBLES:
            self._agent.reporter.counters.count(f"link_test_{tried.end.value}")
        self._ended = tried.end
        match tried.end:
            case TrialEnd.BUSY | TrialEnd.STOPPED:
                self._end(None)
            case TrialEnd.SILENT:
                self._judged(test, Verdict.POOR, LinkAdvice.PHONE)
            case TrialEnd.MEASURED | TrialEnd.UNREACHABLE | TrialEnd.NO_ROOM:
                self._measured(test, tried)

    def _measured(self, test: LinkTest, tried: LinkTried) -> None:
        test = replace(test, figures=tried.figures, unreachable=tried.end is not TrialEnd.MEASURED)
        if tried.figures is None:
            self._end(replace(test, running=False, progress=1.0))
            return
        signal = self._agent.reporter.readings.link.signal
        others = {uplink: verdict for uplink, verdict in self._held().items() if uplink is not test.uplink}
        advice = advise(tried.figures, test.uplink, None if signal is None else Signal(signal), others)
        self._judged(test, judge(tried.figures), advice)

    def _judged(self, test: LinkTest, verdict: Verdict, advice: LinkAdvice) -> None:
        self._verdicts[test.uplink] = (verdict, self._agent.wall())
        if verdict is Verdict.POOR:
            self._agent.reporter.counters.count("link_test_poor")
        self._end(replace(test, running=False, progress=1.0, verdict=verdict, advice=advice))

    def _end(self, test: LinkTest | None) -> None:
        self._test = test
        self._over.set()
