"""While a QR code is looked for: the camera is on, the microphone is not, and all is closed afterwards."""

import asyncio

from kit.ipc import engine as ng
from kit.ipc.pictures import Stream
from kit.ipc.scan import ScanCodes
from tests.peers.media.conftest import until
from tests.peers.media.kit import Kit


async def test_codes_are_looked_for_with_the_camera_alone(kit: Kit) -> None:
    assert kit.pictures.latest(Stream.SELF) is None
    await kit.order(ScanCodes(on=True))
    first = await kit.picture(Stream.SELF)
    await kit.picture(Stream.SELF, where=lambda picture: picture.sequence > first.sequence + 10)
    assert not any(isinstance(event, ng.Level) for event in kit.events)
    await kit.order(ScanCodes(on=False))
    await until(lambda: kit.pictures.latest(Stream.SELF) is None)
    await asyncio.sleep(0.5)
    assert kit.pictures.latest(Stream.SELF) is None
