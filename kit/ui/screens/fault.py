"""The fault report: what is wrong in one tap, some words if wanted, and what becomes of it."""

from typing import NamedTuple

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from kit.ipc.commands import ReportFault
from kit.ipc.state import FaultCategory, FaultState, KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Draft, View
from kit.ui.widgets.layout import RepeatGrid
from kit.ui.widgets.touch import Touchable
from kit.ui.words.faults import CATEGORIES, STAGES, Stage


class Kind(NamedTuple):
    """One kind of fault to choose."""

    category: FaultCategory
    title: str
    text: str
    icon: str
    target: str


class KindCard(Touchable):
    """A kind of fault."""

    item = ObjectProperty(None, rebind=True)
    terse = BooleanProperty(False)


class Kinds(RepeatGrid):
    """All kinds of fault; dispatches ``on_choose`` with the category."""

    __events__ = ("on_choose",)
    tr = ObjectProperty(None)
    prefix = StringProperty("fault")
    terse = BooleanProperty(False)
    """Titles only, where there is little room."""

    def on_choose(self, category: FaultCategory) -> None:
        """A kind was touched."""

    def kinds(self, tr: Catalogue, prefix: str, terse: bool) -> tuple[Kind, ...]:
        """Return what there is to choose."""
        return tuple(
            Kind(
                category, tr(words.title), "" if terse else tr(words.text), words.icon, f"{prefix}.{category}"
            )
            for category, words in CATEGORIES.items()
        )

    def make_card(self, item: Kind) -> KindCard:
        """Make one card."""
        card = KindCard(item=item, terse=self.terse)
        card.fbind("on_release", lambda touched: self.dispatch("on_choose", touched.item.category))
        return card


class FaultView(Draft, View):
    """See the module. What is chosen and typed is kept here until it is sent."""

    escape = "fault.back"
    longest = NumericProperty(200)
    chosen = ObjectProperty(None, allownone=True)
    again = BooleanProperty(False)
    """Another report is being made although one is open."""

    def on_state(self, *_: object) -> None:
        """A report that arrived ends the making of one."""
        if self.again and not self.chosen and self.state.fault != self._fault_before:
            self.again = False

    def stage(self, state: KitState) -> Stage:
        """Return the words for the newest report."""
        return STAGES[state.fault.state if state.fault else FaultState.QUEUED]

    def is_open(self, state: KitState) -> bool:
        """Whether a report is under way."""
        return state.fault is not None and state.fault.state is not FaultState.CLOSED

    def chosen_title(self, chosen: FaultCategory | None, tr: Catalogue) -> str:
        """Return the chosen kind."""
        return tr(CATEGORIES[chosen].title) if chosen else ""

    def facts(self, state: KitState, tr: Catalogue) -> str:
        """Return what is known of the newest report, line by line."""
        fault = state.fault
        if fault is None:
            return ""
        lines = [tr("Gäller: {what}", what=tr(CATEGORIES[fault.category].title))]
        if fault.handled_by:
            lines.append(tr("Handläggs av: {who}", who=fault.handled_by))
        return "\n".join(lines)

    def choose(self, category: FaultCategory) -> None:
        """A kind was touched: some words may follow."""
        self.chosen = category
        self.typing = True

    def begin_again(self) -> None:
        """Make another report."""
        self._fault_before = self.state.fault
        self.again = True

    def submit(self) -> None:
        """Send the report."""
        if self.chosen is not None:
            self.send(ReportFault(self.chosen, self.draft.strip()))
        self.drop()

    def drop(self) -> None:
        """Back to the kinds; what was typed is forgotten."""
        self.forget_draft()
        self.chosen = None

    def entered(self) -> bool:
        """Send the report."""
        if self.chosen is None:
            return False
        self.submit()
        return True

    def rest(self) -> None:
        """See :class:`View`."""
        self.drop()
        self.again = False
        super().rest()

    _fault_before = None
