"""The ingest service: batches reports into the store, acknowledges them, and publishes what the kits are
told.

One thread does everything in turn, so there is nothing to lock: poll the connection, commit a batch when it
is full or old enough, acknowledge it to the broker and to the kits, publish what waits in the outbox, look at
the clock.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from msgspec import Struct
from sqlalchemy.exc import OperationalError

from fleet.clock import day_of, now_ms, today
from fleet.contract import ACK, encode
from fleet.ingest.courier import Courier
from fleet.ingest.intake import Intake
from fleet.ingest.link import Broker, Link, Received
from fleet.presence import Policy
from fleet.store import Store, agreements, meetings, outbox
from fleet.store.engine import name_of
from fleet.store.presence import PresenceBook
from fleet.store.tables import IngestStatus
from fleet.store.watch import Watch

log = structlog.get_logger()

BATCH_MAX: Final = 500
BATCH_WAIT_S: Final = 0.2
POLL_S: Final = 0.05
BEAT_S: Final = 5.0
SWEEP_S: Final = 1.0
OUTBOX_S: Final = 0.2
SETUP_S: Final = 15.0
STABLE_S: Final = 30.0
RETRY_STORE_S: Final = 1.0
BACKOFF_FIRST_S: Final = 0.5
BACKOFF_MAX_S: Final = 60.0


class Timer:
    """Says when a recurring piece of work is due."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._next = 0.0

    def due(self) -> bool:
        """True at most once per interval, and at the first question."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._every_s
        return True


class Pending(Struct):
    """The batch being collected, and since when."""

    items: list[Received]
    since: float = 0.0


class Ingest:
    """Runs until `stop` is set."""

    def __init__(self, broker: Broker, store: Store, policy: Policy) -> None:
        self.stop = threading.Event()
        self._broker = broker
        self._store = store
        self._policy = policy
        self._watch = Watch(store.url)
        self._listening_since = 0
        self._status: tuple[bool, int] = (False, now_ms())
        self._beat = Timer(BEAT_S)
        self._sweep = Timer(SWEEP_S)
        self._agreements = Timer(60.0)
        self._outbox = Timer(OUTBOX_S)
        self._day_ends = 0
        self._held_until = 0.0

    def run(self) -> None:
        """Connect, serve, and connect again with full jitter: the delay is reset by a connection that has
        held.
        """
        failures = 0
        while not self.stop.is_set():
            began = time.monotonic()
            self._serve_one_connection()
            failures = 0 if time.monotonic() - began > STABLE_S else failures + 1
            ceiling = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(failures, 16))
            self._idle(random.uniform(0, ceiling))  # noqa: S311 - spreads load, guards nothing
        self._set_connected(False)

    def _serve_one_connection(self) -> None:
        link = Link(self._broker, receive_maximum=2 * BATCH_MAX)
        if not link.open() or not self._wait_ready(link):
            return
        self._listening_since = now_ms()
        self._set_connected(True)
        log.info("listening", session_present=link.session_present)
        try:
            if not link.session_present:
                self._try_store(self._send_all_again)
            self._serve(link)
        finally:
            self._set_connected(False)
            log.info("not_listening")

    def _wait_ready(self, link: Link) -> bool:
        deadline = time.monotonic() + SETUP_S
        while not link.ready:
            if self.stop.is_set() or time.monotonic() > deadline or not link.poll(POLL_S):
                return False
        return True

    def _serve(self, link: Link) -> None:
        pending = Pending([])
        courier = Courier(link, self._store, self._watch)
        while not self.stop.is_set():
            if not link.poll(POLL_S):
                return
            self._collect(link, pending)
            if self._ripe(pending):
                self._commit(link, pending)
            self._try_store(courier.note_taken)
            if self._outbox.due():
                self._try_store(courier.publish)
            self._look_at_the_clock()
        self._commit(link, pending)
        link.close()

    def _collect(self, link: Link, pending: Pending) -> None:
        while link.inbox and len(pending.items) < BATCH_MAX:
            if not pending.items:
                pending.since = time.monotonic()
            pending.items.append(link.inbox.popleft())

    def _ripe(self, pending: Pending) -> bool:
        now = time.monotonic()
        if not pending.items or now < self._held_until:
            return False
        return len(pending.items) >= BATCH_MAX or now - pending.since >= BATCH_WAIT_S

    def _commit(self, link: Link, pending: Pending) -> None:
        """Commit, then acknowledge.

        When the store refuses, everything stays pending and the broker holds the rest.
        """
        if not pending.items:
            return
        now = now_ms()
        try:
            with self._store.writing() as session:
                book = PresenceBook(session, self._listening_since, self._policy)
                acks = Intake(session, book, now).take([item.message for item in pending.items])
        except OperationalError as error:
            self._hold(error)
            return
        for item in pending.items:
            link.acknowledge(item)
        for kit, ack in acks:
            link.publish(ACK, kit, encode(ack))
        pending.items.clear()

    def _send_all_again(self) -> None:
        with self._store.writing() as session:
            outbox.send_again(session)

    def _look_at_the_clock(self) -> None:
        if self._beat.due():
            self._try_store(self._write_status)
        if self._sweep.due():
            self._try_store(self._sweep_presence)
        if self._agreements.due():
            self._try_store(self._enforce_agreements)
        if now_ms() >= self._day_ends:
            self._try_store(self._begin_day)

    def _sweep_presence(self) -> None:
        with self._store.reading() as session:
            if not PresenceBook(session, self._listening_since, self._policy).anything_due(now_ms()):
                return
        with self._store.writing() as session:
            book = PresenceBook(session, self._listening_since, self._policy)
            book.sweep(now := now_ms())
            book.save(now)

    def _enforce_agreements(self) -> None:
        with self._store.writing() as session:
            agreements.enforce(session, today(), now_ms())

    def _begin_day(self) -> None:
        now = now_ms()
        with self._store.writing() as session:
            forgotten = meetings.new_day(session, now)
        _, self._day_ends = day_of(now)
        log.info("day_begun", meetings_forgotten=forgotten)

    def _set_connected(self, connected: bool) -> None:
        if connected != self._status[0]:
            self._status = (connected, now_ms())
        self._try_store(self._write_status)

    def _write_status(self) -> None:
        connected, since = self._status
        with self._store.writing() as session:
            session.merge(IngestStatus(id=1, connected=connected, since=since, beat_at=now_ms()))

    def _idle(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.stop.wait(max(0.0, min(BEAT_S, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                return
            self._try_store(self._write_status)

    def _try_store(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OperationalError as error:
            self._hold(error)

    def _hold(self, error: OperationalError) -> None:
        """The disk is full or another process holds the database: nothing is acknowledged until it goes
        again.
        """
        log.error("store_refuses", kind=name_of(error))
        self._held_until = time.monotonic() + RETRY_STORE_S
