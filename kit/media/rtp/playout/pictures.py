"""When pictures are shown: at once, unless packets are lost and repeated; then late enough for most repeats.

Without it each repeated packet stops the picture and lets it run after; with it the picture only comes some
100 ms later, which its sound does anyway.
"""

from __future__ import annotations

from collections import deque

MAX_S = 0.18
_WINDOW_S, _MAX_SAMPLES = 8.0, 500
_QUANTILE = 0.98
_EVERY = 10
_REPAIRS = 3
"""So many repeated pictures within the window are a link with loss, not an accident."""
_DECAY = 0.98


class PicturePlayout:
    """Seconds of any clock; media time may have any origin but must not wrap."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        """How much later than the fastest ones pictures are shown."""
        self._transits: deque[tuple[float, float]] = deque(maxlen=_MAX_SAMPLES)
        self._repaired: deque[float] = deque(maxlen=_REPAIRS)
        self._count = 0
        self._last = float("-inf")

    def due(self, now: float, media_s: float, *, repaired: bool) -> float:
        """Return when to show a picture that is ready now; never before the one before it."""
        self._transits.append((now, now - media_s))
        while now - self._transits[0][0] > _WINDOW_S:
            self._transits.popleft()
        if repaired:
            self._repaired.append(now)
        self._count += 1
        if self._count % _EVERY == 0:
            self._update(now)
        fastest = min(transit for _, transit in self._transits) if self.delay_s else 0.0
        wanted = media_s + fastest + self.delay_s if self.delay_s else now
        self._last = max(now, min(wanted, now + MAX_S), min(self._last, now + MAX_S))
        return self._last

    def _update(self, now: float) -> None:
        lossy = len(self._repaired) == _REPAIRS and now - self._repaired[0] < _WINDOW_S
        wanted = 0.0
        if lossy:
            transits = sorted(transit for _, transit in self._transits)
            wanted = min(MAX_S, transits[int(_QUANTILE * len(transits))] - transits[0])
        self.delay_s = max(wanted, _DECAY * self.delay_s if self.delay_s > 0.005 else 0.0)
