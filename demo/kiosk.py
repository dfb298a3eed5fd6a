"""One kit as staff meets it: what its screen shows, and how one gets through a visit by touching it."""

from __future__ import annotations

import asyncio
import time

from demo.measure import Pictures
from demo.taps import Finger
from demo.watch import Watcher
from demo.world import World
from kit.visit.model import Confirmation, Step

TEST_S = 20.0
"""The function test listens for some seconds, and the network tests itself meanwhile."""
TASK_S = 20.0
BOUNCE_S = 0.7
"""The same command again sooner than this is for the screen a finger that bounced."""


class Kiosk(Watcher):
    """A kit's snapshots, with a finger on its screen and an eye on the pictures that it draws."""

    def __init__(self, world: World, kit_id: str) -> None:
        """``kit_id`` is one of the world's kits."""
        kit = world.kits[kit_id]
        super().__init__(kit.run_dir)
        self.finger: Finger = world.finger(kit_id)
        self.pictures = Pictures(kit.screen_measurements)
        self._passed_at = 0.0

    async def type_meeting(self, text: str) -> None:
        """Type a link or code on the page of meetings and send it."""
        await self.finger.tap("meeting.type")
        await self.finger.type(text)
        await self.finger.tap("meeting.submit")

    async def answer_camera(self) -> None:
        """Say that the own picture is seen."""
        await self.finger.tap("check.yes", TEST_S)

    async def begin_microphone(self) -> None:
        """Start the microphone's test; it judges itself."""
        await self.finger.tap("check.run")
        await self.finger.gone("check.run")

    async def finish_sound(self) -> None:
        """Wait for the microphone's verdict, then play the speaker's tone and say that it was heard."""
        await self.finger.tap("check.run", TEST_S)
        await self.finger.tap("check.yes")
        await self.finger.wait_for("prepare.next", TEST_S)

    async def test_everything(self) -> None:
        """Pass the whole function test, and go on."""
        await self.answer_camera()
        await self.begin_microphone()
        await self.finish_sound()
        await self.finger.tap("prepare.next")

    async def test_again(self) -> None:
        """Pass the function test where it is asked for anew: a busy machine fails the network's part."""
        begun = (Step.PREPARE, Step.CONFIRM)
        await self.until(lambda state: state.visit.step in begun, TASK_S, "the visit")
        if self.state is not None and self.state.visit.step is Step.PREPARE:
            await self.test_everything()

    async def confirm_everything(self) -> None:
        """Give all confirmations; the way into the meeting is open then."""
        for confirmation in Confirmation:
            await self.finger.tap(f"confirm.{confirmation}")
        await self.finger.wait_for("confirm.next")

    async def tidy_away(self) -> None:
        """Pass every task of tidying up without doing it, until the visit is forgotten."""
        over = (Step.TIDY, Step.IDLE)
        await self.until(lambda state: state.visit.step in over, TASK_S, "tidying up")
        while self.state is not None and self.state.visit.tidy is not None:
            await self.next_task()

    async def next_task(self) -> None:
        """Finish or skip the current task of tidying up."""
        task = self.state.visit.tidy if self.state else None
        await asyncio.sleep(max(0.0, self._passed_at + BOUNCE_S - time.time()))
        await self.finger.tap("tidy.next", TASK_S)
        passed = f"leaving the task {task}"
        self._passed_at = await self.until(lambda state: state.visit.tidy is not task, TASK_S, passed)
