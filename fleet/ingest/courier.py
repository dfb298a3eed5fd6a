"""Publishes what waits in the outbox towards the kits, and notes what the broker has taken."""

from __future__ import annotations

import time
from typing import Final

import structlog

from fleet.clock import now_ms
from fleet.ingest.link import Link
from fleet.store import Store, outbox
from fleet.store.watch import Watch

log = structlog.get_logger()

TAKEN_DEADLINE_S: Final = 20.0


class Courier:
    """Works for one connection; a new connection gets a new courier, which begins by looking."""

    def __init__(self, link: Link, store: Store, watch: Watch) -> None:
        self._link = link
        self._store = store
        self._watch = watch
        self._flying: dict[int, outbox.Unsent] = {}
        self._deadline = 0.0
        self._look = True

    def note_taken(self) -> None:
        """Mark what the broker has acknowledged. What it has not within the deadline is published again."""
        taken = [self._flying.pop(mid) for mid in self._link.taken if mid in self._flying]
        self._link.taken.clear()
        if self._flying and time.monotonic() > self._deadline:
            log.warning("publication_not_taken", count=len(self._flying))
            self._flying.clear()
            self._look = True
        if not taken:
            return
        self._look = True  # also when marking fails below: then it is published once more
        with self._store.writing() as session:
            outbox.mark_sent(session, taken, now_ms())

    def publish(self) -> None:
        """Publish a batch, when nothing is under way and there may be something new."""
        if self._flying or not (self._watch.changed() or self._look):
            return
        self._look = False
        with self._store.reading() as session:
            waiting = outbox.unsent(session)
        self._deadline = time.monotonic() + TAKEN_DEADLINE_S
        for message in waiting:
            channel = outbox.CHANNELS[message.channel]
            self._flying[self._link.publish(channel, message.kit, message.payload)] = message
