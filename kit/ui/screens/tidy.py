"""After the meeting: one task at a time, until the visit is forgotten."""

from typing import NamedTuple

from kivy.properties import NumericProperty, ObjectProperty

from kit.ipc.commands import Command
from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.moments import clock, day, minutes
from kit.ui.screens.view import Part, View
from kit.ui.widgets.layout import Stack
from kit.ui.widgets.touch import Surface, TickCard, Touchable
from kit.ui.words.visit import END_REASONS, EVALUATORS, HYGIENE, PARTS, SCORES, TIDY_TASKS, Words
from kit.ui.words.wifi import STUCK
from kit.visit.events import BackTidy, DoneHygiene, DonePacking, Rate
from kit.visit.model import EndReason, Evaluator, HygieneStep, TidyTask

WIPE_S = 20.0
"""How long the screen takes no touch while it is wiped."""
_PASSED_ONCE = (TidyTask.WIFI, TidyTask.JOURNAL)
_MISSED = (EndReason.NEVER_JOINED, EndReason.RESTARTED)


class Value(NamedTuple):
    """A name and a large value."""

    name: str
    value: str
    text: str = ""


class Face(NamedTuple):
    """One answer of the evaluation."""

    icon: str
    word: str
    given: bool
    target: str
    command: Command


class Todo(NamedTuple):
    """Something to tick off. ``command`` is None where the tap begins something on the screen."""

    title: str
    text: str
    icon: str
    done: bool
    target: str
    command: Command | None


class ValueCard(Surface):
    """A name and a large value."""

    item = ObjectProperty(None, rebind=True)


class FaceButton(Touchable):
    """One answer of the evaluation."""

    item = ObjectProperty(None, rebind=True)


class TodoCard(TickCard):
    """One step or part to tick off."""

    item = ObjectProperty(None, rebind=True)


class Faces(Part, Stack):
    """One evaluator's row of answers."""

    evaluator = ObjectProperty(Evaluator.PATIENT)


