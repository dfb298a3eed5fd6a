"""The desk of the guard: counts when it is not well, and tells staff and fleet once that lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kit.network.guard.client import Guarding
from kit.network.wifi.patient import PatientWifi

if TYPE_CHECKING:
    from kit.agent.agent import Agent

PATIENCE_S: Final = 15.0
"""systemd starts a guard that has died again at once; on a slow machine it is there some seconds later."""


class GuardDesk:
    """Where nothing guards, as on a developer's machine, there is nothing to tell."""

    def __init__(self, agent: Agent, radio: PatientWifi | None) -> None:
        """``radio`` asks the guard again and again, and is joined to nothing that it does not guard."""
        self._agent = agent
        self._heard: Guarding | None = None
        self._ill_since = 0.0
        self.shown: Guarding | None = None
        """What staff and fleet are told; None until the guard was asked."""
        if radio is not None:
            radio.guarded = self.heard

    def heard(self, guarding: Guarding) -> None:
        """Take how it is now."""
        well_before = self._heard in (None, Guarding.OK)
        self._heard = guarding
        if guarding is Guarding.OK:
            self._show(guarding)
            return
        self._agent.reporter.counters.count(f"guard_{guarding.value}")
        if well_before:
            self._ill_since = self._agent.wall()

    def tick(self) -> None:
        """Time has passed."""
        ill = self._heard not in (None, Guarding.OK)
        if ill and self._agent.wall() - self._ill_since >= PATIENCE_S:
            self._show(self._heard)

    def _show(self, guarding: Guarding | None) -> None:
        if guarding is not self.shown:
            self.shown = guarding
            self._agent.reporter.changed()
            self._agent.publish()
