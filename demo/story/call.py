"""In the meeting: what both sides see and hear, measured, and what staff does meanwhile."""

from __future__ import annotations

import asyncio
import statistics

from demo.beeps import latencies_s, onsets
from demo.kits import VISITING
from demo.report.model import Spread, Text, View
from demo.sound import dbfs, mean_dbfs
from demo.story.stage import Chapter, Stage
from kit.ipc.state import KitState

MEASURE_S = 10.0
SEEN_S = 10.0
QUICK_WORDS = "chat.quick.3"
ANSWER = "Hej, vi hör er bra."


async def _measure(stage: Stage) -> None:
    mark = stage.costs.mark()
    heard, drawn, watched = await asyncio.gather(
        stage.world.sound.listen(VISITING, MEASURE_S),
        stage.kit.pictures.during(MEASURE_S),
        stage.coordinator.watch(MEASURE_S),
    )
    seen = watched[-1]
    stage.measured(
        cpu_seconds_per_call_second=stage.costs.cpu_per_second_since(mark),
        remote_fps=drawn.fps,
        glass_to_glass_ms=drawn.latency,
        sound_heard_at_kit_dbfs=dbfs(heard.samples),
        sound_heard_at_coordinator_dbfs=mean_dbfs([each.sound_dbfs for each in watched]),
        coordinator_fps=statistics.mean(each.remote_fps for each in watched),
    )
    up = seen.picture_latency_ms
    if up.p50 is not None and up.p95 is not None:
        stage.measured(glass_to_glass_up_ms=Spread(up.p50, up.p95))
    late = latencies_s(onsets(heard.samples), heard.began_at)
    if late and drawn.latency is not None:
        sound_ms = statistics.median(late) * 1000
        stage.measured(lip_sync_ms=sound_ms - drawn.latency.p50)
        stage.fact("sound", f"{sound_ms:.0f} ms")
    else:
        stage.not_measured("lip_sync_ms", f"{len(late)} beeps heard at the kit")
    stage.fact("frames per second", f"{drawn.fps:.1f} / {seen.remote_fps:.1f}")
    await stage.look(View.KIOSK, View.COORDINATOR)


async def _participants(stage: Stage) -> None:
    await stage.kit.until(lambda state: len(state.call.participants) == 2, SEEN_S, "two participants")
    button = await stage.kit.finger.wait_for("call.participants")
    shown = "".join(sign for sign in button.text if sign.isdigit())
    if shown:
        stage.measured(participants_shown=int(shown))
    else:
        stage.not_measured("participants_shown", "the button shows no number")
    await stage.kit.finger.tap("call.participants")
    await stage.kit.finger.wait_for("panel.close")
    await stage.look(View.KIOSK)
    await stage.kit.finger.tap("panel.close")


async def _chat(stage: Stage) -> None:
    finger, coordinator = stage.kit.finger, stage.coordinator
    await finger.tap("call.chat")
    sent = await finger.tap(QUICK_WORDS)
    await coordinator.until(
        lambda seen: seen.last_chat and not seen.last_chat.mine, SEEN_S, "the kit's words"
    )
    answered = stage.kit.expect(_answered, SEEN_S, "the coordinator's answer")
    await coordinator.say(ANSWER)
    stage.measured(chat_roundtrip=(await answered - sent) * 1000)
    await stage.look(View.KIOSK, View.COORDINATOR)
    await finger.tap("panel.close")


async def _switches(stage: Stage) -> None:
    finger, coordinator = stage.kit.finger, stage.coordinator
    await finger.tap("call.mute")
    muted = await coordinator.until(lambda seen: seen.kit and seen.kit.muted, SEEN_S, "the kit muted")
    await finger.tap("call.camera")
    off = await coordinator.until(lambda seen: seen.kit and seen.kit.camera_off, SEEN_S, "the camera off")
    stage.fact("muted after", f"{muted * 1000:.0f} ms")
    stage.fact("camera off after", f"{off * 1000:.0f} ms")
    await stage.look(View.KIOSK, View.COORDINATOR)
    await finger.tap("call.mute")
    await finger.tap("call.camera")
    on = "microphone and camera on again"
    await coordinator.until(lambda s: s.kit and not s.kit.muted and not s.kit.camera_off, SEEN_S, on)


async def _agenda(stage: Stage) -> None:
    finger = stage.kit.finger
    await finger.tap("call.agenda")
    await finger.tap("agenda.next")
    await finger.wait_for("agenda.back")
    await stage.look(View.KIOSK)
    await finger.tap("panel.close")
    await finger.tap("call.settings")
    await finger.tap("settings.self_view")
    await stage.kit.until(lambda state: not state.call.self_view, SEEN_S, "the own picture hidden")
    await finger.tap("panel.close")
    await finger.gone("panel.close")
    await stage.look(View.KIOSK)


def _answered(state: KitState) -> bool:
    return any(line.text == ANSWER and not line.mine for line in state.call.chat)


CHAPTERS = (
    Chapter(
        name="measure",
        title=Text("Bild och ljud åt båda håll", "Picture and sound both ways"),
        about=Text(
            "Mätt under tio sekunder: tidskoden i bilden, pipet i ljudet, varje process kostnad.",
            "Measured for ten seconds: the picture's time code, the sound's beeps, what each process costs.",
        ),
        act=_measure,
    ),
    Chapter(
        name="participants",
        title=Text("Vilka är med", "Who is there"),
        about=Text(
            "Antalet står uppe till höger, och ett tryck visar namn och roller.",
            "The count is at the upper right, and a tap shows names and roles.",
        ),
        act=_participants,
        vital=False,
    ),
    Chapter(
        name="chat",
        title=Text("Chatt åt båda håll", "Chat both ways"),
        about=Text(
            "Ett färdigt svar skickas med ett tryck, samordnaren skriver från sin sida.",
            "A ready answer is sent with one tap, the coordinator writes from the other side.",
        ),
        act=_chat,
        vital=False,
    ),
    Chapter(
        name="switches",
        title=Text("Mikrofon och kamera av", "Microphone and camera off"),
        about=Text("Samordnaren ser att de är av.", "The coordinator sees that they are off."),
        act=_switches,
        vital=False,
    ),
    Chapter(
        name="agenda",
        title=Text("Dagordning, och egen bild dold", "Agenda, and the own picture hidden"),
        about=Text(
            "Mötets gång ligger bredvid bilden; den egna bilden kan döljas.",
            "The meeting's structure lies beside the picture; the own picture can be hidden.",
        ),
        act=_agenda,
        vital=False,
    ),
)
