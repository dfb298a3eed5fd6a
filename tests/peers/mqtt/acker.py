"""The fleet's end of the wire, small: takes reports in as ingest does, commits to memory, acknowledges."""

import threading
from collections import defaultdict
from typing import TypeVar

import msgspec

from fleet.contract import (
    ACK,
    PRESENCE,
    REPORT,
    Ack,
    Channel,
    Presence,
    RefusedReport,
    Report,
    all_kits,
    decode,
    decode_report,
    encode,
    parse_topic,
    topic,
)
from fleet.ingest.marks import Mark, skip, take
from provisioning.broker import Broker
from provisioning.site import Identity
from tests.peers.mqtt.support import Client

Kind = TypeVar("Kind")


class Acker:
    """Set ``acknowledges`` to False for a fleet that is down behind a broker that is up."""

    def __init__(self, plan: Broker, identity: Identity) -> None:
        self.acknowledges = True
        self.refuses = ""
        self.committed: list[Report] = []
        self.presence: list[Presence] = []
        self.received = 0
        self.lost = 0
        self._marks: dict[str, Mark] = defaultdict(Mark)
        self._lock = threading.Lock()
        self._plan = plan
        self._identity = identity
        self._client = self._new_client()

    def start(self) -> "Acker":
        self._client.connect()
        self._client.subscribe(all_kits(REPORT), all_kits(PRESENCE))
        return self

    def again(self) -> "Acker":
        """Connect anew after the broker was gone."""
        self._client = self._new_client()
        return self.start()

    def stop(self) -> None:
        self._client.close()

    def bodies(self, kind: type[Kind]) -> list[Kind]:
        with self._lock:
            return [report.body for report in self.committed if isinstance(report.body, kind)]

    def tell(self, channel: Channel, kit: str, message: msgspec.Struct | bytes) -> None:
        payload = message if isinstance(message, bytes) else encode(message)
        self._client.mqtt.publish(topic(channel, kit), payload, channel.qos, channel.retain)

    def _new_client(self) -> Client:
        client = Client(self._plan, self._identity)
        client.mqtt.on_message = lambda _client, _data, message: self._hear(
            message.topic, bytes(message.payload)
        )
        return client

    def _hear(self, name: str, payload: bytes) -> None:
        known = parse_topic(name)
        assert known is not None
        if known[1] is PRESENCE:
            self.presence.append(decode(Presence, payload))
            return
        report = decode_report(payload)
        with self._lock:
            self._take(report)
            ack = self._ack(report)
        if self.acknowledges:
            self.tell(ACK, report.kit, ack)

    def _take(self, report: Report) -> None:
        self.received += 1
        mark, lost = skip(self._marks[report.stream], min(report.oldest, report.seq))
        self.lost += lost
        taken = take(mark, report.seq)
        if taken is not None:
            self.committed.append(report)
        self._marks[report.stream] = taken or mark

    def _ack(self, report: Report) -> Ack:
        seq = self._marks[report.stream].contiguous
        refused = [RefusedReport(seq=report.seq, code=self.refuses)] if self.refuses else []
        return Ack(stream=report.stream, seq=seq, refused=refused)
