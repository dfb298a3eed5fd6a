"""From the lines that are subscribed to those that are wanted, in as few steps as possible. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from kit.meeting.janus.leg import Fit
from kit.meeting.janus.messages import Id, StreamOf
from kit.meeting.janus.people import Known

MAX_HEARD = 24
"""Of so many sound is taken: each costs a line, packets and decoding. Those who speak go first."""


class Key(NamedTuple):
    """One stream of one publisher."""

    feed: Id
    mid: str


class Wanted(Struct, frozen=True, kw_only=True):
    """What the kit wants to receive."""

    heard: frozenset[Key] = frozenset()
    """Sound, of everybody up to :data:`MAX_HEARD`."""
    data: frozenset[Key] = frozenset()
    seen: tuple[Key | None, ...] = ()
    """Pictures by place."""
    codecs: dict[Key, str] = {}
    layered: frozenset[Key] = frozenset()
    """Of these the publisher sends several sizes."""
    fit: Fit = Fit.ALL
    """How much of the pictures fits the way to here."""

    def rests(self, key: Key) -> bool:
        """Whether this picture does not fit: its line stays, and nothing comes on it."""
        return self.fit is Fit.NONE or (self.fit is Fit.SMALL and key not in self.layered)

    @property
    def shown(self) -> tuple[Key | None, ...]:
        """Pictures by place, without those that rest."""
        return tuple(key for key in self.seen if key is None or not self.rests(key))


class Step(Struct, frozen=True, kw_only=True):
    """What to ask for. Empty: nothing."""

    switch: tuple[tuple[Key, str], ...] = ()
    """Let this line carry another stream, without a new description."""
    subscribe: tuple[Key, ...] = ()
    unsubscribe: tuple[Key, ...] = ()


def wanted(others: Sequence[Known], places: Sequence[Id | None], fit: Fit = Fit.ALL) -> Wanted:
    """Return what to receive of these, with their pictures in these places as far as they fit."""
    heard: list[Key] = []
    data, codecs, layered = set(), {}, set()
    films: dict[Id, Key] = {}
    for other in sorted(others, key=lambda other: not other.talking):
        heard += [Key(other.id, stream.mid) for stream in other.open("audio")]
        data |= {Key(other.id, stream.mid) for stream in other.open("data")}
        video = other.video
        if video is not None:
            key = films[other.id] = Key(other.id, video.mid)
            codecs[key] = video.codec
            if video.simulcast is True:
                layered.add(key)
    seen = tuple(films.get(one) if one is not None else None for one in places)
    return Wanted(
        heard=frozenset(heard[:MAX_HEARD]),
        data=frozenset(data),
        seen=seen,
        codecs=codecs,
        layered=frozenset(layered),
        fit=fit,
    )


def carried(streams: Sequence[StreamOf]) -> dict[Key, str]:
    """Return which stream each active line of sound and pictures carries: publisher's stream to own mid."""
    lines = {**_active(streams, "audio"), **_active(streams, "video")}
    return {key: line.mid for key, line in lines.items()}


def step(streams: Sequence[StreamOf], want: Wanted) -> Step:
    """Return what to ask for. Data has one line for all; who leaves is taken off it by the server."""
    films, heard = _active(streams, "video"), _active(streams, "audio")
    sources = {feed for stream in streams if stream.type == "data" for feed in stream.source_ids}
    seen = [key for key in want.seen if key is not None]
    spare = [line for key, line in films.items() if key not in seen]
    switch, more = [], []
    for key in seen:
        if key in films:
            continue
        line = next((line for line in spare if line.codec == want.codecs[key]), None)
        if line is None:
            more.append(key)
        else:
            spare.remove(line)
            switch.append((key, line.mid))
    less = [Key(line.feed_id, line.feed_mid) for line in spare if line.feed_id is not None]
    return Step(
        switch=tuple(switch),
        subscribe=(
            *sorted(want.heard - heard.keys(), key=str),
            *sorted((key for key in want.data if key.feed not in sources), key=str),
            *more,
        ),
        unsubscribe=(*sorted(heard.keys() - want.heard, key=str), *less),
    )


def _active(streams: Sequence[StreamOf], kind: str) -> dict[Key, StreamOf]:
    return {
        Key(stream.feed_id, stream.feed_mid): stream
        for stream in streams
        if stream.type == kind and stream.active and stream.feed_id is not None
    }


def layers(streams: Sequence[StreamOf], want: Wanted) -> list[dict[str, Any]]:
    """Return which size of those that send several: the large place the largest, small ones the smallest."""
    mids = carried(streams)
    return [
        {"mid": mids[key], "substream": 2 if place == 0 and want.fit is Fit.ALL else 0}
        for place, key in enumerate(want.seen)
        if key is not None and key in want.layered and key in mids
    ]


def resting(streams: Sequence[StreamOf], want: Wanted) -> frozenset[str]:
    """Return the lines whose pictures do not fit."""
    mids = carried(streams)
    return frozenset(mids[key] for key in want.seen if key in mids and want.rests(key))
