"""How patient the kit is with the fleet. All of it follows from how often health is reported."""

from __future__ import annotations

import math
from typing import Final

from msgspec import Struct

from kit.health.backoff import Pace
from kit.health.window import Resend

KEEPALIVE_S: Final = 60
LONGEST_WILL_DELAY_S: Final = 60


class Timing(Struct, frozen=True, kw_only=True):
    """``will_delay_s``: how long the broker waits with the last will, so that a short gap is not told.

    It is never longer than the reporting interval: the will shall not come later than the first missing
    report would be noticed.
    """

    will_delay_s: int = LONGEST_WILL_DELAY_S
    keepalive_s: int = KEEPALIVE_S
    connect_s: float = 30.0
    """Deadline for name look-up, TCP, TLS and the broker's answer together."""
    pace: Pace = Pace()
    resend: Resend = Resend()


def for_interval(interval_s: float) -> Timing:
    """For a kit that reports that often. At 60 s it is what the fleet's size allows; less is for a bench."""
    return Timing(
        will_delay_s=math.ceil(min(LONGEST_WILL_DELAY_S, interval_s)),
        pace=Pace(
            first_s=min(5.0, interval_s),
            most_s=min(300.0, 5 * interval_s),
            stable_s=min(30.0, 5 * interval_s),
        ),
        resend=Resend(first_s=min(15.0, max(2.0, interval_s)), most_s=min(300.0, max(10.0, 5 * interval_s))),
    )
