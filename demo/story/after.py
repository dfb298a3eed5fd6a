"""After the meeting: the host ends it, tidying up, and no way back in."""

from __future__ import annotations

from demo.kiosk import TASK_S
from demo.report.model import Text, View
from demo.story.stage import Chapter, Stage
from kit.visit.model import (
    EndReason,
    Evaluator,
    HygieneStep,
    PackedPart,
    PinState,
    Refusal,
    Step,
    TidyTask,
)

_LEFT_S = 15.0
_WIPE_S = 40.0

PIN_ROOM = "konsult"
WRONG_PIN = "9999"


async def _host_ends(stage: Stage) -> None:
    leaving = stage.kit.expect(
        lambda s: s.visit.end_reason is EndReason.HOST_ENDED, _LEFT_S, "the kit leaving"
    )
    ended = await stage.coordinator.end_for_all()
    stage.measured(host_end_left_ms=(await leaving - ended) * 1000)
    await stage.kit.finger.wait_for("ended.next")
    await stage.look(View.KIOSK, View.COORDINATOR)


async def _journal(stage: Stage) -> None:
    await stage.kit.finger.tap("ended.next")
    await stage.kit.until(lambda state: state.visit.tidy is not None, TASK_S, "tidying up")
    if stage.kit.state and stage.kit.state.visit.tidy is TidyTask.WIFI:
        await stage.kit.next_task()
    await _until_task(stage, TidyTask.JOURNAL)
    await stage.look(View.KIOSK)
    await stage.kit.next_task()


async def _evaluation(stage: Stage) -> None:
    await _until_task(stage, TidyTask.EVALUATION)
    await stage.kit.finger.tap(f"rate.{Evaluator.PATIENT}.5")
    await stage.kit.finger.tap(f"rate.{Evaluator.STAFF}.4")
    await stage.kit.until(lambda state: len(state.visit.ratings) == 2, TASK_S, "both answers")
    await stage.kit.finger.reads("tidy.next", "Nästa")
    await stage.look(View.KIOSK)
    await stage.kit.next_task()


async def _hygiene(stage: Stage) -> None:
    await _until_task(stage, TidyTask.HYGIENE)
    await stage.kit.finger.tap(f"hygiene.{HygieneStep.SCREEN}")
    await stage.kit.finger.gone("tidy.next")
    await stage.look(View.KIOSK)
    for step in HygieneStep:
        if step is not HygieneStep.SCREEN:
            await stage.kit.finger.tap(f"hygiene.{step}", _WIPE_S)
    await stage.kit.until(lambda state: all(done for _, done in state.visit.hygiene), TASK_S, "hygiene")
    await stage.kit.next_task()


async def _packing(stage: Stage) -> None:
    await _until_task(stage, TidyTask.PACKING)
    for part in PackedPart:
        await stage.kit.finger.tap(f"pack.{part}")
    await stage.kit.until(lambda state: all(packed for _, packed in state.visit.packing), TASK_S, "packing")
    await stage.kit.finger.reads("tidy.next", "Klar")
    await stage.look(View.KIOSK)
    await stage.kit.next_task()
    await stage.kit.until(lambda state: state.visit.step is Step.IDLE, TASK_S, "the visit forgotten")


async def _rejoin(stage: Stage) -> None:
    await stage.kit.finger.tap("home.join")
    await stage.kit.finger.wait_for("refusal.dismiss")
    refused = stage.kit.state.refused if stage.kit.state else None
    stage.measured(rejoin_refused=refused is not None and refused.reason is Refusal.MEETING_ENDED)
    await stage.look(View.KIOSK)
    await stage.kit.finger.tap("refusal.dismiss")


async def _wrong_pin(stage: Stage) -> None:
    finger = stage.kit.finger
    await finger.tap("home.other")
    await stage.kit.type_meeting(PIN_ROOM)
    await stage.kit.test_again()
    await stage.kit.confirm_everything()
    await finger.tap("confirm.next")
    for key in (*WRONG_PIN, "ok"):
        await finger.tap(f"key.{key}")
    await stage.kit.until(lambda state: state.visit.pin is PinState.WRONG, TASK_S, "the PIN refused")
    await finger.wait_for("key.1")
    await stage.look(View.KIOSK)
    await finger.tap("pin.cancel")
    await stage.kit.tidy_away()


async def _until_task(stage: Stage, task: TidyTask) -> None:
    await stage.kit.until(lambda state: state.visit.tidy is task, TASK_S, f"the task {task}")


CHAPTERS = (
    Chapter(
        name="host-ends",
        title=Text("Samordnaren avslutar för alla", "The coordinator ends for everybody"),
        about=Text(
            "Kitet lämnar mötet av sig självt och säger det.", "The kit leaves by itself and says so."
        ),
        act=_host_ends,
    ),
    Chapter(
        name="journal",
        title=Text("Uppgifter för journalen", "Facts for the patient's record"),
        about=Text("Visas en gång och är sedan borta.", "Shown once, and then gone."),
        act=_journal,
    ),
    Chapter(
        name="evaluation",
        title=Text("Hur gick det?", "How did it go?"),
        about=Text(
            "Patient och personal svarar med var sitt tryck, anonymt.",
            "Patient and staff answer with one tap each, anonymously.",
        ),
        act=_evaluation,
    ),
    Chapter(
        name="hygiene",
        title=Text("Rengöring", "Hygiene"),
        about=Text(
            "Skärmen tar inte emot tryck medan den torkas.",
            "The screen takes no touch while it is wiped.",
        ),
        act=_hygiene,
    ),
    Chapter(
        name="packing",
        title=Text("Packlista", "Packing list"),
        about=Text("Allt ska med i ryggsäcken.", "Everything goes into the backpack."),
        act=_packing,
    ),
    Chapter(
        name="rejoin",
        title=Text("Samma länk leder inte in igen", "The same link does not lead back in"),
        about=Text(
            "Värden har avslutat mötet; kitet säger det i stället för att försöka.",
            "The host has ended the meeting; the kit says so instead of trying.",
        ),
        act=_rejoin,
        vital=False,
    ),
    Chapter(
        name="wrong-pin",
        title=Text("Fel PIN-kod sägs i ord", "A wrong PIN is said in words"),
        about=Text(
            "Ett annat rum vill ha en kod. Efter fel kod står hur många försök som är kvar.",
            "Another room wants a code. After a wrong one it says how many tries are left.",
        ),
        act=_wrong_pin,
        vital=False,
    ),
)
