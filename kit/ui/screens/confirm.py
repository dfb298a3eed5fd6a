"""What staff confirms before the meeting."""

from typing import NamedTuple

from kivy.properties import NumericProperty, ObjectProperty

from kit.ipc.call import Call
from kit.ipc.commands import Command, Introduce
from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import Draft, View
from kit.ui.widgets.layout import Row
from kit.ui.widgets.touch import Surface, TickCard
from kit.ui.words.visit import CONFIRMATIONS
from kit.visit.events import Confirm, SetRelatives
from kit.visit.model import Confirmation

MOST_RELATIVES = 20
MOST_NAME = 80
_FITS = 40


class Relatives(NamedTuple):
    """The card that counts the relatives."""

    title: str
    number: int


class Tick(NamedTuple):
    """One confirmation."""

    title: str
    text: str
    given: bool
    target: str
    command: Command


class ConfirmCard(TickCard):
    """One confirmation; touched to give it or take it back."""

    item = ObjectProperty(None, rebind=True)


class RelativesCard(Surface):
    """How many relatives sit with the patient."""

    item = ObjectProperty(None, rebind=True)


class Stepper(Row):
    """A count between 0 and ``most``, one more or less by a tap."""

    __events__ = ("on_step",)
    count = NumericProperty(0)
    most = NumericProperty(MOST_RELATIVES)

    def on_step(self, count: int) -> None:
        """The count should become this."""


def ticks(state: KitState, tr: Catalogue) -> tuple[Tick, ...]:
    """Return the confirmations that the region demands."""
    given = dict(state.visit.confirmations)
    return tuple(
        Tick(
            tr(words.title),
            tr(words.text),
            given[confirmation],
            f"confirm.{confirmation}",
            Confirm(confirmation, not given[confirmation]),
        )
        for confirmation, words in CONFIRMATIONS.items()
        if confirmation in given
    )


def left(state: KitState, tr: Catalogue) -> str:
    """Return how much is still to be confirmed."""
    missing = sum(not given for _, given in state.visit.confirmations)
    if not missing:
        return tr("Allt är bekräftat")
    return tr.plural("{n} punkt kvar att bekräfta", "{n} punkter kvar att bekräfta", missing)


class ConfirmView(Draft, View):
    """See the module."""

    escape = "confirm.cancel"
    longest = NumericProperty(MOST_NAME)

    def named(self, call: Call) -> str:
        """Return who is there, short enough for a button."""
        return call.staff if len(call.staff) <= _FITS else call.staff[: _FITS - 1] + "…"

    def introduce(self) -> None:
        """Begin to write who is there."""
        self.draft, self.typing = self.state.call.staff, True

    def entered(self) -> bool:
        """Tell who is there; nothing is as good as the unit's name."""
        if not self.typing:
            return False
        self.send(Introduce(self.draft.strip()))
        self.forget_draft()
        return True

    def rest(self) -> None:
        """See :class:`View`."""
        self.forget_draft()
        super().rest()

    def ticks(self, state: KitState, tr: Catalogue) -> tuple[Tick, ...]:
        """Return the confirmations that the region demands."""
        return ticks(state, tr)

    def cards(self, state: KitState, tr: Catalogue) -> tuple[Tick | Relatives, ...]:
        """Return the confirmations, and after that of the relatives their number."""
        ticks = self.ticks(state, tr)
        if Confirmation.RELATIVES_CONFIRMED not in dict(state.visit.confirmations):
            return ticks
        return (*ticks, Relatives(tr("Antal närstående i rummet"), state.visit.relatives))

    def card(self, item: Tick | Relatives) -> Surface:
        """Make one card."""
        if isinstance(item, Tick):
            return ConfirmCard(item=item)
        card = RelativesCard(item=item)
        card.ids.stepper.fbind("on_step", lambda _, count: self.set_relatives(count))
        return card

    def left(self, state: KitState, tr: Catalogue) -> str:
        """Return what hinders the way into the meeting."""
        return left(state, tr)

    def set_relatives(self, count: int) -> None:
        """Tell how many relatives are there."""
        self.send(SetRelatives(count))
