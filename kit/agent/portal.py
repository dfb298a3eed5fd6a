"""The agent's part of a web portal: a visit whose room is a page, with the same steps as any other."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kit.ipc import engine as ng
from kit.ipc.portal import (
    ChoosePortal,
    PlacePortal,
    PortalBack,
    PortalChoice,
    PortalNotice,
    PortalStage,
    PortalView,
    PressPortal,
    RetryPortal,
)
from kit.log import failed
from kit.portal import session
from kit.portal.keeper import Place
from kit.portal.session import Failure, Session, Surroundings
from kit.portal.site import Portal
from kit.visit import events as ev
from kit.visit.model import Invitation, Refusal, Service, Step

if TYPE_CHECKING:
    from kit.agent.agent import Agent

NOTICE_S = 8.0
_REFUSALS = {
    Failure.NOT_INSTALLED: Refusal.PORTAL_FAILED,
    Failure.UNREACHABLE: Refusal.ROOM_UNREACHABLE,
    Failure.NOT_GENUINE: Refusal.ROOM_CERTIFICATE,
    Failure.FELL: Refusal.PORTAL_FAILED,
}


class PortalDesk:
    """Opens, shows and ends portals. One at a time."""

    def __init__(self, agent: Agent) -> None:
        """``agent`` is whose visit it is."""
        self._agent = agent
        meeting = agent.config.meeting
        self._portals = meeting.portals
        self.around = Surroundings(
            display=os.environ.get("DISPLAY", ""), env=dict(os.environ), authorities=meeting.ca
        )
        self.choices = tuple(
            PortalChoice(number=number, name=portal.name, phone=portal.phone)
            for number, portal in enumerate(meeting.portals)
        )
        self.shown: PortalView | None = None
        """What the screen's frame shows; None while no portal is open."""
        self._place: Place | None = None
        self._session: Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._notice_until = 0.0

    # what staff touches

    def choose(self, command: ChoosePortal) -> None:
        """Begin a visit by a portal."""
        if self._agent.is_locked:
            self._agent.refuse(Refusal.KIT_LOCKED)
        elif command.number < len(self._portals):
            portal = self._portals[command.number]
            _, host, port = portal.begin()
            invitation = Invitation(service=Service.PORTAL, host=f"{host}:{port}", alias=portal.name, pin="")
            self._agent.happen(ev.MeetingChosen(invitation))

    def back(self, _command: PortalBack) -> None:
        """One page back."""
        if self._session is not None:
            self._session.back()

    def press(self, command: PressPortal) -> None:
        """Pass a key on to the page, while it is seen; it is kept nowhere."""
        if self._session is not None and self._is_open():
            self._session.press(command.key)

    def retry(self, _command: RetryPortal) -> None:
        """Open it anew after it failed."""
        invitation = self._agent.visit.invitation
        if self.shown is not None and self.shown.stage is PortalStage.FAILED and invitation is not None:
            self._open(invitation)

    def place(self, command: PlacePortal) -> None:
        """Where the frame leaves room."""
        self._place = (
            Place(command.left, command.top, command.width, command.height) if command.width else None
        )
        self._arrange()

    # what the visit wants

    def join(self, invitation: Invitation) -> None:
        """Open the portal; while it is open, nothing."""
        if self._task is None or self._task.done():
            self._open(invitation)

    def leave(self) -> None:
        """Close it, if one is open; camera and sound go back to the kit."""
        self.shown = self._session = None
        if self._task is not None:
            self._task.cancel()
            self._ending.add(self._task)
            self._task = None

    def ticked(self, at: float) -> None:
        """Take away a notice that has been there long enough."""
        if self.shown is not None and self.shown.notice is not None and at >= self._notice_until:
            self.shown = replace(self.shown, notice=None)

    async def __aenter__(self) -> PortalDesk:
        """See :meth:`__aexit__`."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End everything; returns when nothing is left of it."""
        self.leave()
        await asyncio.gather(*self._ending, return_exceptions=True)

    # inner workings

    def _open(self, invitation: Invitation) -> None:
        portal = next((portal for portal in self._portals if portal.name == invitation.alias), None)
        if portal is None:
            self._agent.chore(self._refuse(Refusal.PORTAL_FAILED))
            return
        self.shown = PortalView(name=portal.name, phone=portal.phone)
        self._task = asyncio.create_task(self._run(_led_by(portal, invitation)))

    async def _run(self, portal: Portal) -> None:
        try:
            # The browser takes the devices as soon as its page asks: the one before must have let go.
            await asyncio.gather(*self._ending, return_exceptions=True)
            self._agent.hub.order(ng.Preview(on=False))
            self._session = Session(portal, self.around, self._heard)
            await self._session.run()
        except Exception as error:
            failed("portal_session_failed", error)
            self._heard(session.Failed(Failure.FELL))
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._ending.discard(task)
            self._take_back()

    def _take_back(self) -> None:
        """Where the visit is still before its meeting, the own picture is on the screen again."""
        if self._agent.visit.step in (Step.PREPARE, Step.CONFIRM):
            self._agent.hub.order(ng.Preview(on=True))

    def _heard(self, happening: session.Happening) -> None:
        if self.shown is None:
            return
        match happening:
            case session.Opened():
                self._now(PortalStage.OPEN)
                if self._agent.visit.step is Step.JOINING:
                    self._agent.happen(ev.Joined(waiting=False))
            case session.Restarting():
                self._fell(PortalStage.RESTARTING)
            case session.NotGenuine():
                self._now(PortalStage.NOT_GENUINE)
                self._agent.reporter.counters.count("portal_not_genuine")
            case session.Refused(notice):
                self._noticed(notice)
            case session.Failed(failure):
                self._failed(failure)
        self._agent.publish()

    def _failed(self, failure: Failure) -> None:
        self._fell(PortalStage.FAILED)
        self._session = None
        if self._agent.visit.step is Step.JOINING:
            self._agent.happen(ev.JoinRefused(_REFUSALS[failure]))

    def _now(self, stage: PortalStage) -> None:
        if self.shown is not None:
            self.shown = replace(self.shown, stage=stage)
        self._arrange()

    def _is_open(self) -> bool:
        return self.shown is not None and self.shown.stage is PortalStage.OPEN

    def _fell(self, stage: PortalStage) -> None:
        if self.shown is not None:
            self.shown = replace(self.shown, stage=stage, notice=None)
        self._agent.reporter.counters.count(f"portal_{stage.value}")

    def _noticed(self, notice: PortalNotice) -> None:
        if self.shown is not None:
            self.shown = replace(self.shown, notice=notice)
        self._notice_until = self._agent.wall() + NOTICE_S
        self._agent.reporter.counters.count(f"portal_refused_{notice.value}")

    def _arrange(self) -> None:
        """The page is seen while it is open and the frame leaves room for it."""
        if self._session is not None:
            self._session.place(self._place if self._is_open() else None)

    async def _refuse(self, reason: Refusal) -> None:
        self._agent.happen(ev.JoinRefused(reason))
        self._agent.publish()


def _led_by(portal: Portal, invitation: Invitation) -> Portal:
    """The portal, begun at the invitation's own link where it came by one that the portal may begin at."""
    try:
        return replace(portal, address=invitation.address) if invitation.address else portal
    except ValueError:
        return portal
