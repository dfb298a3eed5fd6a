"""One connection to the broker, from CONNECT to its end; a new connection is a new `Link`.

An acknowledgement names a message by a number that belongs to one connection only. Because messages and
numbers never outlive their `Link`, an old number cannot be used on a new connection.
"""

from __future__ import annotations

import ssl
from collections import deque
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as mqtt
import structlog
from msgspec import Struct
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from fleet.contract import CONTENT_TYPE, PRESENCE, REPORT, Channel, all_kits, topic
from fleet.ingest.intake import Incoming

log = structlog.get_logger()

KEEPALIVE_S: Final = 30
SESSION_EXPIRY_S: Final = 24 * 3600
CONNECT_TIMEOUT_S: Final = 10.0
INBOX_LIMIT: Final = 2000
"""Twice what the broker may send unacknowledged.

Only messages of QoS 0 can exceed it; they are the ones dropped.
"""


class Broker(Struct, frozen=True, kw_only=True):
    """Where the broker is, and by which certificate it and we are known.

    Without `ca` the connection is plain.
    """

    host: str
    port: int
    client_id: str = "fleet-ingest"
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


class Received(Struct, frozen=True):
    """A message and the number that acknowledges it."""

    mid: int
    qos: int
    message: Incoming


class Link:
    """Drive it by `poll`, from one thread.

    `inbox` is emptied by the owner; `taken` are publications acknowledged.
    """

    def __init__(self, broker: Broker, receive_maximum: int) -> None:
        self.inbox: deque[Received] = deque()
        self.taken: list[int] = []
        self.ready = False
        self.session_present = False
        self._broker = broker
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            protocol=mqtt.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._connect_properties = _properties(PacketTypes.CONNECT)
        self._connect_properties.ReceiveMaximum = receive_maximum
        self._connect_properties.SessionExpiryInterval = SESSION_EXPIRY_S
        self._prepare()

    def open(self) -> bool:
        """Connect; False when the broker cannot be reached.

        It is `ready` when it has granted the subscription.
        """
        broker = self._broker
        try:
            self._client.connect(
                broker.host,
                broker.port,
                KEEPALIVE_S,
                clean_start=False,
                properties=self._connect_properties,
            )
        except (OSError, ssl.SSLError) as error:
            log.warning("broker_unreachable", kind=type(error).__name__)
            return False
        return True

    def poll(self, timeout_s: float) -> bool:
        """Send and receive for at most `timeout_s`; False when the connection is over."""
        return self._client.loop(timeout_s) is mqtt.MQTT_ERR_SUCCESS

    def acknowledge(self, received: Received) -> None:
        """Tell the broker that the message is safe. Only after the commit."""
        self._client.ack(received.mid, received.qos)

    def publish(self, channel: Channel, kit: str, payload: bytes) -> int:
        """Publish on a kit's topic; the number returned appears in `taken` when the broker has it."""
        properties = _properties(PacketTypes.PUBLISH)
        properties.ContentType = CONTENT_TYPE
        if channel.expiry_s is not None:
            properties.MessageExpiryInterval = channel.expiry_s
        sent = self._client.publish(topic(channel, kit), payload, channel.qos, channel.retain, properties)
        return sent.mid

    def close(self) -> None:
        """Say goodbye; the session stays at the broker and collects reports."""
        self._client.disconnect()
        self._client.loop(0.1)

    def _prepare(self) -> None:
        client, broker = self._client, self._broker
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(1000)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        if broker.ca is not None:
            client.tls_set(
                ca_certs=str(broker.ca),
                certfile=str(broker.cert) if broker.cert else None,
                keyfile=str(broker.key) if broker.key else None,
            )

    def _on_connect(
        self, client: mqtt.Client, _data: Any, flags: mqtt.ConnectFlags, reason: ReasonCode, _: Any
    ) -> None:
        if reason.is_failure:
            log.warning("broker_refused", reason=reason.value)
            return
        self.session_present = flags.session_present
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE)
        client.subscribe([(all_kits(REPORT), options), (all_kits(PRESENCE), options)])

    def _on_subscribe(
        self, client: mqtt.Client, _data: Any, _mid: int, reasons: list[ReasonCode], _: Any
    ) -> None:
        self.ready = not any(reason.is_failure for reason in reasons)
        if not self.ready:
            log.warning("subscription_refused")
            client.disconnect()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.qos == 0 and len(self.inbox) >= INBOX_LIMIT:
            return
        incoming = Incoming(message.topic, bytes(message.payload), message.retain)
        self.inbox.append(Received(message.mid, message.qos, incoming))

    def _on_publish(self, _client: mqtt.Client, _data: Any, mid: int, reason: ReasonCode, _: Any) -> None:
        if not reason.is_failure:
            self.taken.append(mid)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]
