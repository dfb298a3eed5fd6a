"""Who is in the room and what they publish, from events that may come twice or in another order. Pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from kit.ipc.call import Participant
from kit.meeting.janus.messages import Id, Person, Status, StreamOf

MAX_NAME = 120
MAX_PEOPLE = 500
ME = "kit"
"""The kit's own uuid: its names in the room change with each leg."""
SOUND, PICTURES = frozenset({"opus"}), frozenset({"h264", "vp8"})
"""Codecs that the kit can decode."""


class Known(Struct, frozen=True, kw_only=True):
    """One of the others."""

    id: Id
    name: str
    streams: tuple[StreamOf, ...] = ()
    talking: bool = False
    muted: bool = False
    camera_off: bool = False

    def open(self, kind: str) -> tuple[StreamOf, ...]:
        """What of a kind they publish and the kit can use."""
        codecs = {"audio": SOUND, "video": PICTURES}.get(kind)
        return tuple(
            stream
            for stream in self.streams
            if stream.type == kind and not stream.disabled and (codecs is None or stream.codec in codecs)
        )

    @property
    def video(self) -> StreamOf | None:
        """The picture of them that is shown."""
        return next(iter(self.open("video")), None)


class People:
    """In order of their coming."""

    def __init__(self, my_name: str) -> None:
        self._my_name = my_name
        self._others: dict[Id, Known] = {}
        self._mine: set[Id] = set()
        self.my_talking = False

    def mine(self, feed: Id) -> None:
        """A name of the kit itself."""
        self._mine.add(feed)
        self._others.pop(feed, None)

    def is_me(self, feed: Id | None) -> bool:
        """Whether this is the kit."""
        return feed in self._mine

    def clear(self) -> None:
        """Nobody is known."""
        self._others.clear()
        self._mine.clear()

    def put(self, person: Person) -> None:
        """Somebody came, or publishes something else. One who publishes nothing has no streams."""
        if person.id in self._mine or (len(self._others) >= MAX_PEOPLE and person.id not in self._others):
            return
        known = self._others.get(person.id, Known(id=person.id, name=""))
        self._others[person.id] = replace(
            known,
            name=shown_name(person.display) or known.name,
            streams=tuple(person.streams),
            talking=person.talking,
        )

    def only(self, people: list[Person]) -> None:
        """These are all; whoever else was known has left."""
        there = {person.id for person in people}
        for gone in self._others.keys() - there:
            del self._others[gone]
        for person in people:
            self.put(person)

    def remove(self, feed: Id) -> None:
        """Somebody left."""
        self._others.pop(feed, None)
        self._mine.discard(feed)

    def unpublished(self, feed: Id) -> None:
        """Somebody sends nothing any more."""
        self._change(feed, streams=(), talking=False)

    def talking(self, feed: Id, *, on: bool) -> None:
        """Somebody speaks, or no longer."""
        if feed in self._mine:
            self.my_talking = on
        self._change(feed, talking=on)

    def renamed(self, feed: Id, display: str) -> None:
        """Somebody has another name."""
        self._change(feed, name=shown_name(display))

    def moderated(self, feed: Id, mid: str, *, muted: bool) -> None:
        """A moderator silenced a stream of somebody's, or lets it be heard."""
        known = self._others.get(feed)
        if known is not None:
            streams = tuple(replace(s, moderated=muted) if s.mid == mid else s for s in known.streams)
            self._change(feed, streams=streams)

    def switched(self, feed: Id, status: Status) -> None:
        """Somebody says what is on with them."""
        if status.audioEnabled is not None:
            self._change(feed, muted=not status.audioEnabled)
        if status.videoEnabled is not None:
            self._change(feed, camera_off=not status.videoEnabled)

    def known(self, uuid: str) -> Known | None:
        """Return who has this uuid."""
        return next((other for other in self._others.values() if str(other.id) == uuid), None)

    @property
    def others(self) -> tuple[Known, ...]:
        """Everybody but the kit."""
        return tuple(self._others.values())

    def participants(self, *, muted: bool, camera_off: bool) -> tuple[Participant, ...]:
        """Everybody, the kit with its own switches first."""
        me = Participant(
            uuid=ME, name=self._my_name, me=True, muted=muted, camera_off=camera_off, speaking=self.my_talking
        )
        return (me, *map(_participant, self._others.values()))

    def _change(self, feed: Id, **changes: object) -> None:
        if feed in self._others:
            self._others[feed] = replace(self._others[feed], **changes)


def _participant(known: Known) -> Participant:
    heard = [stream for stream in known.open("audio") if not stream.moderated]
    return Participant(
        uuid=str(known.id),
        name=known.name,
        muted=known.muted or not heard,
        camera_off=known.camera_off or known.video is None,
        speaking=known.talking,
    )


def shown_name(display: str) -> str:
    """A name on one line, and bounded."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in display).split())[:MAX_NAME]
