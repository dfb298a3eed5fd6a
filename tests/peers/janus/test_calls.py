"""Calls by way of a real Janus: the kit's own RTP there and back, with a Chromium on the other side."""

import asyncio
import os
import subprocess

import psutil
import pytest

from bench.calls import call
from bench.calls.call import Outcome, Plan
from bench.calls.chromium import ChromiumPeer
from bench.calls.conditions import Condition
from bench.calls.janus import BITRATE, Janus
from bench.calls.janus_server import JanusError
from bench.calls.peer import KitPeer

SEED = 7
NARROW_KBPS = 600


@pytest.fixture(autouse=True)
def may_make_namespaces() -> None:
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("Janus needs a network namespace, and this machine lets us make none")


async def _held(codec: str, condition: Condition, seconds: float, warm_up: float) -> Outcome:
    return await call.hold(
        KitPeer(codec), ChromiumPeer(codec), Plan(condition, SEED, seconds, warm_up, behind="janus")
    )


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_kit_and_chromium_see_and_hear_each_other_through_janus(codec: str) -> None:
    outcome = await _held(codec, Condition(name="clean"), 8.0, 5.0)
    for report in (outcome.near, outcome.far):
        assert report.state == "connected"
        assert len(report.pictures) >= 10
        assert sum(age is not None for _, age, *_ in report.pictures) > 0.8 * len(report.pictures)
        assert len(report.sound) > 2 * 8000
    assert outcome.near.change["outbound-rtp-video"]["framesEncoded"] >= 10


async def test_on_a_narrow_way_to_janus_the_kit_sends_less_than_janus_asks_for() -> None:
    """Janus's REMB is the room's cap whatever happens: only its transport-wide feedback tells of the way."""
    condition = Condition(name="narrow", rate=NARROW_KBPS, queue=300)
    outcome = await _held("H264", condition, 8.0, 12.0)
    sent = sum(outcome.account.up[:8]) * 8 / 8
    assert 0.2 * NARROW_KBPS * 1000 < sent < 1.2 * NARROW_KBPS * 1000 < BITRATE / 2
    assert len(outcome.far.pictures) >= 10


async def test_janus_says_what_it_refuses_and_leaves_nothing_behind() -> None:
    janus = Janus()
    try:
        await janus.start()
        watching = await janus.subscriber()
        with pytest.raises(JanusError, match="No such feed"):
            await watching.subscribe(404)
        assert janus.outside in _addresses()
    finally:
        await janus.close()
    assert janus.outside not in _addresses()
    names = await asyncio.to_thread(os.listdir, "/run/netns")
    assert not [name for name in names if name == janus.namespace]


def _addresses() -> set[str]:
    return {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
