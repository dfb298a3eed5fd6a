"""Which of several devices of one kind is used: the first in order that works. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)


class Choice(Generic[Name]):
    """Devices that failed go last until they have been unplugged, or work again."""

    def __init__(self, present: Callable[[], Sequence[Name]]) -> None:
        """``present`` lists what is there now, the most wanted first."""
        self._present = present
        self._ill: set[Name] = set()

    def ordered(self) -> list[Name]:
        """Return what to try, in order."""
        present = list(self._present())
        self._ill &= set(present)
        return sorted(present, key=lambda name: name in self._ill)

    def failed(self, name: Name) -> None:
        """It could not be opened, or died."""
        self._ill.add(name)

    def works(self, name: Name) -> None:
        """It was opened."""
        self._ill.discard(name)

    def better_than(self, name: Name) -> bool:
        """Whether a device is there that is to be used instead of this one."""
        return self.ordered()[:1] not in ([], [name])
