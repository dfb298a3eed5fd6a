"""A meeting room as the engine sees it. Pexip's is the first kind; another kind implements the same Protocol.

A room knows seats, people and signalling; it never touches media itself. It is handed a :class:`Leg`, one
media connection, and trades that leg's offer for the room's answer. What happens in the room by itself
comes as events to the ``emit`` that the room was made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from kit.ipc.call import Capabilities, LoginWay, Participant
from kit.visit.model import EndReason, Refusal


class TurnServer(Struct, frozen=True):
    """A relay for media and the credentials for it."""

    urls: tuple[str, ...]
    username: str
    credential: str

    def __repr__(self) -> str:
        """Say nothing: the credentials are secret."""
        return "TurnServer(…)"


class IceServers(Struct, frozen=True):
    """What the room gives for ICE; ``relay_only`` forbids direct paths."""

    stun: tuple[str, ...] = ()
    turn: tuple[TurnServer, ...] = ()
    relay_only: bool = False


class Leg(Protocol):
    """One media connection: audio and main video both ways, slides towards the kit when they are on."""

    async def offer(self) -> str:
        """Return an SDP offer with all candidates in it; ValueError when the connection has ended."""

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        """Apply the room's answer; ValueError when it cannot be used. The limit is for what the kit sends."""

    async def candidate(self, candidate: str, mid: str | None) -> None:
        """Take another way to the other side, after the answer; empty: there are no more. Never raises."""

    def want_slides(self, on: bool) -> None:
        """Ask for the slides line, or stop it, in the next offer."""


class Refused(Exception):  # noqa: N818 - it names what the room did
    """The room said no, or gave no usable answer. ``passing``: the same request may succeed later."""

    def __init__(self, reason: Refusal, support_code: str = "", *, passing: bool = False) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.support_code = support_code
        self.passing = passing


class PinNeeded(Exception):  # noqa: N818 - it names what the room wants
    """The room wants a PIN; ``wrong`` when one was given."""

    def __init__(self, *, wrong: bool) -> None:
        super().__init__("wrong" if wrong else "needed")
        self.wrong = wrong


class ExtensionNeeded(Exception):  # noqa: N818 - it names what the room wants
    """A reception that leads to many rooms wants the number of one; ``wrong`` when one was given."""

    def __init__(self, *, wrong: bool) -> None:
        super().__init__("wrong" if wrong else "needed")
        self.wrong = wrong


class LoginNeeded(Exception):  # noqa: N818 - it names what the room wants
    """The room wants a login, and there is a choice: the invitation must name one of ``ways``."""

    def __init__(self, ways: tuple[LoginWay, ...]) -> None:
        super().__init__("needed")
        self.ways = ways


class SeatLost(Exception):  # noqa: N818 - it names what happened
    """The room no longer knows this seat: join anew."""


class WaitingChanged(Struct, frozen=True):
    """Held in the waiting room, or let in."""

    waiting: bool


class RosterChanged(Struct, frozen=True):
    """Everybody whom the room shows to the kit, the kit included."""

    participants: tuple[Participant, ...]


class Message(Struct, frozen=True):
    """A chat message from somebody else."""

    author: str
    text: str


class SlidesChanged(Struct, frozen=True):
    """Somebody else began or stopped presenting."""

    on: bool


class PicturesChanged(Struct, frozen=True):
    """Whose pictures the leg shows, by uuid: the large one, then the small ones.

    Only of rooms that send a picture of each participant. ``pinned``: the large one was chosen by hand.
    """

    uuids: tuple[str, ...]
    pinned: bool = False


class SeatChanged(Struct, frozen=True):
    """Opaque bytes with which another process can take this seat (:meth:`Room.resume`). Secret."""

    blob: bytes


class CapabilitiesChanged(Struct, frozen=True):
    """What the room can do for the kit, told before all else and whenever it changes."""

    capabilities: Capabilities


class Caption(Struct, frozen=True):
    """What is being said, as the room understands it; ``final`` when this sentence will not change."""

    text: str
    final: bool


class FloorChanged(Struct, frozen=True):
    """The kit was given the floor, or lost it: to somebody else, or because the room took it."""

    mine: bool


class Moderated(Struct, frozen=True):
    """The room muted the kit, or lets it be heard again. The kit's own switch is another thing."""

    muted: bool


class Transferred(Struct, frozen=True):
    """The room sends the kit to another one: join anew, the room object knows where."""


class LoginShown(Struct, frozen=True):
    """Somebody must log in at this address, on a phone of their own; None: that is over."""

    url: str | None


class Misread(Struct, frozen=True):
    """So much of what the server said since the last time did not fit its type, and was passed over."""

    count: int


class LegLost(Struct, frozen=True):
    """The room ended the media connection but keeps the seat."""


class SeatGone(Struct, frozen=True):
    """The seat is lost: join anew."""


class Over(Struct, frozen=True):
    """The meeting is over for the kit, for good."""

    reason: EndReason
    support_code: str = ""


RoomEvent = (
    WaitingChanged
    | RosterChanged
    | Message
    | SlidesChanged
    | PicturesChanged
    | CapabilitiesChanged
    | Caption
    | FloorChanged
    | Moderated
    | Transferred
    | LoginShown
    | SeatChanged
    | Misread
    | LegLost
    | SeatGone
    | Over
)


class Room(Protocol):
    """One room and at most one seat in it."""

    async def join(self) -> bool:
        """Take a seat; True while the room lets the kit wait.

        Refused, PinNeeded, ExtensionNeeded or LoginNeeded when it does not.
        """

    async def resume(self, seat: bytes) -> bool:
        """Take the seat that another process had; SeatLost when it is gone, Refused as for :meth:`join`."""

    @property
    def servers(self) -> IceServers:
        """What the next leg should be made with."""

    async def place(self, leg: Leg) -> None:
        """Connect this leg beside what the seat has; it is the seat's from now on. SeatLost or Refused."""

    async def remove(self, leg: Leg) -> None:
        """End a leg in the room; the seat's is then the newest of the others. Never raises."""

    async def renegotiate(self, leg: Leg) -> None:
        """Trade a new offer of the placed leg, after :meth:`Leg.want_slides`; SeatLost or Refused."""

    async def tell(self, *, muted: bool, camera_off: bool) -> None:
        """Let the others know about microphone and camera; failures are retried with the next refresh."""

    async def say(self, text: str) -> bool:
        """Send a chat message to everybody; whether the room took it."""

    async def present(self, *, on: bool) -> bool:
        """Take the floor, or give it back; whether the kit has what it asked for."""

    async def raise_hand(self, *, on: bool) -> None:
        """Ask to speak, or no longer; the roster shows what the room made of it."""

    async def captions(self, *, on: bool) -> None:
        """Ask for :class:`Caption` events, or no more of them."""

    def pin(self, uuid: str) -> None:
        """Show this participant large, whoever speaks; empty: the one who speaks.

        Of no effect in rooms that make one picture of all.
        """

    def measured(self, statistics: Mapping[str, Mapping[str, float | str]]) -> None:
        """Take the newest call statistics; the room is sent them at the pace it asked for."""

    @property
    def unheard_s(self) -> float:
        """Seconds since the room's signalling was last known to be connected; 0 while it is."""

    def reconnect(self) -> None:
        """The path has changed or died: connect the signalling anew, at once."""

    async def leave(self) -> None:
        """Give the seat back and forget everything. Never raises; the caller bounds the time."""
