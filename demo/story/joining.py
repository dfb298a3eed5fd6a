"""Into the meeting: waiting, the coordinator comes, a slip of the finger and back."""

from __future__ import annotations

from demo.report.model import Text, View
from demo.story.before import ROOM
from demo.story.stage import Chapter, Stage
from kit.visit.model import Step

PICTURE_S = 20.0


async def _waiting(stage: Stage) -> None:
    await stage.kit.finger.tap("confirm.next")
    await stage.kit.finger.wait_for("waiting.leave", PICTURE_S)
    await stage.look(View.KIOSK)


async def _coordinator(stage: Stage) -> None:
    coordinator = await stage.call_coordinator()
    await coordinator.fill_in(ROOM)
    await stage.look(View.COORDINATOR)
    await coordinator.join()
    await stage.kit.until(lambda state: state.visit.step is Step.IN_CALL, PICTURE_S, "the kit in the call")
    await stage.kit.pictures.wait_for_remote(PICTURE_S)
    await coordinator.until(lambda seen: seen.remote_fps > 1, PICTURE_S, "a picture of the kitchen")
    await stage.look(View.KIOSK, View.COORDINATOR)


async def _back(stage: Stage) -> None:
    finger = stage.kit.finger
    await finger.tap("call.leave")
    await finger.wait_for("hangup.leave")
    await stage.look(View.KIOSK)
    await finger.tap("hangup.leave")
    await finger.wait_for("ended.back")
    await stage.look(View.KIOSK)
    tapped = await finger.tap("ended.back")
    shown = await stage.kit.pictures.wait_for_remote(PICTURE_S, after=tapped)
    stage.measured(tap_to_first_picture_ms=(shown - tapped) * 1000)
    stage.fact("tap → picture", f"{(shown - tapped) * 1000:.0f} ms")
    await finger.wait_for("call.mute")
    await stage.look(View.KIOSK)


CHAPTERS = (
    Chapter(
        name="waiting",
        title=Text("In i mötet, och ingen är där ännu", "Into the meeting, and nobody is there yet"),
        about=Text(
            "Kitet väntar på samordnaren och säger det.",
            "The kit waits for the coordinator and says so.",
        ),
        act=_waiting,
    ),
    Chapter(
        name="coordinator",
        title=Text("Samordnaren kommer", "The coordinator comes"),
        about=Text(
            "Pexips egen klient i Chromium går in i rummet som värd, och båda ser varandra.",
            "Pexip's own client in Chromium enters the room as host, and both see each other.",
        ),
        act=_coordinator,
    ),
    Chapter(
        name="back",
        title=Text("Lämnat av misstag, tillbaka med ett tryck", "Left by mistake, back with one tap"),
        about=Text(
            "Tiden från trycket till samordnarens bild på skärmen mäts här.",
            "The time from the tap to the coordinator's picture on the screen is measured here.",
        ),
        act=_back,
        vital=False,
    ),
)
