"""The loss-based bound: 2 % and 10 % as in the draft, on the loss that is more than the radio's own.

Radio loss is learnt by experiment. Cuts in a row that total 13 % and leave the loss where it was, while
nothing queues, show that it does not depend on our rate: it is subtracted (at most 25 %), the rate restored.
Between 2 and 10 % the rate is not held, as in the draft, but grows slowly unless the loss grows with it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

LOW, HIGH = 0.02, 0.10
_WINDOW_S = 2.0
_MIN_PACKETS = 20
_MAX_INHERENT = 0.25
_PROVEN_CUTS, _PROVEN_SHARE, _PROVEN_S = 3, 0.87, 1.2
_EXPERIMENT_S = 4.0
_CREEP, _CREEP_BELOW, _MORE_LOSS, _NOISE = 1.08, 0.07, 1.4, 0.01


@dataclass(slots=True)
class _Experiment:
    begun: float
    rate: float
    loss: float
    cuts: int = 0


class LossBound:
    """The most that loss allows."""

    def __init__(self, start: float, floor: float, ceiling: float) -> None:
        self.rate = start
        self.loss = 0.0
        self.inherent = 0.0
        self._floor, self._ceiling = floor, ceiling
        self._window: deque[tuple[float, int, int]] = deque()
        self._packets = self._lost = 0
        self._rates: deque[tuple[float, float]] = deque()
        self._last_cut = float("-inf")
        self._experiment: _Experiment | None = None
        self._least = 1.0
        """Loss since it was last below the lower line."""

    @property
    def excess(self) -> float:
        """Loss beyond the radio's own."""
        return max(0.0, self.loss - 1.15 * self.inherent)

    def add(self, now: float, packets: int, lost: int) -> None:
        """Take in one feedback; ``lost`` is negative when packets given up came after all."""
        self._window.append((now, packets, lost))
        self._packets += packets
        self._lost += lost
        while now - self._window[0][0] > _WINDOW_S:
            _, packets, lost = self._window.popleft()
            self._packets -= packets
            self._lost -= lost
        if self._packets >= _MIN_PACKETS:
            self.loss = max(0.0, self._lost / self._packets)

    def update(self, now: float, round_trip: float, delay_based: float, *, queueing: bool) -> None:
        """Move the bound; ``queueing`` says that a standing queue explains the loss."""
        self._rates.append((now, self.rate))
        while now - self._rates[0][0] > 1.0:
            self._rates.popleft()
        if self.loss < 0.5 * self.inherent:
            self.inherent *= 0.98
        if queueing:
            self._experiment = None
        counted = self.loss if queueing else self.excess
        if counted <= LOW:
            self._least = 1.0
            self._grow(now)
        elif counted > HIGH * (1.0 if queueing or not self.inherent else 0.5):
            self._cut(now, round_trip, counted, queueing=queueing)
        elif not queueing:
            self._creep()
        self.rate = min(self._ceiling, max(self._floor, self.rate))
        # Never far from the delay-based rate: what was not tried there is not known here.
        self.rate = min(self.rate, 1.1 * delay_based + 20_000)

    def forgive(self) -> None:
        """Forget the loss of the last two seconds: nothing came through at all."""
        self._window.clear()
        self._packets = self._lost = 0
        self.loss = 0.0
        self._experiment = None

    def raise_to(self, rate: float) -> None:
        """A probe got through at this rate."""
        self.rate = max(self.rate, min(rate, self._ceiling))

    def lower_to(self, rate: float) -> None:
        """Something else cut the rate."""
        self.rate = min(self.rate, max(rate, self._floor))

    def _grow(self, now: float) -> None:
        self.rate = max(self.rate, min(rate for _, rate in self._rates) * 1.08 + 1000)
        if self._experiment is not None and now - self._experiment.begun > _EXPERIMENT_S:
            self._experiment = None

    def _creep(self) -> None:
        """Grow slowly as long as the loss does not grow with it: so much is the radio's own."""
        self._least = min(self._least, self.loss)
        if self.loss < min(_CREEP_BELOW, _MORE_LOSS * self._least + _NOISE):
            self.rate = max(self.rate, min(rate for _, rate in self._rates) * _CREEP)

    def _cut(self, now: float, round_trip: float, counted: float, *, queueing: bool) -> None:
        if now - self._last_cut <= 0.3 + round_trip:
            return
        if not queueing and self._experiment is None:
            self._experiment = _Experiment(now, self.rate, self.loss)
        self.rate *= 1 - 0.5 * counted
        self._last_cut = now
        if self._experiment is not None:
            self._experiment.cuts += 1
            self._judge(now, self._experiment)

    def _judge(self, now: float, tried: _Experiment) -> None:
        far_enough = self.rate < _PROVEN_SHARE * tried.rate and now - tried.begun > _PROVEN_S
        if tried.cuts < _PROVEN_CUTS or not far_enough:
            return
        if self.loss > 0.75 * tried.loss:
            self.inherent = min(_MAX_INHERENT, max(self.inherent, self.loss, tried.loss))
            self.rate = tried.rate
        self._experiment = None
