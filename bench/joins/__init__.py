"""Joining: how soon one sees and hears, how long one hears nothing in trouble, what joins leave behind."""

from pathlib import Path

import msgspec

HERE = Path(__file__).parent
WITHIN_S = 30.0
"""Whatever has not happened by then will not."""


class Times(msgspec.Struct, frozen=True):
    """Milliseconds from the tap."""

    first_picture_ms: float
    first_sound_ms: float
