"""When pictures are shown: at once, unless they are often held up; then late enough for most of them.

Without it each packet that is repeated, and each moment in which a radio gives nothing, stops the picture and
lets it run after; with it the picture only comes some 100 ms later, which its sound does anyway.
"""

from __future__ import annotations

from collections import deque

MAX_S = 0.18
_WINDOW_S, _MAX_SAMPLES = 8.0, 500
_QUANTILE = 0.98
_EVERY = 10
_REPAIRS = 3
"""So many repeated pictures within the window are a link with loss, not an accident."""
_STALL_S, _ONE_STALL_S, _STALLS = 0.1, 0.5, 3
"""So many times the link stood still within the window, or pictures came in jumps for another reason."""
_DECAY = 0.98


class PicturePlayout:
    """Seconds of any clock; media time may have any origin but must not wrap."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        """How much later than the fastest ones pictures are shown."""
        self._transits: deque[tuple[float, float]] = deque()
        self._fastest = float("inf")
        self._repaired: deque[float] = deque(maxlen=_REPAIRS)
        self._stalls: deque[float] = deque(maxlen=_STALLS)
        self._count = 0
        self._last = float("-inf")

    def due(self, now: float, media_s: float, *, repaired: bool, least_s: float = 0.0) -> float:
        """Return when to show a picture that is ready now; never before the one before it.

        It is shown ``least_s`` later than the fastest ones at least, for the sake of its sound.
        """
        fastest = self._take_in(now, now - media_s)
        if repaired:
            self._repaired.append(now)
        stalled = now - media_s - fastest > _STALL_S
        if stalled and (not self._stalls or now - self._stalls[-1] > _ONE_STALL_S):
            self._stalls.append(now)
        self._count += 1
        if self._count % _EVERY == 0:
            self._update(now)
        delay, most = max(self.delay_s, least_s), now + max(MAX_S, least_s)
        wanted = media_s + fastest + delay if delay else now
        self._last = max(now, min(wanted, most), min(self._last, most))
        return self._last

    def _take_in(self, now: float, transit: float) -> float:
        """Note a transit; returns the fastest one of the window."""
        self._transits.append((now, transit))
        self._fastest = min(self._fastest, transit)
        while now - self._transits[0][0] > _WINDOW_S or len(self._transits) > _MAX_SAMPLES:
            _, left = self._transits.popleft()
            if left <= self._fastest:
                self._fastest = min(transit for _, transit in self._transits)
        return self._fastest

    def _update(self, now: float) -> None:
        lossy = len(self._repaired) == _REPAIRS and now - self._repaired[0] < _WINDOW_S
        shaky = len(self._stalls) == _STALLS and now - self._stalls[0] < _WINDOW_S
        wanted = 0.0
        if lossy or shaky:
            transits = sorted(transit for _, transit in self._transits)
            wanted = min(MAX_S, transits[int(_QUANTILE * len(transits))] - transits[0])
        self.delay_s = max(wanted, _DECAY * self.delay_s if self.delay_s > 0.005 else 0.0)
