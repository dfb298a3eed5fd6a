"""A real Mosquitto with the rules that provisioning writes, and a plain client to try them with."""

import contextlib
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from provisioning.broker import Broker
from provisioning.site import Identity

MOSQUITTO = "/usr/sbin/mosquitto"
PATIENCE_S = 40.0


class RunningBroker:
    """Start, stop and kill Mosquitto; ``log`` is what it wrote to stderr."""

    def __init__(self, plan: Broker) -> None:
        self.plan = plan
        self.log = plan.folder / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([MOSQUITTO, "-c", str(self.plan.config)], stderr=log)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((self.plan.host, self.plan.port), 1):
                return
            assert self._process.poll() is None, self.log.read_text()
            time.sleep(0.02)
        raise AssertionError("the broker does not listen")

    def reload(self) -> None:
        """Let it read list and rules again; it does so between two rounds of its loop."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        time.sleep(0.3)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)


class Refused(Exception):  # noqa: N818 - it names what happened
    """The broker did not let the client in."""


class Client:
    """One MQTT 5 connection; everything it receives is kept in ``received``."""

    def __init__(
        self, plan: Broker, identity: Identity, *, client_id: str = "", context: ssl.SSLContext | None = None
    ) -> None:
        self.received: list[tuple[str, bytes]] = []
        self._plan = plan
        self._connected = threading.Event()
        self._codes: dict[int, int] = {}
        self._suback = threading.Event()
        self.gone = threading.Event()
        self.mqtt = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5, reconnect_on_failure=False
        )
        self.mqtt.tls_set_context(context or context_of(identity))
        self.mqtt.on_connect = lambda *_: self._connected.set()
        self.mqtt.on_disconnect = lambda *_: self.gone.set()
        self.mqtt.on_subscribe = lambda *_: self._suback.set()
        self.mqtt.on_publish = self._published
        self.mqtt.on_message = lambda _client, _data, message: self.received.append(
            (message.topic, bytes(message.payload))
        )

    def connect(self) -> "Client":
        try:
            self.mqtt.connect(self._plan.host, self._plan.port, 30)
        except (OSError, ssl.SSLError) as error:
            raise Refused from error
        self.mqtt.loop_start()
        deadline = time.monotonic() + PATIENCE_S
        # With TLS 1.3 a client learns only after its own handshake that its certificate was refused.
        while not self._connected.wait(0.02):
            if self.gone.is_set() or time.monotonic() > deadline:
                self.mqtt.loop_stop()
                raise Refused
        return self

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> int:
        """Reason code of the PUBACK: below 0x80 is success. 0xFF when the connection ended instead."""
        sent = self.mqtt.publish(topic, payload, 1, retain=retain)
        deadline = time.monotonic() + PATIENCE_S
        while sent.mid not in self._codes:
            if self.gone.is_set():
                return 0xFF
            assert time.monotonic() < deadline, "no PUBACK"
            time.sleep(0.01)
        return self._codes.pop(sent.mid)

    def subscribe(self, *topics: str) -> None:
        for topic in topics:
            self._suback.clear()
            self.mqtt.subscribe(topic, 1)
            assert self._suback.wait(PATIENCE_S)

    def will(self, topic: str, payload: bytes) -> "Client":
        self.mqtt.will_set(topic, payload, 1, retain=True)
        return self

    def drop(self) -> None:
        """End the TCP connection without a word, as a dead battery does."""
        sock = self.mqtt.socket()
        assert isinstance(sock, ssl.SSLSocket)
        sock.shutdown(socket.SHUT_RDWR)
        self.mqtt.loop_stop()

    def close(self) -> None:
        self.mqtt.disconnect()
        self.mqtt.loop_stop()

    def _published(
        self, _client: mqtt.Client, _data: object, mid: int, code: ReasonCode, _properties: object
    ) -> None:
        self._codes[mid] = code.value


def context_of(identity: Identity) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(identity.ca))
    context.load_cert_chain(identity.certificate, identity.key)
    return context


def eventually(true: Callable[[], object], seconds: float = PATIENCE_S) -> bool:
    """Whether it becomes true within the time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def folder_holds(folder: Path, word: bytes) -> list[Path]:
    """Files below the folder in which the word stands."""
    return [path for path in folder.rglob("*") if path.is_file() and word in path.read_bytes()]
