"""Is a kit there? One pure state machine decides, for every page and every alarm."""

from fleet.presence.model import (
    Connected,
    Disconnected,
    Event,
    Heard,
    Policy,
    State,
    Why,
    Word,
    advance,
    due_at,
    observe,
)

__all__ = [
    "Connected",
    "Disconnected",
    "Event",
    "Heard",
    "Policy",
    "State",
    "Why",
    "Word",
    "advance",
    "due_at",
    "observe",
]
