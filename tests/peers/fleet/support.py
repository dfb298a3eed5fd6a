"""Real programs for the fleet's tests: Mosquitto on loopback, ingest, dashboard, and a kit on the wire."""

from __future__ import annotations

import contextlib
import itertools
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from fleet.clock import now_ms
from fleet.contract import (
    ACK,
    CASE,
    DESIRED,
    PRESENCE,
    REPORT,
    Ack,
    Body,
    Case,
    Desired,
    DesiredApplied,
    Presence,
    Report,
    decode,
    encode,
    topic,
)
from fleet.store import Store
from fleet.store.tables import IngestStatus

PATIENCE_S = 60.0
WINDOW = 100


def wait_for(what: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Return as soon as it is true; fail when it does not become so in time."""
    deadline = time.monotonic() + patience_s
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


class Program:
    """A process of ours; its standard error is kept in a file."""

    def __init__(self, folder: Path, name: str, *command: str) -> None:
        self.command = command
        self._log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def stop(self) -> None:
        """End it if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.end()

    def log(self) -> str:
        return self._log.read_text()


class Broker(Program):
    """Mosquitto without certificates, for one test. What it keeps is lost when it ends."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        config = folder / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
            "max_inflight_messages 0\npersistence false\n"
        )
        super().__init__(folder, "broker", "/usr/sbin/mosquitto", "-c", str(config))

    def start(self) -> None:
        super().start()
        wait_for(lambda: reachable(self.port))


def ingest(folder: Path, port: int, database: str, *options: str) -> Program:
    """The ingest service, not started."""
    command = [sys.executable, "-m", "fleet.ingest", "--broker", f"127.0.0.1:{port}", "--database", database]
    return Program(folder, "ingest", *command, *options)


def listening(store: Store) -> bool:
    """Whether ingest says that it is connected."""
    with store.reading() as session:
        row = session.get(IngestStatus, 1)
        return row is not None and row.connected


def reachable(port: int) -> bool:
    """Whether something listens there."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Kit:
    """A kit on the wire: keeps what is not acknowledged, and sends it again.

    One thread besides the test's.
    """

    def __init__(self, name: str, port: int, *, obedient: bool = True) -> None:
        self.name = name
        self.stream = uuid.uuid4().hex
        self.desired: Desired | None = None
        self.case: Case | None = None
        self.acked = 0
        self.refused: list[int] = []
        self._port = port
        self._obedient = obedient
        self._numbers = itertools.count(1)
        self._kept: dict[int, bytes] = {}
        self._sent_at: dict[int, float] = {}
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._client: mqtt.Client | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Kit:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Leave without a word: the broker sends the last will."""
        self._stop.set()
        self._thread.join(PATIENCE_S)

    def report(self, body: Body) -> int:
        """Put a report into the outbox; returns its number."""
        with self._lock:
            seq = next(self._numbers)
            made = Report(kit=self.name, stream=self.stream, seq=seq, at=now_ms(), body=body)
            self._kept[seq] = encode(made)
            return seq

    def raw(self, payload: bytes) -> None:
        """Send bytes as a report, outside the outbox."""
        assert self._client is not None
        self._client.publish(topic(REPORT, self.name), payload, 1)

    def put(self, seq: int, payload: bytes) -> None:
        """Exchange what the outbox holds under a number."""
        with self._lock:
            self._kept[seq] = payload

    @property
    def empty(self) -> bool:
        """Everything has been acknowledged."""
        return not self._kept

    def _run(self) -> None:
        while not self._stop.is_set():
            client = self._new_client()
            self._client = client
            with contextlib.suppress(OSError):
                client.connect("127.0.0.1", self._port, 5)
                while not self._stop.is_set() and client.loop(0.02) is mqtt.MQTT_ERR_SUCCESS:
                    if client.is_connected():
                        self._send(client)
                if (sock := client.socket()) is not None:
                    sock.close()
            self._sent_at.clear()
            self._stop.wait(0.1)

    def _new_client(self) -> mqtt.Client:
        session = uuid.uuid4().hex
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, self.name, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        will = Presence(state="offline", session=session, why="connection_lost")
        client.will_set(topic(PRESENCE, self.name), encode(will), 1, retain=True)
        client.on_message = lambda _client, _data, message: self._hear(message.topic, bytes(message.payload))
        online = encode(Presence(state="online", session=session, why="connected"))

        def greet(connected: mqtt.Client, *_: object) -> None:
            connected.subscribe([(topic(channel, self.name), 1) for channel in (ACK, DESIRED, CASE)])
            connected.publish(topic(PRESENCE, self.name), online, 1, retain=True)

        client.on_connect = greet
        return client

    def _send(self, client: mqtt.Client) -> None:
        """At most a window of reports at a time; what is not acknowledged within a second is sent again."""
        now = time.monotonic()
        with self._lock:
            for seq in sorted(self._kept)[:WINDOW]:
                if now - self._sent_at.get(seq, 0.0) > 1.0:
                    self._sent_at[seq] = now
                    client.publish(topic(REPORT, self.name), self._kept[seq], 1)

    def _hear(self, name: str, payload: bytes) -> None:
        if name == topic(ACK, self.name):
            ack = decode(Ack, payload)
            self.refused += [refused.seq for refused in ack.refused]
            with self._lock:
                self.acked = max(self.acked, ack.seq)
                self._kept = {seq: data for seq, data in self._kept.items() if seq > self.acked}
        elif name == topic(DESIRED, self.name):
            self.desired = decode(Desired, payload)
            if self._obedient:
                self.report(DesiredApplied(version=self.desired.version))
        elif name == topic(CASE, self.name):
            self.case = decode(Case, payload)
