"""A room under test, what it has said, and a leg that trades text."""

import ssl

from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import RoomEvent, SeatChanged
from kit.visit.model import Invitation
from tests.kit.meeting.pexip.node import Node


class Leg:
    """The media side's part of the trade: text in, text out."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, int | None]] = []
        self.slides = False
        self.candidates: list[tuple[str, str | None]] = []

    async def offer(self) -> str:
        return "v=0\r\nm=video 9 x 1\r\nc=IN\r\na=mid:0\r\n"

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        if sdp == "broken":
            raise ValueError
        self.answers.append((sdp, max_video_bps))

    async def candidate(self, candidate: str, mid: str | None) -> None:
        self.candidates.append((candidate, mid))

    def want_slides(self, on: bool) -> None:
        self.slides = on


class Seat:
    """A room under test and what it has said."""

    def __init__(self, node: Node, tls: ssl.SSLContext, pin: str | None = None) -> None:
        self.events: list[RoomEvent] = []
        self.room = PexipRoom(
            Invitation(host=node.host, alias="sip-1", pin=pin), "Hembesök", tls, self.events.append
        )

    @property
    def blob(self) -> bytes:
        return next(e.blob for e in reversed(self.events) if isinstance(e, SeatChanged))
