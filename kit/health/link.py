"""The way to the fleet: connects, sends what the outbox holds until it is acknowledged, hears commands."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias

import structlog
from msgspec import Raw, Struct, json

from fleet.contract import (
    ACK,
    CASE,
    DESIRED,
    PRESENCE,
    REPORT,
    Ack,
    Case,
    Desired,
    Dropped,
    Presence,
    Refused,
    ReportHead,
    decode,
    decode_report,
    encode,
    parse_topic,
    topic,
)
from kit.config import Broker
from kit.health.backoff import Backoff
from kit.health.connection import Connection, ConnectionFailed, Terms
from kit.health.counters import Counters
from kit.health.desk import Desk
from kit.health.store import Row
from kit.health.timing import Timing
from kit.health.window import Window

Goodbye = Literal["shutdown", "restart", "update", "battery_empty"]
Command: TypeAlias = Desired | Case
LATEST_MS: Final = 4_102_444_800_000

log = structlog.get_logger()


class Link:
    """One kit's connection to the fleet, again and again."""

    def __init__(
        self,
        kit: str,
        broker: Broker,
        timing: Timing,
        desk: Desk,
        counters: Counters,
        *,
        wall_ms: Callable[[], int],
        heard: Callable[[Command], Awaitable[None]],
        changed: Callable[[], None],
    ) -> None:
        """``heard`` gets each valid command; ``changed`` is called after each change of what is told here."""
        self._kit = kit
        self._broker = broker
        self._timing = timing
        self._desk = desk
        self._counters = counters
        self._wall_ms = wall_ms
        self._heard = heard
        self._changed = changed
        self._wake = asyncio.Event()
        self._anew = asyncio.Event()
        self.connected = False
        self.refused_at: float | None = None
        """When the fleet or the contract last refused a report (clock of the loop)."""
        self.goodbye: Goodbye = "shutdown"

    def wake(self) -> None:
        """There is something to send."""
        self._wake.set()

    def connect_anew(self) -> None:
        """The network has changed: give up the connection there was, and do not wait before the next."""
        self._anew.set()
        self._wake.set()

    def report_refused(self) -> None:
        """Count a report that will never be stored."""
        self._counters.count("report_refused")
        self.refused_at = asyncio.get_running_loop().time()
        self._changed()

    async def run(self) -> None:
        """Keep connected until cancelled; then say goodbye."""
        backoff = Backoff(self._timing.pace, random.random)
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            lasted = 0.0
            try:
                await self._session()
                lasted = loop.time() - began
                log.info("broker_connection_ended")
            except ConnectionFailed as failed:
                log.info("broker_connection_failed", code=failed.code)
            await self._pause(backoff.failed(lasted))

    async def _session(self) -> None:
        """One connection from its beginning to its end."""
        session = secrets.token_hex(16)
        connection = Connection(self._broker, self._terms(session), self._wake.set)
        topics = tuple(topic(channel, self._kit) for channel in (ACK, DESIRED, CASE))
        said_goodbye = False
        try:
            await connection.open(topics, self._timing.connect_s)
            await self._tell_presence(
                connection, Presence(state="online", session=session, why="connected", at=self._wall_ms())
            )
            self._set_connected(True)
            await self._serve(connection)
        except asyncio.CancelledError:
            if self.connected:
                await self._tell_presence(
                    connection,
                    Presence(state="offline", session=session, why=self.goodbye, at=self._wall_ms()),
                )
                said_goodbye = await connection.delivered()
            raise
        finally:
            self._counters.count("publish_refused", connection.refused)
            self._set_connected(False)
            await connection.close(said_goodbye=said_goodbye)

    async def _serve(self, connection: Connection) -> None:
        window = Window(self._timing.resend)
        while not connection.ended and not self._anew.is_set():
            self._wake.clear()
            for name, payload in connection.take():
                await self._take(name, payload, window)
            # While the broker has not answered what it got, nothing more is due: its answer wakes.
            due = window.due if await self._send(connection, window) else None
            try:
                async with asyncio.timeout_at(due):
                    await self._wake.wait()
            except TimeoutError:
                log.info("reports_not_acknowledged", pending=self._desk.state.depth)

    async def _send(self, connection: Connection, window: Window) -> bool:
        """Fill the window; False while the line still holds a window's worth that the broker has not got."""
        if connection.under_way >= self._timing.resend.in_flight:
            return False
        pending = await self._desk.pending(self._timing.resend.in_flight)
        for row in window.to_send(pending, asyncio.get_running_loop().time()):
            message = await self._message(row)
            if message is not None:
                await connection.publish(topic(REPORT, self._kit), message)
        return True

    async def _message(self, row: Row) -> bytes | None:
        """The report on the wire, or what says in its place that it is lost."""
        try:
            return self._envelope(row, row.body)
        except Refused as refused:
            log.warning("kept_report_unreadable", code=refused.code, where=refused.where)
            self._counters.count("report_unreadable")
        stand_in = json.encode(Dropped(reason="unreadable"))
        try:
            message = self._envelope(row, stand_in)
        except Refused:
            # Its stream or number is damaged: no fleet could ever acknowledge it.
            await self._desk.acknowledge(row.stream, row.seq)
            return None
        await self._desk.replace(row, stand_in)
        return message

    def _envelope(self, row: Row, body: bytes) -> bytes:
        at = min(max(0, row.at), LATEST_MS)
        message = json.encode(
            ReportHead(
                kit=self._kit, stream=row.stream, seq=row.seq, at=at, body=Raw(body), oldest=row.oldest
            )
        )
        decode_report(message)
        return message

    async def _take(self, name: str, payload: bytes, window: Window) -> None:
        """Handle one message from the fleet; what does not fit is refused, counted and said."""
        try:
            message = self._decode(name, payload)
        except Refused as refused:
            log.warning("command_refused", code=refused.code, where=refused.where)
            self._counters.count("command_refused")
            return
        if isinstance(message, Ack):
            await self._acknowledged(message, window)
        elif isinstance(message, Desired | Case):
            await self._heard(message)

    def _decode(self, name: str, payload: bytes) -> Struct:
        known = parse_topic(name)
        if known is None or known[0] != self._kit:
            raise Refused("unknown_topic")
        return decode(known[1].message, payload)

    async def _acknowledged(self, ack: Ack, window: Window) -> None:
        for refused in ack.refused:
            # The fleet repeats an acknowledgement; the refusal counts once.
            if window.is_under_way(ack.stream, refused.seq):
                log.warning("report_refused_by_fleet", code=refused.code)
                self.report_refused()
        window.acknowledged(ack.stream, ack.seq, asyncio.get_running_loop().time())
        await self._desk.acknowledge(ack.stream, ack.seq)
        self._changed()

    async def _tell_presence(self, connection: Connection, presence: Presence) -> None:
        await connection.publish(topic(PRESENCE, self._kit), encode(presence), retain=True)

    def _terms(self, session: str) -> Terms:
        will = Presence(state="offline", session=session, why="connection_lost")
        return Terms(
            kit=self._kit,
            presence_topic=topic(PRESENCE, self._kit),
            will=encode(will),
            will_delay_s=self._timing.will_delay_s,
            keepalive_s=self._timing.keepalive_s,
        )

    def _set_connected(self, connected: bool) -> None:
        if connected != self.connected:
            self.connected = connected
            self._changed()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._anew.wait()
        self._anew.clear()
