from collections.abc import Iterator

import aioice.ice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from kit.meeting.testroom import ice


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    before = aioice.ice.get_host_addresses
    yield
    aioice.ice.get_host_addresses = before


def test_loopback_is_offered_beside_the_machines_other_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ice, "_original", lambda use_ipv4, use_ipv6: ["192.0.2.7"])
    ice.add_loopback()
    ice.add_loopback()
    assert aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True) == ["192.0.2.7", "127.0.0.1"]
    assert aioice.ice.get_host_addresses(use_ipv4=False, use_ipv6=True) == ["192.0.2.7"]


async def test_aioice_asks_the_function_that_is_replaced() -> None:
    ice.add_loopback()
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        pc.createDataChannel("x")
        await pc.setLocalDescription(await pc.createOffer())
        assert " 127.0.0.1 " in pc.localDescription.sdp
    finally:
        await pc.close()
