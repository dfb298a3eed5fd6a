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


class Patience:
    """Up at once, down only when loss has been low for eight seconds."""

    def __init__(self) -> None:
        self.delay = AT_ONCE
        self._calm_since: float | None = None

    def update(self, now: float, loss: float, round_trip: float) -> None:
        """Follow the loss, a share, and the round trip without queues, in seconds."""
        wanted = self._wanted(loss, round_trip)
        if wanted.least >= self.delay.least:
            self.delay, self._calm_since = wanted, None
            return
        self._calm_since = now if self._calm_since is None else self._calm_since
        if now - self._calm_since > _CALM_S:
            self.delay, self._calm_since = wanted, None

    @staticmethod
    def _wanted(loss: float, round_trip: float) -> PlayoutDelay:
        if loss < _LOSSY:
            return AT_ONCE
        times = 2 if loss > _VERY_LOSSY else 1
        least = min(_MOST_S, times * round_trip + _NOTICED_S)
        return PlayoutDelay(round(least * _STEPS_PER_S), AT_ONCE.most)
