"""The function test: four checks, one at a time, each answered by a tap or by itself."""

from typing import NamedTuple

from kivy.properties import ObjectProperty

from kit.ipc.commands import Command
from kit.ipc.network import Uplink
from kit.ipc.state import KitState
from kit.ui.catalogue import N_, Catalogue
from kit.ui.screens.view import Part, View
from kit.ui.widgets.layout import Row
from kit.ui.widgets.touch import Touchable
from kit.ui.words.visit import CHECKS
from kit.visit.events import AnswerCheck, RunCheck
from kit.visit.model import Check, CheckResult

_WORDS = {
    CheckResult.UNTESTED: N_("Inte provad"),
    CheckResult.RUNNING: N_("Provas nu"),
    CheckResult.PASSED: N_("Fungerar"),
    CheckResult.FAILED: N_("Fungerar inte"),
}
_MARKS = {
    CheckResult.UNTESTED: "circle",
    CheckResult.RUNNING: "circle-ellipsis",
    CheckResult.PASSED: "circle-check",
    CheckResult.FAILED: "circle-x",
}
_TONES = {CheckResult.PASSED: "ok", CheckResult.FAILED: "bad"}
_QUIETEST_DBFS, _LOUDEST_DBFS = -60.0, -10.0
"""The range of the level meter: a quiet room to a loud voice."""


_ADVISED = 2
"""When more parts than this fail there is one cause, and one advice."""


class CheckLine(NamedTuple):
    """One line of the list at the left."""

    title: str
    word: str
    icon: str
    mark: str
    tone: str
    target: str
    command: Command


class CheckCard(Touchable):
    """One check: how far it has come; touched to do it again."""

    item = ObjectProperty(None, rebind=True)


class YesNo(Part, Row):
    """The answer to the current check's question."""


class PrepareView(View):
    """See the module."""

    escape = "prepare.cancel"

    def current(self, state: KitState) -> Check | None:
        """Return the check that is being done; None when there is nothing left to answer or wait for.

        The network tests itself in the background, so that it is waited for last.
        """
        results = dict(state.visit.checks)
        asked = [check for check in results if check is not Check.NETWORK]
        order = [
            *(check for check in asked if results[check] is CheckResult.RUNNING),
            *(check for check in asked if results[check] is CheckResult.UNTESTED),
            *(
                check
                for check in results
                if results[check] in (CheckResult.RUNNING, CheckResult.UNTESTED) and check not in asked
            ),
        ]
        return order[0] if order else None

    def lines(self, state: KitState, tr: Catalogue) -> tuple[CheckLine, ...]:
        """Return the list at the left."""
        current = self.current(state)
        return tuple(
            CheckLine(
                tr(CHECKS[check].title),
                tr(_WORDS[result]),
                CHECKS[check].icon,
                _MARKS[result],
                "current" if check is current else _TONES.get(result, "unknown"),
                f"check.{check}",
                RunCheck(check),
            )
            for check, result in state.visit.checks
        )

    def running(self, state: KitState, check: Check) -> bool:
        """Whether this check is on."""
        return dict(state.visit.checks).get(check) is CheckResult.RUNNING

    def answer(self, state: KitState, passed: bool) -> Command | None:
        """Return what yes or no sends."""
        check = self.current(state)
        return AnswerCheck(check, passed) if check else None

    def failed(self, state: KitState, tr: Catalogue) -> str:
        """Return what to do about what failed; empty where all is well."""
        wrong = [check for check, result in state.visit.checks if result is CheckResult.FAILED]
        if len(wrong) > _ADVISED:
            return tr("Kontrollera alla sladdar och försök igen. Ring om det inte hjälper.")
        return "\n".join(f"{tr(CHECKS[check].title)}: {tr(CHECKS[check].text)}" for check in wrong)

    def tests_link(self, state: KitState) -> bool:
        """Whether the link test is shown: it runs in the background until staff has answered the rest."""
        waited_for = self.current(state) in (None, Check.NETWORK)
        return waited_for and state.devices.network.test is not None

    def may_test(self, state: KitState) -> bool:
        """Whether the network can be tried with real media: the rest is done, and something carries."""
        network = state.devices.network
        return self.current(state) is None and network.uplink is not Uplink.NONE and network.test is None

    def progress(self, state: KitState, tr: Catalogue) -> str:
        """Return how many checks are done."""
        done = sum(result in (CheckResult.PASSED, CheckResult.FAILED) for _, result in state.visit.checks)
        return tr("{done} av {all} klara", done=done, all=len(state.visit.checks))

    def advice(self, state: KitState, tr: Catalogue) -> str:
        """Return what to say while the microphone is tried."""
        if state.devices.clipping:
            return tr("Det låter för starkt. Flytta mikrofonen en bit bort.")
        return tr("Efteråt spelas det du sa upp. Ingenting sparas.")

    def level(self, state: KitState) -> float:
        """Return the microphone's level, 0 to 1."""
        heard = state.devices.level_dbfs
        if heard is None:
            return 0.0
        return max(0.0, min(1.0, (heard - _QUIETEST_DBFS) / (_LOUDEST_DBFS - _QUIETEST_DBFS)))
