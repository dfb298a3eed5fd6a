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
from fleet.ingest.marks import Mark, TooManyHoles, skip, take
from fleet.ingest.project import health_values, keep_latest, project
from fleet.ingest.refusals import Refusals
from fleet.presence import Connected, Disconnected, Heard
from fleet.store.presence import PresenceBook
from fleet.store.tables import HealthRow, Kit, RefusedNumber, ReportStream

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
        self._kits: dict[str, Kit] = {}
        self._streams: dict[tuple[str, str], ReportStream] = {}
        self._health: list[dict[str, object]] = []
        self._latest: dict[str, tuple[int, Health]] = {}
        self._refused: dict[tuple[str, str], list[RefusedReport]] = defaultdict(list)
        self._refusals = Refusals(session, now)
        self._heard: set[str] = set()

    def take(self, batch: Sequence[Incoming]) -> list[tuple[str, Ack]]:
        """Store the batch; returns the acknowledgements by kit."""
        self._load_kits(batch)
        for message in batch:
            self._message(message)
        if self._health:
            self._session.execute(insert(HealthRow), self._health)
        for kit, (at, health) in self._latest.items():
            keep_latest(self._session, kit, at, health, self._now)
        for kit in sorted(self._heard):
            self._book.observe(kit, Heard(), self._now)
        self._refusals.save()
        return [(kit, self._ack(kit, stream)) for kit, stream in self._streams]

    def _load_kits(self, batch: Sequence[Incoming]) -> None:
        names = {parsed[0] for message in batch if (parsed := parse_topic(message.topic))}
        self._kits = {kit.id: kit for kit in self._session.scalars(select(Kit).where(Kit.id.in_(names)))}

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
                self._report(self._kits[kit], decode_head(message.payload))
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

    def _report(self, kit: Kit, head: ReportHead) -> None:
        if head.kit != kit.id:
            raise Refused("wrong_kit")
        stream = self._stream(kit.id, head.stream)
        self._heard.add(kit.id)
        mark, lost = skip(_mark(stream), min(head.oldest, head.seq))
        stream.lost += lost
        stream.last_at = self._now
        try:
            taken = take(mark, head.seq)
        except TooManyHoles:
            self._refusals.add(kit.id, "too_many_holes")
            taken = mark
        else:
            if taken is None:
                self._repeated(stream, head)
            else:
                self._new(kit, stream, head)
        _keep_mark(stream, taken or mark)

    def _new(self, kit: Kit, stream: ReportStream, head: ReportHead) -> None:
        try:
            body = decode_body(head)
        except Refused as refused:
            self._refusals.add(kit.id, refused.code, refused.where)
            self._session.add(RefusedNumber(stream_id=stream.id, seq=head.seq, code=refused.code))
            self._refused[kit.id, head.stream].append(RefusedReport(seq=head.seq, code=refused.code))
            stream.refused += 1
            return
        at = trusted_time(head.at, self._now)
        if isinstance(body, Dropped):
            stream.dropped += 1
            return
        stream.committed += 1
        if isinstance(body, Health):
            key = {"kit_id": kit.id, "at": at, "stream_id": stream.id, "seq": head.seq}
            self._health.append({**key, **health_values(body)})
            if at >= self._latest.get(kit.id, (0, body))[0]:
                self._latest[kit.id] = (at, body)
        else:
            project(self._session, kit, stream.id, head.seq, body, at, self._now)

    def _repeated(self, stream: ReportStream, head: ReportHead) -> None:
        """Sent again, because the acknowledgement was lost or late: acknowledge again, store nothing."""
        stream.duplicates += 1
        refused = self._session.get(RefusedNumber, (stream.id, head.seq)) if stream.refused else None
        if refused is not None:
            self._refused[stream.kit_id, stream.stream].append(RefusedReport(seq=head.seq, code=refused.code))

    def _stream(self, kit: str, stream: str) -> ReportStream:
        known = self._streams.get((kit, stream))
        if known is None:
            query = select(ReportStream).where(ReportStream.kit_id == kit, ReportStream.stream == stream)
            known = self._session.scalars(query).first() or self._new_stream(kit, stream)
            self._streams[kit, stream] = known
        return known

    def _new_stream(self, kit: str, stream: str) -> ReportStream:
        row = ReportStream(kit_id=kit, stream=stream, above=[], first_at=self._now, last_at=self._now)
        row.contiguous = row.committed = row.duplicates = row.lost = row.dropped = row.refused = 0
        self._session.add(row)
        self._session.flush()
        return row

    def _ack(self, kit: str, stream: str) -> Ack:
        contiguous = self._streams[kit, stream].contiguous
        return Ack(stream=stream, seq=contiguous, refused=self._refused[kit, stream])


def _mark(stream: ReportStream) -> Mark:
    return Mark(stream.contiguous, tuple((low, high) for low, high in stream.above))


def _keep_mark(stream: ReportStream, mark: Mark) -> None:
    stream.contiguous = mark.contiguous
    above = [[low, high] for low, high in mark.above]
    if above != stream.above:
        stream.above = above
