"""One meeting: who is in it, in which state, and what everybody must be told when that changes.

Pure: no network, no media; identities come from ``new_id`` and times, in seconds since the epoch, from the
caller. Each command returns the notices that follow from it, and none when it changes nothing.
"""

from collections.abc import Callable

from msgspec.structs import replace

from kit.meeting.testroom.config import Limits, RoomConfig
from kit.meeting.testroom.rooms.notices import Created, Deleted, Notice, Told, Updated
from kit.meeting.testroom.rooms.participant import Participant, Role, ServiceType

WAITED_TOO_LONG = "Timeout waiting for conference host to join or permit access to locked conference"
HOSTS_GONE = "All conference hosts departed hosted conference"
REVOKED = {"presenter_name": "", "presenter_uri": "", "presenter_uuid": ""}
"""``presentation_start`` with this tells a presenter that somebody else has taken the floor."""


class Meeting:
    """The state of one meeting."""

    def __init__(self, config: RoomConfig, limits: Limits, new_id: Callable[[], str]) -> None:
        self.config = config
        self.participants: dict[str, Participant] = {}
        self.locked = config.locked
        self.started = False
        self.guests_muted = config.lecture
        self.guests_can_unmute = not config.lecture
        self.presenter: str | None = None
        self._limits = limits
        self._new_id = new_id
        self._hosts_gone_at: float | None = None

    def status(self) -> dict[str, object]:
        """Data of ``conference_update`` and ``conference_status``."""
        people = self.participants.values()
        return {
            "locked": self.locked,
            "started": self.started,
            "guests_muted": self.guests_muted,
            "all_muted": bool(people) and all(p.is_muted for p in people),
            "guests_can_unmute": self.guests_can_unmute,
            "guests_can_present": self.config.guests_can_present,
            "presentation_allowed": True,
            "live_captions_available": self.config.captions,
            "direct_media": False,
            "breakout_rooms": False,
            "chat_enabled": True,
            "recording": False,
            "transcribing": False,
            "streaming": False,
            "classification": {"levels": {}, "current": None},
        }

    @property
    def is_full(self) -> bool:
        """True when nobody more gets in."""
        return len(self.participants) >= self.config.capacity

    @property
    def hosts(self) -> list[Participant]:
        """The hosts that are here."""
        return [p for p in self.participants.values() if p.is_host]

    def others(self, viewer: str) -> list[Participant]:
        """Whom ``viewer`` sees and hears, in order of joining; nobody while it waits."""
        me = self.participants.get(viewer)
        if me is None or me.is_waiting:
            return []
        return [
            p
            for p in self.participants.values()
            if p.uuid != viewer and not p.is_waiting and (p.is_host or me.is_host or not self.config.lecture)
        ]

    def join(
        self, name: str, role: Role, now: float, *, call_tag: str = "", supports_direct_chat: bool = True
    ) -> tuple[Participant, list[Notice]]:
        """Somebody comes in, or waits: guests while no host is here or the room is locked."""
        waits = role is Role.GUEST and (self.locked or not self.started)
        me = Participant(
            uuid=self._new_id(),
            display_name=name,
            role=role,
            service_type=ServiceType.WAITING_ROOM if waits else self._inside,
            start_time=now,
            call_tag=call_tag,
            supports_direct_chat=supports_direct_chat,
            is_muted=role is Role.GUEST and self.guests_muted,
        )
        self.participants[me.uuid] = me
        notices: list[Notice] = [Created(me)]
        if role is Role.CHAIR:
            self._hosts_gone_at = None
            notices += self.start()
        return me, notices

    def leave(self, uuid: str, now: float) -> list[Notice]:
        """Somebody is gone; harmless when it was gone already. The last one out resets the room."""
        if uuid not in self.participants:
            return []
        notices = self.release_floor(uuid)
        gone = self.participants.pop(uuid)
        notices.append(Deleted(gone))
        if gone.is_host and not self.hosts:
            self._hosts_gone_at = now
        if self.started and all(p.is_waiting for p in self.participants.values()):
            self._reset()
            notices.append(self._status())
        return notices

    def overdue(self, now: float) -> list[tuple[str, str]]:
        """Who must leave by now, and with which reason."""
        gone = [
            (p.uuid, WAITED_TOO_LONG)
            for p in self.participants.values()
            if p.is_waiting and now - p.start_time >= self._limits.host_wait_s
        ]
        if self._hosts_gone_at is not None and now - self._hosts_gone_at >= self._limits.guests_only_s:
            gone += [(p.uuid, HOSTS_GONE) for p in self.participants.values() if not p.is_waiting]
        return gone

    def start(self) -> list[Notice]:
        """The conference begins: whoever waited for that is let in, unless the room is locked."""
        if self.started:
            return []
        self.started = True
        waiting = [] if self.locked else [p.uuid for p in self.participants.values() if p.is_waiting]
        return [self._status(), *(notice for uuid in waiting for notice in self.admit(uuid))]

    def set_lock(self, locked: bool) -> list[Notice]:
        """Lock: who comes from now on waits. Unlock: who waits is let in, when the conference has begun."""
        if self.locked == locked:
            return []
        self.locked = locked
        waiting = [p.uuid for p in self.participants.values() if p.is_waiting and not locked and self.started]
        return [self._status(), *(notice for uuid in waiting for notice in self.admit(uuid))]

    def admit(self, uuid: str) -> list[Notice]:
        """Let one in who waits; it then learns who else is here."""
        p = self.participants.get(uuid)
        if p is None or not p.is_waiting:
            return []
        notices = self.change(uuid, service_type=self._inside)
        to = frozenset({uuid})
        notices += [Created(other, to) for other in self.participants.values() if other.uuid != uuid]
        if self.presenter is not None:
            notices.append(Told("presentation_start", self._presentation(), to))
        return notices

    def change(self, uuid: str, **fields: object) -> list[Notice]:
        """Set fields of a participant (names of :class:`Participant`)."""
        old = self.participants.get(uuid)
        if old is None:
            return []
        new = replace(old, **fields)
        if new == old:
            return []
        self.participants[uuid] = new
        return [Updated(new)]

    def set_role(self, uuid: str, role: Role, now: float) -> list[Notice]:
        """Make a guest host or the other way round."""
        notices = self.change(uuid, role=role)
        if role is Role.CHAIR and notices:
            self._hosts_gone_at = None
            notices += self.admit(uuid)
        elif notices and not self.hosts:
            self._hosts_gone_at = now
        return notices

    def mute_guests(self, muted: bool) -> list[Notice]:
        """Mute all guests, also those who come later, or give them back their voice."""
        self.guests_muted = muted
        guests = [p.uuid for p in self.participants.values() if not p.is_host]
        return [self._status(), *(notice for uuid in guests for notice in self.change(uuid, is_muted=muted))]

    def set_guests_can_unmute(self, allowed: bool) -> list[Notice]:
        """May a muted guest unmute itself?"""
        self.guests_can_unmute = allowed
        return [self._status()]

    def clear_all_buzz(self) -> list[Notice]:
        """Lower every raised hand."""
        return [notice for uuid in list(self.participants) for notice in self.change(uuid, buzz_time=0)]

    def may_present(self, uuid: str) -> bool:
        """Hosts, and guests where the room allows it; nobody who waits or has no call."""
        p = self.participants[uuid]
        return p.has_media and not p.is_waiting and (p.is_host or self.config.guests_can_present)

    def take_floor(self, uuid: str) -> list[Notice]:
        """Begin to present. The presenter before is told that the floor is taken from it."""
        before, self.presenter = self.presenter, uuid
        notices: list[Notice] = []
        if before is not None and before != uuid:
            notices.append(Told("presentation_start", REVOKED, frozenset({before})))
            notices += self.change(before, is_presenting=False)
        notices += self.change(uuid, is_presenting=True)
        to = frozenset(self.participants) - {uuid}
        notices.append(Told("presentation_start", self._presentation(), to, waiting_too=False))
        return notices

    def release_floor(self, uuid: str) -> list[Notice]:
        """End a presentation; harmless when somebody else holds the floor."""
        if self.presenter != uuid:
            return []
        self.presenter = None
        notices: list[Notice] = [Told("presentation_stop", {}, waiting_too=False)]
        return [*notices, *self.change(uuid, is_presenting=False)]

    def revoke(self) -> list[Notice]:
        """Take the floor from who presents."""
        if self.presenter is None:
            return []
        told = Told("presentation_start", REVOKED, frozenset({self.presenter}))
        return [told, *self.release_floor(self.presenter)]

    def message(self, sender: str, kind: str, payload: str, to: str | None = None) -> list[Notice]:
        """Chat to everybody else or to one; who waits does not write, and reads only what is for it."""
        origin = self.participants[sender]
        if origin.is_waiting:
            return []
        data = {
            "origin": origin.display_name,
            "uuid": sender,
            "type": kind,
            "payload": payload,
            "direct": to is not None,
        }
        audience = frozenset({to}) if to is not None else frozenset(self.participants) - {sender}
        return [Told("message_received", data, audience, waiting_too=to is not None)]

    def present_state(self, viewer: str) -> list[tuple[str, object]]:
        """Events after the roster for a client that connects: status, and the presentation under way."""
        events: list[tuple[str, object]] = [("conference_update", self.status())]
        me = self.participants[viewer]
        if self.presenter not in (None, viewer) and not me.is_waiting:
            events.append(("presentation_start", self._presentation()))
        return events

    def _presentation(self) -> dict[str, object]:
        presenter = self.participants[self.presenter or ""]
        return {
            "presenter_name": presenter.display_name,
            "presenter_uri": presenter.display_name,
            "presenter_uuid": presenter.uuid,
        }

    @property
    def _inside(self) -> ServiceType:
        return ServiceType.LECTURE if self.config.lecture else ServiceType.CONFERENCE

    def _status(self) -> Told:
        return Told("conference_update", self.status())

    def _reset(self) -> None:
        self.locked, self.started = self.config.locked, False
        self.guests_muted, self.guests_can_unmute = self.config.lecture, not self.config.lecture
        self._hosts_gone_at = None
