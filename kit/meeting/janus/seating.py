"""Whose picture is where: the one who speaks large, few others small, and nobody moves without need. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kit.meeting.janus.messages import Id

SMALL = 3
SPEAKS_S = 1.0
"""A cough or a "yes" does not bring anybody forward."""
STAYS_S = 4.0
"""Who came forward stays so long at least."""


class Seating:
    """Seconds of a monotonic clock come in."""

    def __init__(self) -> None:
        self._places: list[Id | None] = [None] * (1 + SMALL)
        self._changed_at = float("-inf")
        self._since: dict[Id, float] = {}
        """Since when those who speak have spoken."""
        self._spoke: dict[Id, float] = {}
        """When those who have spoken did so last."""

    @property
    def places(self) -> tuple[Id | None, ...]:
        """The large one, then the small ones."""
        return tuple(self._places)

    def arrange(
        self, now: float, films: Sequence[Id], talking: Collection[Id], pinned: Id | None = None
    ) -> bool:
        """Follow who sends pictures (in order of their coming) and who speaks; whether anything moved."""
        before = list(self._places)
        self._listen(now, films, talking)
        self._places = [one if one in films else None for one in self._places]
        self._fill(films)
        if pinned is not None and pinned in films:
            self._bring_forward(pinned)
        elif before[0] == self._places[0] and now - self._changed_at >= STAYS_S:
            speaker = self._speaker(now)
            if speaker is not None:
                self._bring_forward(speaker)
        if self._places[0] != before[0]:
            self._changed_at = now
        return self._places != before

    def _listen(self, now: float, films: Sequence[Id], talking: Collection[Id]) -> None:
        for one in films:
            if one in talking:
                self._since.setdefault(one, now)
                self._spoke[one] = now
            else:
                self._since.pop(one, None)
        for gone in self._spoke.keys() - set(films):
            self._spoke.pop(gone, None)
            self._since.pop(gone, None)

    def _fill(self, films: Sequence[Id]) -> None:
        """Those who stay keep their places; the free ones go to who spoke last, then to who came first."""
        waiting = [one for one in films if one not in self._places]
        waiting.sort(key=lambda one: -self._spoke.get(one, float("-inf")))
        if self._places[0] is None and not waiting:
            # The large place is the last to be empty.
            seated = [at for at, one in enumerate(self._places) if one is not None]
            if seated:
                at = max(seated, key=lambda at: self._spoke.get(self._places[at] or 0, float("-inf")))
                self._places[0], self._places[at] = self._places[at], None
        for at, one in enumerate(self._places):
            if one is None and waiting:
                self._places[at] = waiting.pop(0)
        small = [one for one in self._places[1:] if one is not None]
        self._places[1:] = [*small, *[None] * (SMALL - len(small))]

    def _speaker(self, now: float) -> Id | None:
        """Who has spoken for a while, when the one in the large place does not."""
        if self._places[0] in self._since:
            return None
        ready = [one for one, since in self._since.items() if now - since >= SPEAKS_S]
        return min(ready, key=lambda one: self._since[one], default=None)

    def _bring_forward(self, one: Id) -> None:
        if one == self._places[0]:
            return
        if one in self._places:
            at = self._places.index(one)
        else:
            # Whoever has been silent for longest gives up a place.
            at = min(
                range(1, 1 + SMALL),
                key=lambda at: (
                    self._places[at] is not None,
                    self._spoke.get(self._places[at] or 0, float("-inf")),
                ),
            )
        self._places[0], self._places[at] = one, self._places[0]
        small = [other for other in self._places[1:] if other is not None]
        self._places[1:] = [*small, *[None] * (SMALL - len(small))]
