"""Does what the visit wants done. What comes of it goes back to the visit as a fact."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fleet.contract import VisitSummary
from fleet.contract.limits import PackagePart
from kit.ipc import engine as ng
from kit.ipc.network import Uplink
from kit.ipc.state import Condition
from kit.meeting.invitation import home_host
from kit.visit import effects as fx
from kit.visit import events as ev
from kit.visit.model import Check, CheckResult, Evaluator, PackedPart, Service

if TYPE_CHECKING:
    from kit.agent.agent import Agent
    from kit.agent.marker import OpenMarker

NETWORK_TEST_S = 5.0
PARTS: dict[PackedPart, PackagePart] = {
    PackedPart.TABLET: "tablet",
    PackedPart.STAND: "stand",
    PackedPart.SPEAKERPHONE: "puck",
    PackedPart.CHARGER: "charger",
    PackedPart.EXTENSION_CABLE: "extension_cable",
    PackedPart.BACKPACK: "backpack",
}


class Performer:
    """Handlers by effect."""

    def __init__(self, agent: Agent, marker: OpenMarker) -> None:
        """``agent`` is on whose behalf; ``marker`` outlives it."""
        self.support_code = ""
        """Of the refusal that the engine has just told."""
        self._agent = agent
        self._marker = marker
        self._uplink = Uplink.NONE
        """What carried the kit last."""
        self._uplinks: set[Uplink] = set()
        """What carried this visit's meeting."""
        self._handlers: dict[type, Callable[[Any], None]] = {
            fx.OpenCamera: self._open_camera,
            fx.BeginCheck: self._begin_check,
            fx.Join: self._join,
            fx.Leave: self._leave,
            fx.RemoveWifi: lambda _: self._agent.wifi.removal_asked(),
            fx.RememberOpen: self._remember_open,
            fx.Refuse: self._refuse,
            fx.Summarise: self._summarise,
            fx.Forget: self._forget,
            fx.Decline: lambda effect: self._agent.ringer.decline(effect.invitation),
            fx.Ring: lambda effect: self._agent.hub.order(ng.Ring(effect.on)),
        }

    def perform(self, effect: fx.Effect) -> None:
        """Do it, or begin to."""
        self._handlers[type(effect)](effect)

    def carried_by(self, uplink: Uplink) -> None:
        """This network carries the kit: when it is another one than before, the call moves over to it."""
        if uplink in (Uplink.NONE, self._uplink):
            return
        before, self._uplink = self._uplink, uplink
        if before is not Uplink.NONE and self._uplinks:
            self._uplinks.add(uplink)
            self._agent.hub.order(ng.UplinkChanged())

    def _open_camera(self, effect: fx.OpenCamera) -> None:
        self._agent.hub.order(ng.Preview(effect.on))

    def _begin_check(self, effect: fx.BeginCheck) -> None:
        match effect.check:
            case Check.NETWORK:
                self._agent.beside(self._test_network())
            case Check.MICROPHONE:
                self._order_check(effect.check, ng.TestMicrophone())
            case Check.SPEAKER:
                self._order_check(effect.check, ng.TestSpeaker())
            case Check.CAMERA:
                self._order_check(effect.check, ng.Preview(on=True))

    def _order_check(self, check: Check, order: ng.Order) -> None:
        """Ask the engine; a device that is missing fails its check at once."""
        if self._agent.device(check).condition is Condition.MISSING or not self._agent.hub.engine_connected:
            self._agent.chore(self._fail(check))
        else:
            self._agent.hub.order(order)

    async def _fail(self, check: Check) -> None:
        self._agent.happen(ev.CheckDone(check, CheckResult.FAILED))
        self._agent.publish()

    async def _test_network(self) -> None:
        """Whether the meeting's server can be reached, and then whether the link holds for a meeting.

        A portal is a page: what it needs of the link is not measured.
        """
        invitation = self._agent.visit.invitation
        portal = invitation is not None and invitation.service is Service.PORTAL
        home = home_host(self._agent.allowed_hosts()) or ""
        reached = await _answers(invitation.host if invitation and portal else home)
        result = CheckResult.PASSED if reached else CheckResult.FAILED
        if reached and not portal:
            result = await self._agent.link.check()
        self._agent.happen(ev.CheckDone(Check.NETWORK, result))
        self._agent.publish()

    def _join(self, effect: fx.Join) -> None:
        book = self._agent.book
        self._agent.ringer.taken(effect.invitation)
        self._uplinks.add(self._agent.reporter.readings.link.uplink)
        if effect.invitation.service is Service.PORTAL:
            self._agent.portal.join(effect.invitation)
            return
        self._agent.hub.order(
            ng.JoinRoom(
                invitation=effect.invitation,
                display_name=self._display_name(),
                muted=book.shown.muted,
                camera_off=book.shown.camera_off,
                session=book.session,
                allowed_hosts=self._agent.allowed_hosts(),
            )
        )
        self._agent.hub.order(ng.SpeakerOff(book.shown.voice_by_phone))
        if book.shown.captions_on:
            self._agent.hub.order(ng.ShowCaptions(on=True))

    def _display_name(self) -> str:
        """How the others see the kit named: who is there or else the unit, and who gives the care."""
        desired, staff = self._agent.reporter.desired, self._agent.book.shown.staff
        unit = desired.unit_name if desired else self._agent.config.meeting.display_name
        care = (desired.place, desired.municipality) if desired else ()
        return " · ".join(word for word in dict.fromkeys((staff or unit, *care)) if word)[:120]

    def _leave(self, _effect: fx.Leave) -> None:
        self._agent.portal.leave()
        self._agent.hub.order(ng.LeaveRoom())

    def _remember_open(self, effect: fx.RememberOpen) -> None:
        self._agent.chore(asyncio.to_thread(self._marker.set, is_open=effect.open))

    def _refuse(self, effect: fx.Refuse) -> None:
        self._agent.refuse(effect.reason, self.support_code)
        self.support_code = ""

    def _summarise(self, effect: fx.Summarise) -> None:
        scores: dict[str, Any] = {e.value: "skipped" for e in Evaluator}
        scores |= {evaluator.value: score for evaluator, score in effect.ratings}
        uplinks = sorted(uplink.value for uplink in self._uplinks)
        summary = VisitSummary(
            duration_s=min(effect.duration_s, 86_400),
            participants=effect.participants,
            end_reason=effect.end_reason.value,
            evaluation=scores,
            uplinks=uplinks,  # type: ignore[arg-type]
            hygiene_done=effect.hygiene_done,
            missing_parts=[PARTS[part] for part in effect.missing_parts],
        )
        self._agent.chore(self._report(summary))

    async def _report(self, summary: VisitSummary) -> None:
        await self._agent.reporter.report(summary)

    def _forget(self, _effect: fx.Forget) -> None:
        self._uplinks.clear()
        self._agent.forget_call()


async def _answers(address: str) -> bool:
    """Whether something takes connections at ``name`` or ``name:port``."""
    host, _, port = address.partition(":")
    try:
        async with asyncio.timeout(NETWORK_TEST_S):
            _, writer = await asyncio.open_connection(host, int(port or 443))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