class TidyView(View):
    """See the module."""

    escape = "tidy.back"
    wiping_until = NumericProperty(0)

    def task(self, state: KitState) -> TidyTask:
        """Return the current task."""
        return state.visit.tidy or TidyTask.WIFI

    def words(self, state: KitState) -> Words:
        """Return its words."""
        return TIDY_TASKS[self.task(state)]

    def at(self, state: KitState) -> int:
        """Return its number, from 0."""
        tasks = state.visit.tidy_tasks
        return tasks.index(self.task(state)) if self.task(state) in tasks else 0

    def back(self, state: KitState) -> Command | None:
        """Return the way back, where there is one."""
        before = self.at(state) - 1
        if before < 0 or state.visit.tidy_tasks[before] in _PASSED_ONCE:
            return None
        return BackTidy()

    def may_leave(self, state: KitState) -> bool:
        """Whether this task can be finished or skipped."""
        return self.task(state) is not TidyTask.WIFI or state.visit.wifi_removed

    def finished(self, state: KitState) -> bool:
        """Whether all of this task is done; what is not may be skipped."""
        visit = state.visit
        return {
            TidyTask.EVALUATION: len(visit.ratings) == len(Evaluator),
            TidyTask.HYGIENE: all(done for _, done in visit.hygiene),
            TidyTask.PACKING: all(packed for _, packed in visit.packing),
        }.get(self.task(state), True)

    def next_word(self, state: KitState, tr: Catalogue) -> str:
        """Return what the way on is called."""
        last = self.at(state) == len(state.visit.tidy_tasks) - 1
        if not self.finished(state):
            return tr("Avsluta ändå") if last else tr("Hoppa över")
        return tr("Klar – till startsidan") if last else tr("Nästa")

    def stuck(self, state: KitState) -> bool:
        """Whether the patient's Wi-Fi could not be removed, time after time."""
        return state.devices.network.patient.stuck and not state.visit.wifi_removed

    def wifi(self, state: KitState, tr: Catalogue) -> tuple[str, str, str, str]:
        """Return tone, icon, title and text of what became of the patient's Wi-Fi."""
        visit = state.visit
        if self.stuck(state):
            return "bad", "power-off", tr(STUCK.title), tr(STUCK.text)
        if not visit.wifi_removed:
            text = tr("Vänta. Det här kan inte hoppas över.")
            return "current", "loader", tr("Tar bort patientens nät …"), text
        if visit.wifi_used:
            text = tr("Enheten har kontrollerat att namn, lösenord och adress är borta.")
            return "chosen", "shield-check", tr("Patientens nät är borttaget"), text
        text = tr("Enheten har kontrollerat att inget nät från hemmet finns kvar.")
        return "chosen", "shield-check", tr("Patientens nät användes inte"), text

    def missed(self, state: KitState) -> Words | None:
        """Return why there was no meeting, where there was none."""
        reason = state.visit.end_reason
        return END_REASONS[reason] if reason in _MISSED else None

    def journal(self, state: KitState, tr: Catalogue) -> tuple[Value, ...]:
        """Return the facts for the patient's record."""
        facts = state.visit.journal
        if facts is None:
            return ()
        length = tr.plural("{n} minut", "{n} minuter", minutes(facts.ended_at - facts.started_at))
        values = [
            Value(tr("Start"), clock(facts.started_at), day(facts.started_at, state.language)),
            Value(tr("Slut"), clock(facts.ended_at), length),
            # A web portal does not tell the kit who takes part.
            Value(tr("Deltagare"), str(facts.participants or "–"), tr("som mest samtidigt")),
        ]
        if facts.patient_fee_kr is not None:
            fee = tr("{n} kr", n=facts.patient_fee_kr)
            values.append(Value(tr("Patientavgift"), fee, tr("räknas mot frikort")))
        return tuple(values)

    def contact_type(self, state: KitState) -> str:
        """Return what to register."""
        return state.visit.journal.contact_type if state.visit.journal else ""

    def faces(self, state: KitState, evaluator: Evaluator, tr: Catalogue) -> tuple[Face, ...]:
        """Return one evaluator's answers."""
        given = dict(state.visit.ratings).get(evaluator)
        return tuple(
            Face(icon, tr(word), score == given, f"rate.{evaluator}.{score}", Rate(evaluator, score))
            for score, icon, word in SCORES
        )

    def evaluator(self, evaluator: Evaluator, tr: Catalogue) -> str:
        """Return who answers."""
        return tr(EVALUATORS[evaluator])

    def hygiene(self, state: KitState, tr: Catalogue) -> tuple[Todo, ...]:
        """Return the hygiene steps; the screen's own begins the wiping."""
        return tuple(
            Todo(
                tr(HYGIENE[step].title),
                tr(HYGIENE[step].text),
                "",
                done,
                f"hygiene.{step}",
                None if step is HygieneStep.SCREEN and not done else DoneHygiene(step, not done),
            )
            for step, done in state.visit.hygiene
        )

    def parts(self, state: KitState, tr: Catalogue) -> tuple[Todo, ...]:
        """Return the packing list."""
        return tuple(
            Todo(
                tr(PARTS[part].title),
                "",
                PARTS[part].icon,
                packed,
                f"pack.{part}",
                DonePacking(part, not packed),
            )
            for part, packed in state.visit.packing
        )

    def todo_card(self, item: Todo) -> TodoCard:
        """Make a card; one without command begins the wiping."""
        card = TodoCard(item=item)
        card.fbind("on_release", self._begin_wiping)
        return card

    def _begin_wiping(self, card: TodoCard) -> None:
        if card.item.command is None:
            self.wiping_until = self.now + WIPE_S

    def seconds_left(self, now: float, until: float) -> int:
        """Return how long the screen stays locked."""
        return max(0, round(until - now))

    def on_now(self, *_: object) -> None:
        """End the wiping when its time is over, and note that it is done."""
        if self.wiping_until and self.now >= self.wiping_until:
            self.wiping_until = 0
            self.send(DoneHygiene(HygieneStep.SCREEN, True))

    def rest(self) -> None:
        """See :class:`View`."""
        self.wiping_until = 0
        super().rest()
