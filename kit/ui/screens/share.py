"""What the kit shows the others beside its picture: taken, looked at, shown, ended. Notes over the call."""

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty

from kit.ipc.call import Call, Floor, PresentSource, Still
from kit.ipc.commands import Aim, Command, OpenPanel, Present
from kit.ipc.pictures import Stream
from kit.ipc.state import Condition, KitState, Language, Panel
from kit.ui.catalogue import Catalogue, catalogue
from kit.ui.screens.confirm import left
from kit.ui.screens.view import Part
from kit.ui.widgets.layout import Stack


def may_share(state: KitState) -> bool:
    """Whether region, room and kit have anything to show the others."""
    return state.call.capabilities.present and (state.still_pictures or has_second(state))


def has_second(state: KitState) -> bool:
    """Whether a second camera is there and may be shown."""
    return state.second_camera and state.devices.second_camera.condition is Condition.OK


def looked_at(state: KitState) -> Stream | None:
    """Return what staff looks at large in place of the others; None for the others."""
    if state.panel is not Panel.SHARE:
        return None
    if state.call.aim is PresentSource.SECOND_CAMERA or state.call.still is Still.TAKEN:
        return Stream.SHARED
    return Stream.SELF


class SharePanel(Stack):
    """The panel's content: one question at a time."""

    state = ObjectProperty(KitState(), rebind=True)
    tr = ObjectProperty(catalogue(Language.SWEDISH))

    def second(self, state: KitState) -> bool:
        """Whether there is a choice of cameras."""
        return has_second(state) and state.still_pictures and state.call.still is not Still.TAKEN

    def still(self, call: Call) -> bool:
        """Whether it is about a still picture."""
        return call.aim is PresentSource.STILL

    def taken(self, call: Call) -> bool:
        """Whether a still picture waits to be shown."""
        return call.still is Still.TAKEN

    def busy(self, call: Call) -> bool:
        """Whether something is under way that staff waits for."""
        return call.still is Still.TAKING or call.floor is Floor.ASKED

    def presents(self, call: Call) -> Command:
        """Return what shows what is looked at."""
        return Present(call.aim)

    def other(self, call: Call) -> Command:
        """Return what turns to the other camera."""
        still = call.aim is PresentSource.STILL
        return Aim(PresentSource.SECOND_CAMERA if still else PresentSource.STILL)

    def again(self) -> Command:
        """Return what forgets the picture and aims anew."""
        return Aim(PresentSource.STILL)

    def words(self, call: Call, tr: Catalogue) -> str:
        """Return what to do now."""
        if call.still is Still.TAKING:
            return tr("Tar bilden. Håll stilla …")
        if call.floor is Floor.ASKED:
            return tr("Visar för de andra …")
        if call.still is Still.TAKEN:
            return tr("Är bilden skarp? Ingen annan ser den ännu.")
        if call.aim is PresentSource.SECOND_CAMERA:
            return tr("Så här ser den andra kameran. Ingen annan ser det ännu.")
        return tr("Rikta kameran mot det ni vill visa. Ingen annan ser bilden ännu.")

    def wrong(self, call: Call, tr: Catalogue) -> str:
        """Return what went wrong; empty where nothing did."""
        if call.floor is Floor.DENIED:
            return tr("Mötet tillåter inte att ni visar bilder. Be värden.")
        if call.still is Still.FAILED:
            return tr("Bilden gick inte att ta. Försök igen.")
        return ""


class CallNotes(Part, Stack):
    """Over the call: what the kit shows, who calls, what is still to be confirmed."""

    has_room = BooleanProperty(True)

    def showing(self, call: Call, tr: Catalogue) -> str:
        """Return what the others see besides."""
        if call.floor is not Floor.MINE:
            return ""
        if call.presenting is PresentSource.STILL:
            return tr("De andra ser er bild")
        return tr("De andra ser den andra kameran")

    def lost(self, call: Call, tr: Catalogue) -> str:
        """Return that the kit shows nothing any more, though nobody here ended it."""
        return (
            tr("Någon annan visar något nu. Er bild visas inte längre.") if call.floor is Floor.LOST else ""
        )

    def rings(self, state: KitState, tr: Catalogue) -> str:
        """Return who calls in the middle of this call."""
        if state.ringing is None:
            return ""
        return tr("{name} ringer", name=state.ringing.caller[:32] or tr("Någon"))

    def unconfirmed(self, state: KitState, tr: Catalogue) -> str:
        """Return what an unplanned call has begun without."""
        missing = any(not given for _, given in state.visit.confirmations)
        return left(state, tr) if state.visit.unplanned and missing else ""

    def confirms(self, state: KitState) -> Command:
        """Return what opens the confirmations."""
        return OpenPanel(Panel.NONE if state.panel is Panel.CONFIRM else Panel.CONFIRM)

    def stops(self, _call: Any) -> Command:
        """Return what ends the showing."""
        return Present(PresentSource.NONE)
