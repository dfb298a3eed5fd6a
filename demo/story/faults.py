"""Faults on purpose in the middle of the call: a killed screen, a killed engine."""

from __future__ import annotations

import signal
import time

from demo.report.model import Text, View
from demo.story.stage import Chapter, Stage
from kit.visit.model import Step

SCREEN_PROMISE_S = 3.0
_HEAL_S = 30.0

SCREEN_KILLED = Text("Skärmens process dödas (SIGKILL)", "The screen's process is killed (SIGKILL)")
ENGINE_KILLED = Text("Mediemotorns process dödas (SIGKILL)", "The engine's process is killed (SIGKILL)")


class Interrupted(Exception):  # noqa: N818 - it names what happened
    """The call did not go on while it should have."""


async def _screen(stage: Stage) -> None:
    world, kit = stage.world, stage.world.visiting
    engine = world.supervisor.pid(kit.process("engine"))
    world.supervisor.send(kit.process("screen"), signal.SIGKILL)
    killed = time.time()
    kit.targets.unlink(missing_ok=True)
    shown = await stage.kit.pictures.wait_for_remote(_HEAL_S, after=killed)
    await stage.kit.finger.wait_for("call.mute")
    seconds = shown - killed
    stage.measured(screen_restart_s=seconds)
    stage.injected("screen-killed", SCREEN_KILLED, seconds, SCREEN_PROMISE_S)
    await stage.look(View.KIOSK, View.COORDINATOR)
    if world.supervisor.pid(kit.process("engine")) != engine:
        raise Interrupted("the engine was restarted with the screen")
    if (await stage.coordinator.seen()).remote_fps < 1:
        raise Interrupted("the coordinator lost the picture while the screen was away")
    if stage.kit.state is None or stage.kit.state.visit.step is not Step.IN_CALL:
        raise Interrupted("the kit left the call while the screen was away")


async def _engine(stage: Stage) -> None:
    world, kit = stage.world, stage.world.visiting
    world.supervisor.send(kit.process("engine"), signal.SIGKILL)
    killed = time.time()
    await stage.kit.until(lambda s: s.visit.step is Step.RECONNECTING, _HEAL_S, "the kit noticing it")
    await stage.look(View.KIOSK)
    await stage.kit.until(lambda s: s.visit.step is Step.IN_CALL, _HEAL_S, "the kit back in the call")
    shown = await stage.kit.pictures.wait_for_remote(_HEAL_S, after=killed + 0.5)
    await stage.coordinator.until(lambda seen: seen.remote_fps > 1, _HEAL_S, "the kitchen's picture")
    seconds = shown - killed
    stage.measured(engine_back_in_call_s=seconds)
    stage.injected("engine-killed", ENGINE_KILLED, seconds)
    await stage.look(View.KIOSK, View.COORDINATOR)


CHAPTERS = (
    Chapter(
        name="screen-killed",
        title=SCREEN_KILLED,
        about=Text(
            "Skärmen är tillbaka på under tre sekunder, och samtalet märker ingenting.",
            "The screen is back in less than three seconds, and the call does not notice.",
        ),
        act=_screen,
        vital=False,
    ),
    Chapter(
        name="engine-killed",
        title=ENGINE_KILLED,
        about=Text(
            "Kitet tar samma plats i mötet igen utan att någon rör det.",
            "The kit takes the same seat in the meeting again without being touched.",
        ),
        act=_engine,
        vital=False,
    ),
)
