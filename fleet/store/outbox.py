"""The transactional outbox towards the kits: what is to be published, and what the broker has taken."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fleet.contract import CASE, DESIRED, Channel
from fleet.store.tables import DesiredVersion, Outgoing

BATCH: Final = 100
CHANNELS: Final[dict[str, Channel]] = {channel.name: channel for channel in (DESIRED, CASE)}


class Unsent(Struct, frozen=True):
    """A message that the broker has not taken yet."""

    kit: str
    channel: str
    payload: bytes
    revision: int


def unsent(session: Session) -> list[Unsent]:
    """The oldest changes first, at most `BATCH`."""
    query = select(Outgoing).where(Outgoing.sent_revision < Outgoing.revision)
    rows = session.scalars(query.order_by(Outgoing.changed_at, Outgoing.kit_id).limit(BATCH))
    return [Unsent(row.kit_id, row.channel, row.payload, row.revision) for row in rows]


def mark_sent(session: Session, sent: list[Unsent], now: int) -> None:
    """The broker has acknowledged these. A newer revision written meanwhile stays unsent."""
    for message in sent:
        session.execute(
            update(Outgoing)
            .where(Outgoing.kit_id == message.kit, Outgoing.channel == message.channel)
            .values(sent_revision=message.revision, sent_at=now)
        )
        if message.channel == DESIRED.name:
            session.execute(
                update(DesiredVersion)
                .where(DesiredVersion.kit_id == message.kit, DesiredVersion.version == message.revision)
                .values(sent_at=now)
            )


def send_again(session: Session) -> None:
    """The broker has lost its retained messages (a new disk, for instance): publish everything anew."""
    session.execute(update(Outgoing).values(sent_revision=0))
