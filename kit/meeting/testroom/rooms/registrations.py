"""Devices that can be called: who is registered, and which calls ring where.

Times are seconds of a clock that does not go backwards. Simpler than a node: who is being dialled is not in
the roster until the call is answered.
"""

import hmac
from collections.abc import Callable

import msgspec

from kit.meeting.testroom.config import DeviceConfig, Limits
from kit.meeting.testroom.events import EventStream
from kit.meeting.testroom.rooms.participant import Role
from kit.meeting.testroom.rooms.tokens import TokenBook, random_token

MAX_STREAMS = 4
"""Open event streams of one device; the oldest is ended for a fifth."""
MAX_RINGS = 20


class Ring(msgspec.Struct, frozen=True):
    """A call under way to a device. ``token`` opens the room once; ``uuid`` is what the dialling host got."""

    uuid: str
    token: str
    device: str
    room: str
    caller: str
    role: Role
    since: float

    @property
    def told(self) -> dict[str, object]:
        """Data of ``incoming``."""
        return {
            "conference_alias": self.room,
            "remote_display_name": self.caller,
            "remote_alias": self.room,
            "local_alias": self.device,
            "service_type": "conference",
            "token": self.token,
        }


class Registrations:
    """The devices of one server."""

    def __init__(
        self,
        devices: tuple[DeviceConfig, ...],
        limits: Limits,
        new_id: Callable[[], str],
        new_token: Callable[[], str] = random_token,
    ) -> None:
        self.tokens = TokenBook(limits.token_s, limits.token_grace_s, new_token)
        self.rings: list[Ring] = []
        self._devices = {device.alias: device for device in devices}
        self._ring_s = limits.ring_s
        self._new_id, self._new_token = new_id, new_token
        self._streams: dict[str, list[EventStream]] = {}

    def register(self, alias: str, user: str, password: str, now: float) -> str | None:
        """A token for the device, or None when anything of this is wrong."""
        device = self._devices.get(alias)
        if device is None or device.user != user:
            return None
        right = hmac.compare_digest(device.password.encode(), password.encode())
        return self.tokens.issue(alias, now) if right else None

    def is_registered(self, alias: str) -> bool:
        """Whether a call would be heard there."""
        return bool(self._streams.get(alias))

    def release(self, alias: str) -> None:
        """The device can be called no more."""
        self.tokens.revoke(alias)
        for stream in self._streams.pop(alias, []):
            stream.close()

    def subscribe(self, alias: str) -> EventStream:
        """A new event stream: first the calls that ring already."""
        stream = EventStream()
        for ring in self.rings:
            if ring.device == alias:
                stream.put("incoming", ring.told)
        streams = self._streams.setdefault(alias, [])
        streams.append(stream)
        if len(streams) > MAX_STREAMS:
            streams.pop(0).cut()
        return stream

    def unsubscribe(self, alias: str, stream: EventStream) -> None:
        """The connection is gone."""
        if stream in self._streams.get(alias, ()):
            self._streams[alias].remove(stream)

    def cut_events(self, alias: str) -> None:
        """End event streams in the middle, as a network fault would."""
        for stream in self._streams.pop(alias, []):
            stream.cut()

    def dial(self, device: str, room: str, caller: str, role: Role, now: float) -> Ring | None:
        """Let a device ring; None when nobody would hear it, or too much rings already."""
        if not self.is_registered(device) or len(self.rings) >= MAX_RINGS:
            return None
        ring = Ring(self._new_id(), self._new_token(), device, room, caller, role, now)
        self.rings.append(ring)
        self._tell(device, "incoming", ring.told)
        return ring

    def answer(self, room: str, token: str) -> Ring | None:
        """Take the call that this token belongs to; the token is good no more."""
        found = next((r for r in self.rings if r.token == token and r.room == room), None)
        if found is not None:
            self.rings.remove(found)
        return found

    def hang_up(self, room: str, uuid: str | None = None) -> bool:
        """The host dials no more: one call, or all of a room."""
        ended = [r for r in self.rings if r.room == room and uuid in (None, r.uuid)]
        for ring in ended:
            self._cancel(ring)
        return bool(ended)

    def sweep(self, now: float) -> None:
        """End what has rung for too long, and registrations that were not refreshed."""
        for ring in [r for r in self.rings if now - r.since >= self._ring_s]:
            self._cancel(ring)
        for alias in self.tokens.lapsed(now):
            self.release(alias)

    def _cancel(self, ring: Ring) -> None:
        self.rings.remove(ring)
        self._tell(ring.device, "incoming_cancelled", {"token": ring.token})

    def _tell(self, device: str, name: str, data: object) -> None:
        for stream in self._streams.get(device, ()):
            stream.put(name, data)
