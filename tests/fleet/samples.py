"""Messages and registers that the fleet's tests are made of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from fleet.contract import Battery, Body, Device, Health, Presence, Report, Uplink, encode
from fleet.ingest.intake import Incoming, Intake
from fleet.presence import Policy
from fleet.store import Store, seed
from fleet.store.presence import PresenceBook

NOON = 1_795_000_000_000
"""A time in 2026, UTC ms."""
DAY = date(2026, 11, 18)
STREAM = "5" * 32
EXAMPLE = Path("fleet/example.toml")
WELL = Health(
    battery=Battery(percent=87, charging=False),
    temperature_c=41.5,
    load=0.8,
    uplink=Uplink(kind="mobile", technology="4g", signal="good"),
    camera=Device(state="ok"),
    microphone=Device(state="ok"),
    speaker=Device(state="ok"),
    encoder="h264_software",
)


def session_of(number: int) -> str:
    """The identity of a kit's connection."""
    return f"{number:032x}"


def report(
    body: Body, *, kit: str = "kit-0001", seq: int = 1, stream: str = STREAM, oldest: int = 1
) -> Incoming:
    """A report as it comes from the broker."""
    envelope = Report(kit=kit, stream=stream, seq=seq, at=NOON, body=body, oldest=oldest)
    return Incoming(f"kits/{kit}/report", encode(envelope))


def online(kit: str = "kit-0001", number: int = 1) -> Incoming:
    """A kit's online message."""
    message = Presence(state="online", session=session_of(number), why="connected")
    return Incoming(f"kits/{kit}/presence", encode(message))


def last_will(kit: str = "kit-0001", number: int = 1) -> Incoming:
    """A kit's last will."""
    message = Presence(state="offline", session=session_of(number), why="connection_lost")
    return Incoming(f"kits/{kit}/presence", encode(message))


def plant(store: Store, now: int = NOON) -> None:
    """Seed the example register."""
    with store.writing() as session:
        seed.plant(session, seed.load(EXAMPLE), today=DAY, now=now)


def take_in(store: Store, *messages: Incoming, now: int = NOON) -> dict[str, list[tuple[int, list[int]]]]:
    """Commit a batch. Returns what is acknowledged: by kit, (highest contiguous, refused) of each stream."""
    with store.writing() as session:
        book = PresenceBook(session, 0, Policy())
        acks = Intake(session, book, now).take(list(messages))
    said: dict[str, list[tuple[int, list[int]]]] = {}
    for kit, ack in acks:
        said.setdefault(kit, []).append((ack.seq, [refused.seq for refused in ack.refused]))
    return said
