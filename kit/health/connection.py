"""One MQTT 5 connection with mutual TLS: paho in a thread, seen from asyncio.

It is used once. A new connection is a new object, because paho sends everything that it still has when it
reconnects, without regard to how much may be under way; what is to be sent again is the outbox's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import paho.mqtt.client as mqtt
from msgspec import Struct
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from fleet.contract import MAX_MESSAGE_BYTES
from kit.config import Broker

INBOX: Final = 200
"""Messages not yet taken; the oldest is dropped first. All of them come again: by resending, or retained."""
RECEIVE_MAXIMUM: Final = 20
PACKET_OVERHEAD: Final = 4096
GOODBYE_S: Final = 2.0


class ConnectionFailed(Exception):  # noqa: N818 - it names what happened
    """``code`` is one of unreachable, certificate, tls, identity, refused, timeout."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Terms(Struct, frozen=True, kw_only=True):
    """What is agreed with the broker when connecting. Topics and payloads are the contract's."""

    kit: str
    presence_topic: str
    will: bytes
    will_delay_s: int
    keepalive_s: int


class Connection:
    """Open once, publish, take what arrived, close. ``wake`` is called in the loop when something is new."""

    def __init__(self, broker: Broker, terms: Terms, wake: Callable[[], None]) -> None:
        """Nothing happens before :meth:`open`."""
        self._broker = broker
        self._terms = terms
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._inbox: deque[tuple[str, bytes]] = deque(maxlen=INBOX)
        self._abandoned = False
        self._gone = asyncio.Event()
        self._quiet = asyncio.Event()
        self.under_way = 0
        """Packets that the broker has not answered yet."""
        self.refused = 0
        """Packets that the broker answered with an error."""
        self._mqtt = self._client()

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self._gone.is_set()

    async def open(self, topics: tuple[str, ...], deadline_s: float) -> None:
        """Connect and subscribe; ConnectionFailed when that does not succeed in time."""
        self._topics = topics
        threading.Thread(target=self._connect, name="mqtt-connect", daemon=True).start()
        try:
            async with asyncio.timeout(deadline_s):
                await self._ready
        except TimeoutError:
            raise ConnectionFailed("timeout") from None

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand a message to the network thread, QoS 1."""
        self.under_way += 1
        await asyncio.to_thread(self._mqtt.publish, topic, payload, 1, retain=retain)

    def take(self) -> list[tuple[str, bytes]]:
        """Topics and payloads that arrived since the last time."""
        taken = []
        while self._inbox:
            taken.append(self._inbox.popleft())
        return taken

    async def close(self, *, said_goodbye: bool) -> None:
        """Disconnect. Unless goodbye was said, the last will is sent if no other connection follows in time.

        The line is cut when that takes too long.
        """
        self._abandoned = True
        if not self.ended:
            reason = ReasonCode(
                PacketTypes.DISCONNECT,
                "Normal disconnection" if said_goodbye else "Disconnect with will message",
            )
            await asyncio.to_thread(self._mqtt.disconnect, reason)
            await _soon(self._gone)
        if not self.ended:
            self._cut()

    async def delivered(self) -> bool:
        """Wait a moment until the broker has answered everything; whether it has."""
        if self.under_way and not self.ended:
            self._quiet.clear()
            await _soon(self._quiet)
        return self.under_way == 0

    def _cut(self) -> None:
        line = self._mqtt.socket()
        if isinstance(line, socket.socket):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, self._terms.kit, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        delay = Properties(PacketTypes.WILLMESSAGE)  # type: ignore[no-untyped-call]
        delay.WillDelayInterval = self._terms.will_delay_s
        client.will_set(self._terms.presence_topic, self._terms.will, 1, retain=True, properties=delay)
        client.connect_timeout = 10.0
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    # In threads of their own.

    def _connect(self) -> None:
        terms = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        # The session must outlive the connection, or the broker would not wait with the will.
        terms.SessionExpiryInterval = self._terms.will_delay_s + 1
        terms.ReceiveMaximum = RECEIVE_MAXIMUM
        terms.MaximumPacketSize = MAX_MESSAGE_BYTES + PACKET_OVERHEAD
        try:
            self._mqtt.tls_set_context(_context(self._broker))
            self._mqtt.connect(
                self._broker.host,
                self._broker.port,
                self._terms.keepalive_s,
                clean_start=False,
                properties=terms,
            )
        except (OSError, ValueError) as error:
            self._tell(self._fail, _code(error))
            return
        if self._abandoned:
            self._mqtt.disconnect()
        self._mqtt.loop_start()

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        if code.is_failure:
            self._tell(self._fail, "refused")
        else:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._topics])

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            self._tell(self._fail, "refused")
        else:
            self._tell(self._succeed)

    def _on_publish(self, _client: Any, _data: Any, _mid: int, code: ReasonCode, _properties: Any) -> None:
        self._tell(self._answered, code.is_failure)

    def _on_message(self, _client: Any, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._inbox.append((message.topic, bytes(message.payload)))
        self._tell(self._wake)

    def _on_disconnect(self, *_: Any) -> None:
        self._tell(self._end)

    def _tell(self, what: Callable[..., None], *values: Any) -> None:
        # The loop may be gone while a thread still ends.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what, *values)

    # In the loop.

    def _succeed(self) -> None:
        if not self._ready.done():
            self._ready.set_result(None)

    def _fail(self, code: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(ConnectionFailed(code))
        self._end()

    def _answered(self, failure: bool) -> None:
        self.under_way -= 1
        self.refused += failure
        if self.under_way == 0:
            self._quiet.set()
            self._wake()

    def _end(self) -> None:
        self._gone.set()
        self._quiet.set()
        if not self._ready.done():
            self._ready.set_exception(ConnectionFailed("refused"))
        self._wake()


async def _soon(event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await event.wait()


def _context(broker: Broker) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(broker.ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(broker.certificate, broker.key)
    return context


def _code(error: Exception) -> str:
    """What went wrong, without the text of the error: it may hold addresses."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, FileNotFoundError | PermissionError):
        return "identity"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "unreachable"
