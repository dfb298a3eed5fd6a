"""A batch of messages into one transaction.

Nothing here acknowledges anything: that comes after the commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from fleet.contract import (
    PRESENCE,
    REPORT,
    Ack,
    Dropped,
    Health,
    Presence,
    Refused,
    RefusedReport,
    ReportHead,
    decode,
    decode_body,
    decode_head,
    parse_topic,
)
from fleet.ingest.marks import TooManyHoles, skip, take
from fleet.ingest.project import health_values, keep_latest, project
from fleet.ingest.refusals import Refusals
from fleet.ingest.streams import Stream, Streams
from fleet.presence import Connected, Disconnected, Heard
from fleet.store.presence import PresenceBook
from fleet.store.tables import HealthRow, Kit, RefusedNumber

CLOCK_AHEAD_MS: Final = 5 * 60_000
CLOCK_BEHIND_MS: Final = 90 * 24 * 3_600_000


class Incoming(Struct, frozen=True):
    """A message as it came from the broker; `retained` when it is the broker's memory of an earlier one."""

    topic: str
    payload: bytes
    retained: bool = False


def trusted_time(at: int, received: int) -> int:
    """The kit's own time of a report where it can be true, else when it was received.

    A kit without a working clock reports from 1970; one that was long without network rightly reports from
    weeks ago.
    """
    if received - CLOCK_BEHIND_MS <= at <= received + CLOCK_AHEAD_MS:
        return min(at, received)
    return received


class Intake:
    """Takes in one batch within one transaction. `acks` are what to publish once it is committed."""

    def __init__(self, session: Session, book: PresenceBook, now: int) -> None:
        self._session = session
        self._book = book
        self._now = now
        self._kits: set[str] = set()
        self._health: list[dict[str, object]] = []
        self._latest: dict[str, tuple[int, Health]] = {}
        self._refused: dict[int, list[RefusedReport]] = defaultdict(list)
        self._refusals = Refusals(session, now)
        self._heard: set[str] = set()
        self._streams = Streams(session, (), now)

    def take(self, batch: Sequence[Incoming]) -> list[tuple[str, Ack]]:
        """Store the batch; returns the acknowledgements by kit."""
        self._load(batch)
        for message in batch:
            self._message(message)
        if self._health:
            self._session.connection().execute(insert(HealthRow), self._health)
        keep_latest(self._session, self._latest, self._now)
        self._streams.save()
        self._refusals.save()
        for kit in sorted(self._heard):
            self._book.observe(kit, Heard(), self._now)
        self._book.save(self._now)
        return [(stream.kit, self._ack(stream)) for stream in self._streams]

    def _load(self, batch: Sequence[Incoming]) -> None:
        named = {parsed[0] for message in batch if (parsed := parse_topic(message.topic))}
        self._kits = set(self._session.scalars(select(Kit.id).where(Kit.id.in_(named))))
        self._streams = Streams(self._session, self._kits, self._now)
        self._book.load(self._kits)

    def _message(self, message: Incoming) -> None:
        parsed = parse_topic(message.topic)
        if parsed is None:
            self._refusals.add("unknown", "unknown_topic")
            return
        kit, channel = parsed
        if kit not in self._kits:
            self._refusals.add(kit, "unknown_kit")
            return
        try:
            if channel is PRESENCE:
                self._presence(kit, message)
            elif channel is REPORT:
                self._report(kit, decode_head(message.payload))
        except Refused as refused:
            self._refusals.add(kit, refused.code, refused.where)

    def _presence(self, kit: str, message: Incoming) -> None:
        if not message.payload:
            return  # a retained message that somebody has cleared
        presence = decode(Presence, message.payload)
        if presence.state == "online":
            self._book.observe(kit, Connected(presence.session), self._now)
            return
        why = "connection_lost" if presence.why == "connected" else presence.why
        self._book.observe(kit, Disconnected(presence.session, why), self._now)

    def _report(self, kit: str, head: ReportHead) -> None:
        if head.kit != kit:
            raise Refused("wrong_kit")
        self._heard.add(kit)
        stream = self._streams.get(kit, head.stream)
        stream.mark, lost = skip(stream.mark, min(head.oldest, head.seq))
        stream.lost += lost
        try:
            taken = take(stream.mark, head.seq)
        except TooManyHoles:
            self._refusals.add(kit, "too_many_holes")
            return
        if taken is None:
            self._repeated(stream, head)
            return
        stream.mark = taken
        self._new(stream, head)

    def _new(self, stream: Stream, head: ReportHead) -> None:
        try:
            body = decode_body(head)
        except Refused as refused:
            self._refusals.add(stream.kit, refused.code, refused.where)
            self._session.add(RefusedNumber(stream_id=stream.id, seq=head.seq, code=refused.code))
            self._refused[stream.id].append(RefusedReport(seq=head.seq, code=refused.code))
            stream.refused += 1
            return
        if isinstance(body, Dropped):
            stream.dropped += 1
            return
        stream.committed += 1
        at = trusted_time(head.at, self._now)
        if not isinstance(body, Health):
            project(self._session, stream.kit, stream.id, head.seq, body, at, self._now)
            return
        key = {"kit_id": stream.kit, "at": at, "stream_id": stream.id, "seq": head.seq}
        self._health.append({**key, **health_values(body)})
        if at >= self._latest.get(stream.kit, (0, body))[0]:
            self._latest[stream.kit] = (at, body)

    def _repeated(self, stream: Stream, head: ReportHead) -> None:
        """Sent again, because the acknowledgement was lost or late: acknowledge again, store nothing."""
        stream.duplicates += 1
        code = self._streams.refusal(stream, head.seq)
        if code is not None:
            self._refused[stream.id].append(RefusedReport(seq=head.seq, code=code))

    def _ack(self, stream: Stream) -> Ack:
        return Ack(stream=stream.stream, seq=stream.mark.contiguous, refused=self._refused[stream.id])
