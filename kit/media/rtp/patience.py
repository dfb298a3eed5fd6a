"""How long the other side is asked to let pictures wait: not at all, or until a repetition can be there.

Left alone, libwebrtc's receiver guesses from jitter, and holds pictures back long after a single disturbance.
The sender knows better: it sees loss and round trip (the playout-delay header extension).
"""

from __future__ import annotations

from kit.media.rtp.packet import PlayoutDelay

AT_ONCE = PlayoutDelay(0, 50)
"""With 0 as the least, and the most within 500 ms, libwebrtc shows each picture as soon as it is decoded."""
_STEPS_PER_S = 100
_LOSSY, _VERY_LOSSY = 0.01, 0.04
_NOTICED_S = 0.05
"""Until a hole is seen, the request is written and the copy has left the pacer."""
_MOST_S = 0.15
"""More would keep pictures too far from their sound."""
_CALM_S = 8.0
_SURE_S = 0.25
"""What was only overtaken is reported as lost, and in one of the next reports as received."""


class Patience:
    """Up when loss has lasted for a quarter of a second, down only when it has been low for eight.

    Each change is a jump in what is seen: upwards, pictures stand still for as long as they will wait.
    """

    def __init__(self) -> None:
        self.delay = AT_ONCE
        self._up = False
        self._since: float | None = None

    def update(self, now: float, loss: float, round_trip: float) -> None:
        """Follow the loss, a share, and the round trip without queues, in seconds."""
        wanted = self._wanted(loss, round_trip)
        if wanted == self.delay:
            self._since = None
            return
        up = wanted.least > self.delay.least
        if self._since is None or up is not self._up:
            self._up, self._since = up, now
        if now - self._since > (_SURE_S if up else _CALM_S):
            self.delay, self._since = wanted, None

    @staticmethod
    def _wanted(loss: float, round_trip: float) -> PlayoutDelay:
        if loss < _LOSSY:
            return AT_ONCE
        times = 2 if loss > _VERY_LOSSY else 1
        least = min(_MOST_S, times * round_trip + _NOTICED_S)
        return PlayoutDelay(round(least * _STEPS_PER_S), AT_ONCE.most)
