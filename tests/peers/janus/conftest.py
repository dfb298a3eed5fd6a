"""The engine process, a real Janus behind TLS, and browsers as the others in the room."""

import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
import pytest

from kit.ipc import engine as ng
from kit.ipc.call import Participant
from kit.ipc.pictures import Picture
from kit.media.level import Block
from kit.visit.model import Invitation, Service
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.janus.browser import Guests
from tests.peers.janus.server import ROOM, TestJanus
from tests.peers.media.conftest import certificates, pulse, voice
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.pulse import Pulse

T = TypeVar("T", bound=msgspec.Struct)

__all__ = ["certificates", "pulse", "voice"]

COLOURS = {"red": (81, 90, 240), "lime": (145, 54, 34), "blue": (41, 240, 110)}
"""As the pages paint them, and what that is in Y, U, V of BT.601."""
PITCHES = {"red": 500.0, "lime": 900.0, "blue": 1400.0}
NAMES = {"red": "Läkare Röd", "lime": "Sjuksköterska Grön", "blue": "Handläggare Blå"}


@pytest.fixture(autouse=True)
def may_make_namespaces() -> None:
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("Janus needs a network namespace, and this machine lets us make none")


@pytest.fixture
async def janus(certificates: Certificates) -> AsyncIterator[TestJanus]:
    async with TestJanus(certificates) as janus:
        yield janus


@pytest.fixture
async def guests() -> AsyncIterator[Guests]:
    async with Guests() as guests:
        yield guests


@pytest.fixture
def config(tmp_path: Path, certificates: Certificates, janus: TestJanus) -> Path:
    folder = tmp_path / "kit"
    folder.mkdir()
    return write_config(folder, ca=certificates.ca, host=janus.host)


@pytest.fixture
async def kit(config: Path, pulse: Pulse) -> AsyncIterator[Kit]:
    async with Kit(config, pulse.environment) as kit:
        yield kit


async def enter(
    kit: Kit,
    janus: TestJanus,
    room: int | str = ROOM,
    pin: str | None = None,
    token: str | None = None,
    session: bytes | None = None,
) -> None:
    """Order the kit into a room."""
    where = Invitation(host=janus.host, alias=str(room), pin=pin, token=token, service=Service.JANUS)
    await kit.order(ng.JoinRoom(where, "Hembesök", session=session))


async def roster(kit: Kit, *names: str) -> dict[str, Participant]:
    """Wait until exactly these are there beside the kit; return them by name."""
    found = await told(
        kit, ng.Roster, lambda r: sorted(p.name for p in r.participants if not p.me) == sorted(names)
    )
    return {person.name: person for person in found.participants}


def colour(picture: Picture) -> str:
    """Which of the pages it is of."""
    middle = []
    for plane in picture.planes:
        at = plane.rows // 2 * plane.stride + min(plane.stride, picture.width) // 4
        middle.append(int(plane.data[at]))
    found = min(COLOURS, key=lambda name: float(np.abs(np.subtract(COLOURS[name], middle)).sum()))
    assert np.abs(np.subtract(COLOURS[found], middle)).max() < 40, (found, middle)
    return found


def pitches(sound: Block) -> set[str]:
    """Whose voices are in it."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    heard = set()
    for name, hertz in PITCHES.items():
        at = round(hertz * len(sound) / 48_000)
        if spectrum[at - 3 : at + 4].max() > 0.15 * spectrum.max() and spectrum.max() > 1e5:
            heard.add(name)
    return heard


async def told(kit: Kit, kind: type[T], where: Callable[[T], bool]) -> T:
    """The newest of these events, if it fits, else the next that does."""
    newest = next((event for event in reversed(kit.events) if isinstance(event, kind)), None)
    if newest is not None and where(newest):
        return newest
    return await kit.wait_for(kind, where=where)
