"""The kit's mobile broadband as one object: what it is like now, and what keeps it going.

Unlocks the card, turns the modem on, asks for its signal, counts its data. Connecting is NetworkManager's
work, by the profile that :func:`kit.network.mobile.gsm_profile` describes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kit import config
from kit.ipc.network import Mobile


class MobileBroadband:
    """``mobile`` is what it is like now; ``changed`` is called in the loop each time that it differs."""

    def __init__(
        self,
        settings: config.Mobile | None,
        state_dir: Path,
        *,
        wall: Callable[[], float],
        changed: Callable[[Mobile], None],
        count: Callable[[str], None],
        root: Path = Path("/"),
        bus_address: str | None = None,
    ) -> None:
        """Without ``settings`` no modem is touched. ``count`` counts troubles by code; ``root``: for /sys."""
        self.mobile = Mobile()

    async def run(self) -> None:
        """Serve until cancelled; returns at once without settings. Never ends for what D-Bus or modem do."""
