"""The kit breaks: a report from the kiosk becomes a case, and the spare takes its place."""

from __future__ import annotations

import asyncio

from demo.fleet import Fleet
from demo.kits import SPARE, VISITING
from demo.ready import until
from demo.report.model import Text, View
from demo.story.stage import Chapter, Stage
from kit.ipc.state import FaultCategory, FaultState

_FLEET_S = 20.0
_REPORTED = "reported"


async def _report(stage: Stage) -> None:
    finger = stage.kit.finger
    await finger.tap("home.fault")
    await finger.tap(f"fault.{FaultCategory.SOUND}")
    await finger.wait_for("fault.send")
    await stage.look(View.KIOSK)
    stage.moments[_REPORTED] = await finger.tap("fault.send")
    await stage.kit.until(
        lambda state: state.fault is not None and state.fault.state is FaultState.RECEIVED,
        _FLEET_S,
        "the case's number on the kit",
    )
    await stage.look(View.KIOSK)


async def _swap(stage: Stage) -> None:
    async with Fleet(stage.world.dashboard) as fleet:
        number = (await fleet.open_cases(VISITING))[0].number
        page = await stage.visit_dashboard(f"arenden/{number}")
        await stage.look(View.DASHBOARD)
        await page.click(f'a[href="/arenden/{number}/byt/{SPARE}"]')
        locked = stage.kit.expect(lambda state: state.lock is not None, _FLEET_S, "the old kit locked")
        taken = stage.spare.expect(lambda state: bool(state.takes_over), _FLEET_S, "the spare taking over")
        await page.click("form button.primary")
        swapped = max(await asyncio.gather(locked, taken))
        stage.measured(fault_to_swapped_s=swapped - stage.moments[_REPORTED])

        async def answered() -> bool:
            swap = await fleet.swap_of(number)
            return swap is not None and swap.seconds is not None

        await until(answered, _FLEET_S, "both kits answering the swap")
    await page.wait_for_selector('#swap li.done[data-step="new_applied"], #measured b[data-seconds]')
    await stage.look(View.KIOSK, View.SPARE, View.DASHBOARD)


CHAPTERS = (
    Chapter(
        name="fault",
        title=Text("Felanmälan från skärmen", "A fault report from the kiosk"),
        about=Text(
            "Två tryck. Kitet lägger själv till hur det mår, och får ärendets nummer tillbaka.",
            "Two taps. The kit adds how it is by itself, and gets the case's number back.",
        ),
        act=_report,
    ),
    Chapter(
        name="swap",
        title=Text("Bytet på översikten", "The swap on the dashboard"),
        about=Text(
            "Reserven får inställningarna och dagens möten, det gamla kitet spärras. Båda säger det.",
            "The spare gets settings and meetings, the old kit is locked. Both say so.",
        ),
        act=_swap,
    ),
)
