"""Each wake-up of the machine costs more than what is done in it: timers run only while there is a reason."""

import asyncio
from collections.abc import Callable

import pytest
from aiortc import RTCCertificate, RTCIceGatherer, RTCIceTransport

from kit.media import rtp
from kit.media.rtp.video_in import VideoIn

LIMIT_S = 40.0
KEY, DELTA = b"\x10\x00" + bytes(8), b"\x10\x01" + bytes(8)


@pytest.fixture
async def transport() -> rtp.KitTransport:
    gatherer = RTCIceGatherer(iceServers=[])
    return rtp.KitTransport(RTCIceTransport(gatherer), [RTCCertificate.generateCertificate()])


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_what_is_missing_is_looked_for_until_it_is_there(transport: rtp.KitTransport) -> None:
    video = VideoIn("VP8", transport, 1, lambda _: None)

    def add(number: int, payload: bytes, *, again: bool = False) -> None:
        video.add(number, 3000 * number, payload, 0.0, marker=True, retransmitted=again)

    add(1, KEY)
    add(2, DELTA)
    assert video._timer is None
    add(4, DELTA)
    assert video._timer is not None
    await _until(lambda: video.repair.nacks.asked > 1)
    add(3, DELTA, again=True)
    await _until(lambda: video._timer is None)
    await video.close()


async def test_nothing_is_looked_for_after_the_end(transport: rtp.KitTransport) -> None:
    video = VideoIn("VP8", transport, 1, lambda _: None)
    await video.close()
    video.add(1, 0, DELTA, 0.0, marker=True, retransmitted=False)
    assert video.repair.waiting
    assert video._timer is None


async def test_what_comes_is_an_occasion_for_what_is_due(
    transport: rtp.KitTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[float] = []
    monkeypatch.setattr(transport.estimator, "on_tick", ticks.append)
    transport.begin([])
    for moment in range(1000, 1010):
        transport._tick_at = 1005.0 if not ticks else transport._tick_at
        transport._heard(float(moment))
        assert bool(ticks) == (moment >= 1005)
    await _until(lambda: len(ticks) > 2)
    await transport.stop()
    assert transport._next_tick is not None
    assert transport._next_tick.cancelled()
    transport._heard(float("inf"))
    assert transport._next_tick.cancelled()


async def test_a_timer_that_fails_fails_the_connection(transport: rtp.KitTransport) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    transport.later(0.0, fail)
    await _until(lambda: transport.state == "failed")
