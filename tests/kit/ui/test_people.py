"""The list of participants: who is seen by the others is said where not everybody is."""

from msgspec.structs import replace

from kit.ipc.state import Panel
from kit.ui.widgets.bases import BaseLabel
from kit.visit.model import Step
from tests.kit.ui.driver import Driver
from tests.kit.ui.states import PEOPLE, call

HOST, ME, MUTED, CAMERA_OFF = (replace(person, speaking=False) for person in PEOPLE)


def lines(hands: Driver, *pictured: str, pictures: tuple[str, ...] = ()) -> list[str]:
    """What is said of each, in order."""
    people = tuple(replace(p, pictured=p.uuid in pictured) for p in (HOST, ME, MUTED, CAMERA_OFF))
    hands.show(call(Step.IN_CALL, Panel.PARTICIPANTS, participants=people, pictures=pictures))
    hands.settle()
    texts = [widget.text for widget in hands.view().walk() if isinstance(widget, BaseLabel)]
    return [text for text in texts if text.startswith(("Värd", "Gäst", "Ni själva"))]


def test_who_is_in_the_picture_is_said_where_not_all_are(hands: Driver) -> None:
    assert lines(hands) == ["Värd", "Ni själva", "Gäst", "Gäst"]
    assert lines(hands, HOST.uuid, ME.uuid) == ["Värd · i bild", "Ni själva", "Gäst", "Gäst"]
    assert lines(hands, HOST.uuid, MUTED.uuid, CAMERA_OFF.uuid) == ["Värd", "Ni själva", "Gäst", "Gäst"]
    assert lines(hands, pictures=(MUTED.uuid,)) == ["Värd", "Ni själva", "Gäst · i bild", "Gäst"]
