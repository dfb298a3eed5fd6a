"""Before the meeting: a wrong link, the booked meeting, the function test, the confirmations."""

from __future__ import annotations

from demo.kiosk import TEST_S
from demo.kits import VISITING
from demo.report.model import Text, View
from demo.story.stage import Chapter, Stage
from kit.ipc.state import Condition

ROOM = "hembesok"
WRONG_LINK = "https://annat.example/m/x"


class SameSupport(Exception):  # noqa: N818 - it names what is wrong
    """A rented and an owned kit name the same number to call."""


async def _start(stage: Stage) -> None:
    await stage.kit.finger.wait_for("home.join")
    unknown = Condition.UNKNOWN
    await stage.kit.until(
        lambda s: s.devices.speaker.condition is not unknown, TEST_S, "camera and sound found"
    )
    await stage.look(View.KIOSK)
    await stage.visit_dashboard()
    await stage.look(View.DASHBOARD)


async def _agreements(stage: Stage) -> None:
    for kit in (stage.kit, stage.owned):
        await kit.until(lambda state: bool(state.support.phone), TEST_S, "whom to call")
    rented, owned = stage.kit.state, stage.owned.state
    if rented is None or owned is None or rented.support == owned.support:
        raise SameSupport
    stage.fact(rented.support.name, rented.support.phone)
    stage.fact(owned.support.name, owned.support.phone)
    await stage.visit_dashboard("avtal")
    await stage.look(View.OWNED, View.DASHBOARD)


async def _wrong_link(stage: Stage) -> None:
    finger = stage.kit.finger
    await finger.tap("home.join")
    await stage.kit.type_meeting(WRONG_LINK)
    await finger.wait_for("refusal.dismiss")
    await stage.look(View.KIOSK)
    await finger.tap("refusal.dismiss")
    await finger.tap("meeting.stop")
    await finger.tap("meeting.back")
    await finger.wait_for("home.join")


async def _booking(stage: Stage) -> None:
    await stage.world.book(VISITING, ROOM)
    await stage.kit.finger.wait_for("home.other")
    await stage.look(View.KIOSK)


async def _function_test(stage: Stage) -> None:
    await stage.kit.finger.tap("home.join")
    await stage.kit.finger.wait_for("check.yes")
    await stage.look(View.KIOSK)
    await stage.kit.answer_camera()
    await stage.kit.begin_microphone()
    await stage.look(View.KIOSK)
    await stage.kit.finish_sound()
    await stage.look(View.KIOSK)
    await stage.kit.finger.tap("prepare.next")


async def _confirmations(stage: Stage) -> None:
    await stage.kit.confirm_everything()
    await stage.kit.finger.tap("relatives.more")
    await stage.look(View.KIOSK)


CHAPTERS = (
    Chapter(
        name="start",
        title=Text("Kitet är redo", "The kit is ready"),
        about=Text(
            "Startskärmen säger hur kitet mår, och översikten visar alla tre kit.",
            "The start screen says how the kit is, and the dashboard shows all three kits.",
        ),
        act=_start,
    ),
    Chapter(
        name="agreements",
        title=Text("Hyra eller äga", "Rental or owned"),
        about=Text(
            "Avtalet avgör vems nummer kitet visar: regionens service, eller kommunens egen IT-support.",
            "The agreement decides whom the kit says to call: the region's service or the municipality's IT.",
        ),
        act=_agreements,
        vital=False,
    ),
    Chapter(
        name="wrong-link",
        title=Text("Fel länk nekas i ord", "A wrong link is refused in words"),
        about=Text(
            "En länk till en främmande server skrivs på skärmens tangentbord. Kitet går inte dit.",
            "A link to a foreign server is typed on the screen's keyboard. The kit does not go there.",
        ),
        act=_wrong_link,
        vital=False,
    ),
    Chapter(
        name="booking",
        title=Text("Dagens möte kommer av sig självt", "Today's meeting comes by itself"),
        about=Text(
            "Mötet bokas i flottan och ligger på startskärmen utan att någon skriver något.",
            "The meeting is booked in the fleet and lies on the start screen without anybody typing.",
        ),
        act=_booking,
    ),
    Chapter(
        name="function-test",
        title=Text("Funktionstest", "Function test"),
        about=Text(
            "Kamera, mikrofon och högtalare provas med en fråga i taget, nätet provar sig självt.",
            "Camera, microphone and speaker are tested with one question each, the network by itself.",
        ),
        act=_function_test,
    ),
    Chapter(
        name="confirmations",
        title=Text("Innan mötet börjar", "Before the meeting begins"),
        about=Text(
            "Samtycke, avskildhet, dörrskylt och vilka som är i rummet bekräftas. Inget av det lagras.",
            "Consent, privacy, door sign and who is in the room are confirmed. None of it is stored.",
        ),
        act=_confirmations,
    ),
)
