"""Reading a QR code with the camera: the agent's order, and what the engine sees."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

MAX_TEXT = 8000
"""More than the largest QR code holds (7089 digits)."""


class ScanTrouble(StrEnum):
    """Why what is held before the camera is not read."""

    NONE = "none"
    SEVERAL = "several"
    """Codes that say different things are in the picture."""
    UNCLEAR = "unclear"
    """A code is seen that cannot be read: damaged, blurred, cut or too far away."""


class ScanCodes(Struct, frozen=True, tag=True):
    """Look for QR codes in the camera's pictures, or stop. The microphone stays closed."""

    on: bool


class CodeRead(Struct, frozen=True, tag=True):
    """One code says this. Told once for as long as it is held there."""

    text: Annotated[str, Meta(max_length=MAX_TEXT)]

    def __repr__(self) -> str:
        """Say nothing: it may hold a room, a password or a person."""
        return "CodeRead(…)"


class ScanTroubled(Struct, frozen=True, tag=True):
    """What is the matter now, or is no more (``NONE``)."""

    trouble: ScanTrouble
