"""What a seat hears, without a node: events go in as JSON, and everything that comes of them is kept."""

from __future__ import annotations

import asyncio

import msgspec

from kit.ipc.call import Participant
from kit.meeting.pexip.hearing import GATHER_S, Hearing
from kit.meeting.room import CapabilitiesChanged, RoomEvent, RosterChanged


class Ear:
    """Does nothing that the node asks for, but notes it."""

    def __init__(self) -> None:
        self.all: list[RoomEvent] = []
        self.asked: list[object] = []
        self.muted_itself = False
        self.hearing = Hearing(self.all.append, self)
        self.hearing.seated("me")

    @property
    def events(self) -> list[RoomEvent]:
        """All but what the room can do, which each seat begins with."""
        return [event for event in self.all if not isinstance(event, CapabilitiesChanged)]

    def refresh(self) -> None:
        self.asked.append("refresh")

    def refer(self, alias: str, token: str | None) -> None:
        self.asked.append((alias, token))

    def candidate(self, candidate: str, mid: str | None) -> None:
        self.asked.append((candidate, mid))

    def lowered(self) -> None:
        self.asked.append("lowered")

    def hear(self, name: str, data: object = None) -> None:
        self.hearing.hear(name, msgspec.json.encode(data).decode())

    def sync(self, *rows: dict[str, object]) -> None:
        self.hear("participant_sync_begin")
        for entry in rows:
            self.hear("participant_create", entry)
        self.hear("participant_sync_end")

    async def roster(self) -> tuple[Participant, ...]:
        await asyncio.sleep(GATHER_S * 1.5)
        return next(e.participants for e in reversed(self.all) if isinstance(e, RosterChanged))


def row(uuid: str, **fields: object) -> dict[str, object]:
    return {"uuid": uuid, "display_name": uuid, "service_type": "conference", "role": "guest", **fields}
