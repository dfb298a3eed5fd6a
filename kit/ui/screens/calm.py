"""Screens that only say how it is: the agent is away, the kit is locked, joining, the call is over."""

from kit.ipc.commands import Command
from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import View
from kit.ui.words.visit import END_REASONS, Words
from kit.visit.events import Resume
from kit.visit.model import EndReason

_BACK_POSSIBLE = (EndReason.HUNG_UP, EndReason.CONNECTION_LOST)


class AwayView(View):
    """The agent does not answer."""


class LockedView(View):
    """This kit has been taken out of use."""

    def advice(self, state: KitState, tr: Catalogue) -> str:
        """Return what to do instead."""
        if state.lock and state.lock.replaced_by:
            return tr("Använd {unit} i stället.", unit=state.lock.replaced_by)
        return tr("Ring supporten om ni behöver en enhet.")


class JoiningView(View):
    """On the way into the meeting."""

    escape = "joining.cancel"


class EndedView(View):
    """The call is over: why, and where to go from here."""

    def words(self, state: KitState) -> Words:
        """Return why the call is over."""
        return END_REASONS[state.visit.end_reason or EndReason.NEVER_JOINED]

    def back(self, state: KitState) -> Command | None:
        """Return the way back in, where there is one."""
        return Resume() if state.visit.end_reason in _BACK_POSSIBLE else None
