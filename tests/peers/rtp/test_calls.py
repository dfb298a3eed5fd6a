"""Real calls over loopback, short: our two sides with each other, and with Chromium both ways."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aioice.ice
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from bench.calls import call, conditions, scene
from bench.calls.call import Plan
from bench.calls.chromium import ChromiumPeer
from bench.calls.conditions import Condition, Step
from bench.calls.figures import DIRECTIONS, figures
from bench.calls.peer import KitPeer
from kit.media import rtp

DEADLINE_S = 20.0
CODECS = ["H264", "VP8"]


@pytest.fixture(autouse=True)
def ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    rtp.install()


@dataclass
class Side:
    """One peer, and how many frames it was given."""

    pc: RTCPeerConnection
    frames: dict[str, int] = field(default_factory=lambda: {"audio": 0, "video": 0})
    ended: set[str] = field(default_factory=set)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def watch(self, track: MediaStreamTrack) -> None:
        async def run() -> None:
            with contextlib.suppress(MediaStreamError):
                while True:
                    await track.recv()
                    self.frames[track.kind] += 1
            self.ended.add(track.kind)

        self.tasks.append(asyncio.create_task(run()))


def _side(codec: str, policy: RTCBundlePolicy) -> Side:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=policy))
    side = Side(pc)
    pc.on("track", side.watch)
    pc.addTrack(scene.Microphone())
    pc.addTrack(scene.Camera())
    for transceiver in pc.getTransceivers():
        if transceiver.kind == "video":
            known = rtp.KitSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([c for c in known if c.name.upper() in (codec, "RTX")])
    return side


async def _negotiate(a: RTCPeerConnection, b: RTCPeerConnection) -> None:
    await a.setLocalDescription(await a.createOffer())
    await b.setRemoteDescription(a.localDescription)
    await b.setLocalDescription(await b.createAnswer())
    await a.setRemoteDescription(b.localDescription)


async def _until(sides: list[Side], frames: int) -> None:
    wanted = [{kind: side.frames[kind] + frames for kind in side.frames} for side in sides]
    deadline = time.monotonic() + DEADLINE_S
    while any(s.frames[k] < n for s, want in zip(sides, wanted, strict=True) for k, n in want.items()):
        assert time.monotonic() < deadline, [side.frames for side in sides]
        await asyncio.sleep(0.05)


@pytest.fixture
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[list[Side]]:
    codec, policy = request.param
    sides = [_side(codec, policy), _side(codec, policy)]
    yield sides
    for side in sides:
        await side.pc.close()
        for task in side.tasks:
            await asyncio.wait_for(task, 5)


BUNDLED = [(codec, RTCBundlePolicy.MAX_BUNDLE) for codec in CODECS]


@pytest.mark.parametrize("pair", [*BUNDLED, ("H264", RTCBundlePolicy.BALANCED)], indirect=True)
async def test_sound_and_pictures_flow_both_ways_and_survive_renegotiation(pair: list[Side]) -> None:
    first, second = pair
    await _negotiate(first.pc, second.pc)
    await _until(pair, 20)
    await _negotiate(first.pc, second.pc)
    first.pc.getSenders()[1].replaceTrack(scene.Camera())
    await _until(pair, 20)
    stats = await first.pc.getStats()
    kinds = {value.type for value in stats.values()}
    assert {"inbound-rtp", "outbound-rtp", "transport"} <= kinds
    inbound = [s for s in stats.values() if s.type == "inbound-rtp" and s.kind == "video" and s.framesDecoded]
    assert inbound
    assert inbound[0].frameWidth > 0


@pytest.mark.parametrize("pair", BUNDLED[:1], indirect=True)
async def test_when_one_side_closes_the_tracks_of_the_other_end_and_no_task_stays(pair: list[Side]) -> None:
    first, second = pair
    channel = first.pc.createDataChannel("words")
    await _negotiate(first.pc, second.pc)
    await _until(pair, 5)
    assert channel.readyState == "open"
    await first.pc.close()
    await asyncio.wait_for(asyncio.gather(*second.tasks), 5)
    assert second.ended == {"audio", "video"}
    await second.pc.close()
    ours = [task for task in asyncio.all_tasks() if "kit/media/rtp" in repr(task.get_coro())]
    assert not ours


@pytest.mark.parametrize("pair", BUNDLED[:1], indirect=True)
async def test_hostile_packets_inside_a_call_do_not_end_it(pair: list[Side]) -> None:
    first, second = pair
    await _negotiate(first.pc, second.pc)
    await _until(pair, 5)
    transport = first.pc.getSenders()[0].transport
    assert isinstance(transport, rtp.KitTransport)
    for data in (
        b"\x80\xce\x00\x03" + bytes(4) + b"\0\0\0\0REMB\xff",
        b"\x8f\xcd\x00\x02" + bytes(8),
        b"\x9f\x60",
    ):
        await transport._handle_rtcp_data(data)
        await transport._handle_rtp_data(data, 0)
    assert transport.refusals.total > 0
    await _until(pair, 10)


def _condition(name: str) -> Condition:
    return next(condition for condition in conditions.read() if condition.name == name)


@pytest.mark.parametrize(("codec", "name"), [("H264", "loss5"), ("VP8", "clean")])
async def test_chromium_and_the_kit_see_and_hear_each_other(codec: str, name: str) -> None:
    outcome = await call.hold(KitPeer(codec), ChromiumPeer(codec), Plan(_condition(name), 7, 8.0, 5.0))
    for report in (outcome.near, outcome.far):
        assert report.state == "connected"
        assert len(report.pictures) >= 10
        assert sum(age is not None for _, age, *_ in report.pictures) > 0.8 * len(report.pictures)
        assert len(report.sound) > 2 * 8000
    sent = outcome.near.change["outbound-rtp-video"]
    assert sent["framesEncoded"] >= 10


async def test_what_the_network_does_to_a_call_stands_in_its_figures() -> None:
    """Two seconds without network and 100 ms more delay than usual, through both real peers."""
    plan = Plan(
        Condition(name="cut", delay=125, steps=(Step(at=3, rate=0), Step(at=5, rate=-1))), 7, 8.0, warm_up=6.0
    )
    outcome = await call.hold(KitPeer("H264"), ChromiumPeer("H264"), plan)
    for direction in DIRECTIONS:
        measured = figures(outcome, direction, plan)
        assert measured.sound_lost_ratio > 0.08
        assert measured.freeze_seconds > 1.8
        ages = (measured.latency_p50_ms, measured.sound_latency_ms)
        assert all(age is None or age > 125 for age in ages)
