"""What a VideoRoom asks of media beyond one connection: it sends on one and receives on another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Protocol, runtime_checkable

from kit.meeting.room import Leg


class Fit(IntEnum):
    """How much of what the others show fits the way to here."""

    NONE = 0
    SMALL = 1
    """The small size of those who send several."""
    ALL = 2


@runtime_checkable
class ForwardingLeg(Leg, Protocol):
    """The offer is for what the kit sends; what it receives is offered by the room, again and again."""

    async def receive(self, offer: str) -> str:
        """Take the room's newest offer of what it forwards; return the answer. ValueError: it is no use."""

    async def receiving(self) -> None:
        """Wait until the connection that receives is there or has failed; at once where there is none."""

    def renew(self, mid: str) -> None:
        """This line carries somebody else's pictures from now on, or none."""

    def show(self, mids: Sequence[str | None]) -> None:
        """Show these lines' pictures, the first one large; None: what comes next is not there yet.

        Places beyond are empty.
        """

    def fit(self, now: float) -> Fit:
        """Look at the way again; to be called about every quarter of a second (monotonic seconds)."""

    def send_text(self, text: str) -> bool:
        """Send to all who listen; whether there was a way."""

    def hear_text(self, heard: Callable[[str, str], None]) -> None:
        """Give each text to ``heard``, with the uuid of who sent it."""
