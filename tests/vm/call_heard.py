"""What becomes of the sound of a call, as the virtual machine tells it."""

from __future__ import annotations

from msgspec import Struct

from kit.ipc.network import Uplink


class Heard(Struct, frozen=True, kw_only=True):
    """One change of the networks, or none. Seconds are the machine's."""

    what: str
    carrier: Uplink
    came_over_s: float
    """From the change until the kit was carried by ``carrier``."""
    pauses_s: list[float]
    """Of more than 0.15 s, the longest first."""
    stutter_s: float
    """The sum of the shorter ones."""
    level_dbfs: float
    """Half of it was louder."""
    busy: float
    """Share of the machine's processor that was in use …"""
    shares: dict[str, float]
    """… and by some of its units."""
