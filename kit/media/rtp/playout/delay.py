"""How long sound must wait so that late packets still come in time."""

from __future__ import annotations

from collections import deque

MIN_S, MAX_S = 0.02, 0.4
FIRST_S = 2 * MIN_S
"""Before anything is known of the way: two packets, of which the second can restore the first."""
_WINDOW_S = 4.0
_QUANTILE = 0.995
_MARGIN_S = 0.02
_EVERY = 5
_DECAY = 0.96
_MAX_SAMPLES = 800


class AdaptiveDelay:
    """All but one in two hundred of the lateness over four seconds; up at once, down slowly."""

    def __init__(self) -> None:
        self.target = FIRST_S
        self._transits: deque[tuple[float, float]] = deque(maxlen=_MAX_SAMPLES)
        self._count = 0

    def add(self, timestamp_s: float, now: float) -> None:
        """Take in when a frame of this media time became available."""
        self._transits.append((now, now - timestamp_s))
        while now - self._transits[0][0] > _WINDOW_S:
            self._transits.popleft()
        self._count += 1
        if self._count % _EVERY == 0:
            self._update()

    def restart(self) -> None:
        """Forget: the media time jumped."""
        self._transits.clear()

    def _update(self) -> None:
        transits = sorted(transit for _, transit in self._transits)
        late = transits[int(len(transits) * _QUANTILE)] - transits[0]
        wanted = min(MAX_S, max(MIN_S, late + _MARGIN_S))
        self.target = wanted if wanted > self.target else _DECAY * self.target + (1 - _DECAY) * wanted
