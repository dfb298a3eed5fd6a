"""The frame around a web portal. The page itself is a window of the browser, below the bar."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, ObjectProperty

from kit.ipc.commands import Command, OpenPanel
from kit.ipc.network import WifiStep
from kit.ipc.portal import PlacePortal, PortalStage, PressPortal
from kit.ipc.portal import PortalView as Portal
from kit.ipc.state import KitState, Panel
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Part, View
from kit.ui.widgets.touch import Surface
from kit.ui.words.portal import NOTICES, STAGES, Words


class PortalPanel(Part, Surface):
    """Beside the page: whom to call, or the question before leaving. Nothing can lie over the page."""


class PortalFrameView(View):
    """See the module."""

    escape = "portal.close"
    room = ObjectProperty(None, allownone=True)
    """The part of the window that is left to the page."""
    typing = BooleanProperty(False)
    """Whether staff wants the keyboard. Nothing of what it types is kept here: each key goes to the page."""

    def __init__(self, **properties: Any) -> None:
        self._told: PlacePortal | None = None
        self._pressed = 0
        super().__init__(**properties)
        # Kivy holds what it calls weakly.
        self._reserve_soon = Clock.create_trigger(self._reserve)
        for name in ("state", "pos", "size", "parent"):
            self.fbind(name, self._reserve_soon)
        self.room.fbind("pos", self._reserve_soon)
        self.room.fbind("size", self._reserve_soon)

    def portal(self, state: KitState) -> Portal:
        """Return the portal that is open."""
        return state.portal or Portal(name="")

    def words(self, state: KitState) -> Words:
        """Return what stands where the page would be."""
        return STAGES[self.portal(state).stage]

    def notice(self, state: KitState, tr: Catalogue) -> str:
        """Return what was refused just now."""
        notice = self.portal(state).notice
        return tr(NOTICES[notice]) if notice is not None else ""

    def wifi_ends(self, state: KitState) -> bool:
        """Whether the patient's Wi-Fi, which carries the portal, is about to go, or is gone."""
        patient = state.devices.network.patient
        return patient.ends_soon or patient.stuck or patient.step is WifiStep.REMOVED

    def phone(self, state: KitState) -> str:
        """Return the portal's number, or else that of the meeting or of support."""
        dial_in = state.dial_in.phone if state.dial_in is not None else state.support.phone
        return self.portal(state).phone or dial_in

    def open(self, state: KitState) -> bool:
        """Whether the page is seen, with nothing beside it."""
        return self.portal(state).stage is PortalStage.OPEN and state.panel is Panel.NONE

    def may_go_back(self, state: KitState) -> bool:
        """Whether there is a page to go back from."""
        return self.portal(state).stage in {PortalStage.OPEN, PortalStage.NOT_GENUINE}

    def stuck(self, state: KitState) -> bool:
        """Whether there is nothing to wait for."""
        return self.portal(state).stage in {PortalStage.FAILED, PortalStage.NOT_GENUINE}

    def press(self, key: str) -> None:
        """Send a key to the page."""
        self._pressed += 1
        self.send(PressPortal(key, self._pressed))

    def failed(self, state: KitState) -> bool:
        """Whether the page is gone for good."""
        return self.portal(state).stage is PortalStage.FAILED

    def help(self, state: KitState) -> Command:
        """Open the panel with help, or close it."""
        return OpenPanel(Panel.NONE if state.panel is Panel.HELP else Panel.HELP)

    def rest(self) -> None:
        """See :class:`View`."""
        self._told = None
        self.typing = False
        super().rest()

    def _reserve(self, _passed: float) -> None:
        """Tell the agent where the page may be; nowhere while a refusal lies over the screen."""
        state: KitState = self.state
        if self.parent is None or state.portal is None:
            return
        command = PlacePortal() if state.refused is not None else self._place()
        if command != self._told:
            self._told = command
            self.send(command)

    def _place(self) -> PlacePortal:
        room = self.room
        left, top = max(0, round(room.x)), max(0, round(self.height - room.top))
        width, height = max(0, round(room.right) - left), max(0, round(self.height - room.y) - top)
        return PlacePortal(left=left, top=top, width=width, height=height)
