"""Who is in the room, from the node's participant events. Pure."""

from __future__ import annotations

from kit.ipc.call import Participant, Role
from kit.meeting.pexip.messages import WAITING_ROOM, Row, Staged, yes

MAX_PARTICIPANTS = 500
MAX_NAME = 120
_SPEAKING = 50
"""Voice activity is 0–100; nodes send 0 or 100."""


class RosterBook:
    """The roster as the node tells it; between ``begin`` and ``end`` of a sync the old one stays."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._coming: dict[str, Row] | None = None
        self._speaking: frozenset[str] = frozenset()
        self._pictured: frozenset[str] = frozenset()
        self.me = ""
        """This kit's own participant."""
        self._ghosts: set[str] = set()

    def seat(self, me: str) -> None:
        """Take a seat; an earlier one stays in the room until its token times out, and is hidden."""
        if self.me and self.me != me:
            self._ghosts.add(self.me)
        self.me = me

    def begin_sync(self) -> None:
        """The node will now name everybody."""
        self._coming = {}

    def end_sync(self) -> None:
        """Everybody has been named."""
        if self._coming is not None:
            self._rows, self._coming = self._coming, None

    @property
    def syncing(self) -> bool:
        """Whether a sync is under way."""
        return self._coming is not None

    def put(self, row: Row) -> None:
        """Somebody came or changed; beyond :data:`MAX_PARTICIPANTS` newcomers are not kept."""
        rows = self._rows if self._coming is None else self._coming
        if row.uuid in rows or len(rows) < MAX_PARTICIPANTS:
            rows[row.uuid] = row

    def update(self, row: Row) -> None:
        """Somebody changed; nobody who is not here comes by this: it may have crossed with their leaving."""
        rows = self._rows if self._coming is None else self._coming
        if row.uuid in rows:
            rows[row.uuid] = row

    def remove(self, uuid: str) -> None:
        """Somebody left."""
        (self._rows if self._coming is None else self._coming).pop(uuid, None)

    def stage(self, staged: list[Staged]) -> None:
        """Who is heard now."""
        self._speaking = frozenset(s.participant_uuid for s in staged if s.vad >= _SPEAKING)

    def layout(self, pictured: frozenset[str]) -> None:
        """Who is in the picture now."""
        self._pictured = pictured

    @property
    def mine(self) -> Row | None:
        """This kit's own row; None while the node has not named it."""
        return self._rows.get(self.me)

    @property
    def waiting(self) -> bool | None:
        """Whether this kit waits; None while the node has not named it."""
        return None if self.mine is None else self.mine.service_type == WAITING_ROOM

    @property
    def others_present(self) -> bool:
        """Whether somebody else is presenting."""
        return any(yes(row.is_presenting) for row in self._rows.values() if row.uuid != self.me)

    def participants(self) -> tuple[Participant, ...]:
        """Everybody, in the order in which they came."""
        rows = sorted(self._rows.values(), key=lambda row: (row.start_time or 0.0, row.uuid))
        return tuple(self._participant(row) for row in rows if row.uuid not in self._ghosts)

    def _participant(self, row: Row) -> Participant:
        return Participant(
            uuid=row.uuid,
            name=shown_name(row.display_name, row.uri),
            role=Role.HOST if is_host(row.role) else Role.GUEST,
            me=row.uuid == self.me,
            muted=yes(row.is_muted) or yes(row.is_client_muted),
            camera_off=yes(row.is_video_muted),
            waiting=row.service_type == WAITING_ROOM,
            speaking=row.uuid in self._speaking,
            presenting=yes(row.is_presenting),
            hand_raised=bool(row.buzz_time),
            pictured=row.uuid in self._pictured,
        )


def is_host(role: str) -> bool:
    """Whether a role is a host's, in the roster's spelling or in the token's."""
    return role.lower() in {"chair", "host"}


def shown_name(display_name: str, uri: str = "") -> str:
    """A name as Pexip's clients show it, on one line and bounded."""
    name = display_name or uri.removeprefix("sip:")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:MAX_NAME]
