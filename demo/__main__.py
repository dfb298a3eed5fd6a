"""``python -m demo``: a home visit on this machine, for you to take part in or by itself."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from demo.kits import VISITING
from demo.layout import AlreadyRunning
from demo.progress import Progress, explain, headline
from demo.report.model import Report
from demo.report.write import write
from demo.screens import NoScreen, ScreenChoice
from demo.story.telling import new_report
from demo.story.visit import tell_visit
from demo.supervisor import ServiceFailed
from demo.world import World, parts, running

PICTURES_S = 2.0
"""How often the pictures of virtual screens are renewed."""
ROOM = "hembesok"


class Visit(StrEnum):
    """Who makes the visit."""

    BY_HAND = "by-hand"
    AUTO = "auto"


_INTERRUPTED = {Visit.BY_HAND: 0, Visit.AUTO: 130}
"""Exit codes: a demo is ended like that, a visit by itself should have come to its end (128 + SIGINT)."""


def main(
    visit: Annotated[
        Visit, typer.Option(help="auto: a whole visit by itself, with a report.")
    ] = Visit.BY_HAND,
    screen: Annotated[
        ScreenChoice, typer.Option(help="auto: a window where there is a display, else a virtual screen.")
    ] = ScreenChoice.AUTO,
    folder: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("build/demo"),
) -> None:
    """The whole system on one machine: three kits, a room, a broker, the fleet."""
    try:
        code = asyncio.run(_until_stopped(_demo(visit, screen, folder)))
        sys.exit(_INTERRUPTED[visit] if code is None else code)
    except NoScreen:
        sys.exit("--screen window needs a display, and there is none here (DISPLAY is empty).")
    except AlreadyRunning as other:
        sys.exit(f"A demo runs already in {folder}, as process {other.pid}. End it first with Ctrl-C.")
    except ServiceFailed as failure:
        explain(failure)
        sys.exit(1)


async def _demo(visit: Visit, screen: ScreenChoice, folder: Path) -> int:
    headline("Starting the whole system on this machine")
    alone = visit is Visit.AUTO and screen is ScreenChoice.AUTO
    choice = ScreenChoice.VIRTUAL if alone else screen
    async with running(folder, choice, tell=Progress(parts()).done) as world:
        _say_addresses(world)
        if visit is Visit.AUTO:
            headline("A visit by itself")
            return _judge(await tell_visit(world), world)
        await asyncio.to_thread(write, new_report(), world.layout.root)
        await world.book(VISITING, ROOM)
        _say_what_to_try(world)
        while True:
            world.supervisor.check()
            await world.picture_screens()
            await asyncio.sleep(PICTURES_S)


async def _until_stopped(work: Coroutine[Any, Any, int]) -> int | None:
    """Do the work. SIGINT or SIGTERM ends it in order (then None), and a second one changes nothing."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    task = asyncio.create_task(work)
    stopper = asyncio.create_task(stopped.wait())
    await asyncio.wait({task, stopper}, return_when=asyncio.FIRST_COMPLETED)
    stopper.cancel()
    if not task.done():
        headline("Ending everything that was started")
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return None
    return await task


def _judge(report: Report, world: World) -> int:
    headline("The visit went as promised." if report.passed else "Something did not go as promised.")
    for fault in report.injections:
        if fault.seconds is not None and not fault.kept:
            print(f"  later than promised: {fault.title.en}, {fault.seconds:.1f} s, not {fault.promised_s} s")
    print(f"  {world.report.as_uri()}", flush=True)
    return 0 if report.passed else 1


def _say_addresses(world: World) -> None:
    headline("It runs:")
    print(f"  the coordinator's page   {world.coordinator_page}")
    print(f"  the fleet's dashboard    {world.dashboard}")
    print(f"  the fleet's API          {world.api}")
    print(f"  the report               {world.report.as_uri()}", flush=True)


def _say_what_to_try(world: World) -> None:
    virtual = [kit for kit in world.kits.values() if kit.screen.virtual]
    headline("What to try:")
    print(f"  1. Open the coordinator's page and join the room {ROOM} as host: PIN 1234.")
    print(f"  2. On the kiosk of {VISITING}: Anslut till möte. Today's meeting leads to that room.")
    print(f"  3. Ring the kit from the coordinator's page: {world.visiting.alias}, below the participants.")
    print("  4. A room with login: type inloggat as a code on the kiosk, then run python -m demo.phone.")
    print("  5. Report a fault on the kiosk, and swap the kit on the dashboard.")
    for kit in virtual:
        print(f"  {kit.kit_id} is on the virtual screen {kit.screen.display}: {world.picture_of(kit)}")
    print(
        f"  Logs are in {world.layout.log}. A visit by itself: --visit auto. Ctrl-C ends it all.", flush=True
    )


if __name__ == "__main__":
    typer.run(main)
