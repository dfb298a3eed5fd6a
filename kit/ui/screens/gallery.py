"""The others, where the room sends a picture of each: one large, up to three small beside it."""

from typing import NamedTuple

from kivy.properties import ObjectProperty

from kit.ipc.call import Call, Participant
from kit.ipc.commands import PinPicture
from kit.ipc.pictures import OTHERS, Stream
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Part
from kit.ui.widgets.layout import Stack
from kit.ui.widgets.touch import Surface, Touchable


class Seen(NamedTuple):
    """Who is in a picture; nobody without a uuid."""

    uuid: str = ""
    name: str = ""
    icon: str = ""
    label: str = ""

    @property
    def command(self) -> PinPicture:
        """What a tap on the picture does."""
        return PinPicture(self.uuid)


NOBODY = Seen()


class NamePlate(Surface):
    """Who it is, over the lower edge of their picture."""

    seen = ObjectProperty(NOBODY, rebind=True)


class SmallPicture(Touchable):
    """One of the others; a tap brings them into the large picture."""

    seen = ObjectProperty(NOBODY, rebind=True)
    stream = ObjectProperty(OTHERS[0])


class SmallPictures(Part, Stack):
    """A column beside the large picture."""

    call = ObjectProperty(Call(), rebind=True)

    def at(self, call: Call, place: int) -> Seen:
        """Return who is in the small picture of this place, counted from 1."""
        return NOBODY if self.view is None else seen(call, place, self.view.tr)

    def stream(self, place: int) -> Stream:
        """Return the stream of a place, counted from 1."""
        return OTHERS[place - 1]


def seen(call: Call, place: int, tr: Catalogue) -> Seen:
    """Return who is in the picture of this place; 0 is the large one."""
    if place >= len(call.pictures):
        return NOBODY
    uuid = call.pictures[place]
    person = next((one for one in call.participants if one.uuid == uuid), None)
    if person is None:
        return Seen(uuid, "", "", tr("Visa stort"))
    name = person.name or tr("Utan namn")
    return Seen(uuid, name, _icon(person), tr("Visa {name} stort", name=name))


def _icon(person: Participant) -> str:
    if person.muted:
        return "mic-off"
    return "volume-2" if person.speaking else ""
