"""Somebody calls the kit; and whom staff can call with one tap."""

from typing import NamedTuple

from kivy.properties import ObjectProperty

from kit.ipc.commands import CallContact, Command
from kit.ipc.state import KitState
from kit.ui.catalogue import Catalogue
from kit.ui.screens.view import View
from kit.ui.widgets.touch import PushButton


class RingView(View):
    """Who calls, and what to do about it."""

    def caller(self, state: KitState, tr: Catalogue) -> str:
        """Return the caller as the service names them."""
        return (state.ringing.caller if state.ringing else "") or tr("Okänt nummer")

    def countdown(self, state: KitState, now: float, tr: Catalogue) -> str:
        """Return when the call answers itself; empty where it does not."""
        if state.ringing is None or state.ringing.answers_at is None:
            return ""
        left = max(0, round(state.ringing.answers_at - now))
        return tr.plural("Besvaras om {n} sekund", "Besvaras om {n} sekunder", left)


class Contact(NamedTuple):
    """One who can be called."""

    text: str
    target: str
    command: Command


class ContactButton(PushButton):
    """Calls one contact."""

    item = ObjectProperty(None, rebind=True)


def contacts(state: KitState, tr: Catalogue) -> tuple[Contact, ...]:
    """Return whom staff can reach at once."""
    return tuple(
        Contact(tr("Ring {name}", name=label), f"home.call.{number}", CallContact(number))
        for number, label in enumerate(state.contacts)
    )
