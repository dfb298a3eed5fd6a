"""All rooms of the server: which aliases exist, which meetings run, and what the whole server refuses."""

import asyncio
import contextlib
import time

import msgspec
import structlog

from kit.meeting.testroom.conference import Conference, new_id
from kit.meeting.testroom.config import Config, RoomConfig
from kit.meeting.testroom.rooms.admission import PinAttempts
from kit.meeting.testroom.rooms.participant import Participant
from kit.meeting.testroom.rooms.passes import Passes
from kit.meeting.testroom.rooms.registrations import Registrations

_SWEEP_S = 0.5

log = structlog.get_logger()


class Faults(msgspec.Struct):
    """What the lab has broken on purpose. Keys are the last words of API paths, such as ``calls``."""

    maintenance: bool = False
    delay_s: dict[str, float] = {}
    refuse: dict[str, tuple[int, str]] = {}
    """HTTP status and the words with it."""


class Rooms:
    """Rooms by alias. An echo room runs once for each visitor, all others once."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.rooms: dict[str, RoomConfig] = {room.alias: room for room in config.rooms}
        self.attempts = PinAttempts(config.limits.pin_attempts, config.limits.pin_lockout_s)
        self.devices = Registrations(config.devices, config.limits, new_id)
        self.passes = Passes()
        self.faults = Faults()
        self._running: dict[str, list[Conference]] = {}
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to put out who is overdue."""
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep())

    async def close(self) -> None:
        """End all meetings and stop."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await self.end_meetings()

    async def end_meetings(self) -> None:
        """End all meetings without a word; the rooms can be joined again."""
        ended = self.running()
        self._running.clear()
        for conference in ended:
            await conference.close()

    def running(self, alias: str | None = None) -> list[Conference]:
        """Meetings that run under an alias, or all."""
        if alias is not None:
            return list(self._running.get(alias, ()))
        return [conference for conferences in self._running.values() for conference in conferences]

    @property
    def participants(self) -> int:
        """How many there are in the whole server."""
        return sum(len(conference.meeting.participants) for conference in self.running())

    @property
    def is_full(self) -> bool:
        """True when the whole server takes nobody more."""
        return self.participants >= self.config.limits.participants

    def meeting_for(self, room: RoomConfig) -> Conference:
        """The meeting that somebody who comes now joins."""
        running = self._running.setdefault(room.alias, [])
        if room.echo or not running:
            running.append(Conference(room, self.config.limits, self.config.picture, self.devices))
        return running[-1]

    def behind(self, number: str) -> RoomConfig | None:
        """The room to which receptions lead by this number."""
        return next((room for room in self.rooms.values() if room.number == number), None)

    def find(self, alias: str, token: str) -> tuple[Conference, Participant] | None:
        """The meeting under this alias in which the token is good, and who holds it."""
        room = self.rooms.get(alias)
        # A client that came through a reception goes on by the reception's name.
        anywhere = room is not None and room.reception
        for conference in self.running() if anywhere else self._running.get(alias, ()):
            owner = conference.owner(token)
            if owner is not None:
                return conference, owner
        return None

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self.devices.sweep(time.monotonic())
            for conference in self.running():
                await conference.sweep()
            await self._close_deserted()

    async def _close_deserted(self) -> None:
        for running in self._running.values():
            for conference in [c for c in running if c.is_deserted]:
                running.remove(conference)
                self.devices.hang_up(conference.meeting.config.alias)
                await conference.close()
                log.info("meeting over")
