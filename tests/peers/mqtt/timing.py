"""A kit that is in a hurry."""

from kit.health.backoff import Pace
from kit.health.timing import Timing
from kit.health.window import Resend

QUICK = Timing(
    will_delay_s=1,
    connect_s=5,
    pace=Pace(first_s=0.1, most_s=0.5, stable_s=1),
    resend=Resend(in_flight=5, first_s=0.5, most_s=1),
)
