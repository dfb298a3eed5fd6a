"""Peers that do their worst in a real call: refused within limits and counted, and the sound goes on."""

import asyncio
import random
import struct
from collections.abc import Callable, Iterator
from typing import cast

import pytest

from kit.media.rtp import guard, pacer, rtcp
from kit.media.rtp.congestion.estimator import Limits
from kit.media.rtp.decoding import MAX_WAITING, MAX_WAITING_BYTES
from kit.media.rtp.guard import Refused
from kit.media.rtp.packet import ExtensionIds, RtpPacket, serialize
from kit.media.rtp.sender import KitSender
from kit.media.rtp.video_buffer import MAX_PACKETS
from tests.kit.media.rtp.hostile import HostileCall, hostile_call, resident_mb

__all__ = ["hostile_call"]

GROWTH_MB = 60.0
SSRC, ENEMY = 0x1234, 0x4321
KEY_STARTS = b"\x10\x10\x00\x00\x9d\x01\x2a"
"""A VP8 payload descriptor of a frame's start, and a key frame's first bytes."""


def _packet(
    number: int,
    payload: bytes,
    kind: int,
    ssrc: int = SSRC,
    timestamp: int = 0,
    *,
    marker: bool = True,
) -> bytes:
    packet = RtpPacket(kind, marker, number & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc, payload)
    return serialize(packet, ExtensionIds(), b"", 0.0)


async def test_datagrams_of_anybody_do_not_end_the_call(hostile_call: HostileCall) -> None:
    call, rng = hostile_call, random.Random(7)
    stun = struct.pack("!HHI12sHH", 1, 8, 0x2112A442, bytes(12), 0x0024, 1) + bytes(4)
    await call.spray(
        [
            b"",
            b"\x80" + bytes(1500),
            b"\x80" * 60_000,
            b"\x16" * 3000,
            stun,
            *(bytes((first,)) + rng.randbytes(rng.randint(0, 200)) for first in range(256) for _ in range(3)),
        ]
    )
    refusals = call.guarded.refusals
    await call.until(lambda: refusals[Refused.LENGTH] >= 4 and refusals[Refused.AUTHENTICITY] > 50)
    assert refusals[Refused.PROTOCOL] > 100
    await call.assert_well()


async def test_ten_thousand_streams_are_refused_but_for_a_few(hostile_call: HostileCall) -> None:
    call = hostile_call
    kind = call.payload_type("video", "vp8")
    before = resident_mb()
    await call.send(_packet(1, bytes(200), kind, ssrc) for ssrc in range(1, 10_001))
    await call.until(lambda: call.guarded.refusals[Refused.STREAMS] > 1000)
    assert len(call.guarded._guarded) <= guard.MAX_STREAMS
    assert len(call.guarded.router._by_ssrc) <= 2 * guard.MAX_STREAMS
    assert len(call.receiver("video")._streams) <= guard.MAX_STREAMS
    assert resident_mb() - before < GROWTH_MB
    await call.assert_well()


async def test_a_stream_of_a_hundred_times_the_rate_takes_nothing_from_the_sound(
    hostile_call: HostileCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A hundredth of the limit instead of a machine that sends a hundred times as fast as this one.
    monkeypatch.setattr(guard, "PACKETS_PER_S", 20.0)
    monkeypatch.setattr(guard, "PACKETS_BURST", 15.0)
    call, heard = hostile_call, hostile_call.heard
    kind = call.payload_type("video", "h264")
    before = resident_mb()
    await call.send(_packet(n, b"\x41" + bytes(1000), kind, timestamp=3000 * n) for n in range(4000))
    await call.until(lambda: call.guarded.refusals[Refused.RATE] > 1000)
    assert call.heard > heard
    assert resident_mb() - before < GROWTH_MB
    await call.assert_well()


async def test_a_million_requests_for_packets_are_not_answered(hostile_call: HostileCall) -> None:
    call, rng = hostile_call, random.Random(7)
    sender = cast(KitSender, call.victim.getSenders()[1]).stream
    sender.rtx_type = sender.rtx_type or 98
    for number in range(1000):
        sender.number(RtpPacket(97, False, number, number, sender.ssrc, bytes(1000)), float(number))
    request = struct.pack("!BBHLL", 0x81, 205, 302, ENEMY, sender.ssrc)
    compounds = (
        request + b"".join(struct.pack("!HH", rng.randrange(1 << 16), 0xFFFF) for _ in range(300))
        for _ in range(200)
    )
    await call.send(compounds)
    await call.until(lambda: call.guarded.refusals[Refused.ASKED] > 20)
    assert sender.history.asked <= 2 * guard.ASKED_BURST + 30 * guard.ASKED_PER_S
    assert len(call.guarded._pacer._retransmissions) <= pacer.MAX_RETRANSMISSIONS
    await call.assert_well()


async def test_feedback_about_what_was_never_sent_moves_nothing_and_costs_little(
    hostile_call: HostileCall,
) -> None:
    call = hostile_call
    fci = struct.pack("!HHBBBB", 7000, 8192, 0, 0, 1, 0) + struct.pack("!H", 0x1FFF) + struct.pack("!H", 1)
    bomb = 40 * rtcp.transport_wide(ENEMY, 1, fci)
    target = call.guarded.estimator.target
    await call.send(bomb for _ in range(300))
    await call.until(lambda: call.guarded.refusals[Refused.REPORTS] > 100)
    assert Limits().floor <= call.guarded.estimator.target
    assert call.guarded.estimator.target >= 0.2 * target
    await call.assert_well()


async def test_pictures_of_sixteen_thousand_squared_are_refused_by_their_header(
    hostile_call: HostileCall,
) -> None:
    call = hostile_call
    kind = call.payload_type("video", "vp8")
    before = resident_mb()
    huge = KEY_STARTS + struct.pack("<HH", 16383, 16383) + bytes(300)
    await call.send(_packet(n, huge, kind, timestamp=3000 * n) for n in range(200))
    receiver = call.receiver("video")
    await call.until(lambda: receiver.video is not None and receiver.video.decoder.counters.too_large > 20)
    assert resident_mb() - before < GROWTH_MB
    await call.assert_well()


def _jumping_numbers(rng: random.Random) -> Iterator[tuple[int, int, bytes, bool]]:
    number = 0
    for _ in range(4000):
        # Never back: SRTP's own counter could not follow.
        number += rng.choice((1, 1, 500, 5000, 30_000))
        yield number, rng.randrange(1 << 32), b"\x65" + rng.randbytes(40), True


def _endless_fragments(rng: random.Random) -> Iterator[tuple[int, int, bytes, bool]]:
    for number in range(6000):
        yield number, 0, b"\x7c" + (b"\x85" if number == 0 else b"\x05") + bytes(1000), False


def _holes_everywhere(rng: random.Random) -> Iterator[tuple[int, int, bytes, bool]]:
    yield 0, 0, b"\x65" + bytes(20), True
    for number in range(4000):
        yield 3 * number, 3000 * number, b"\x41" + bytes(900), True


def _a_byte_each(rng: random.Random) -> Iterator[tuple[int, int, bytes, bool]]:
    for number in range(8000):
        yield number, number // 4, b"\x65", False


def _repeated_sequence_parameters(rng: random.Random) -> Iterator[tuple[int, int, bytes, bool]]:
    for number in range(3000):
        yield number, 3000 * number, b"\x67" + rng.randbytes(30), True


@pytest.mark.parametrize(
    "stream",
    [_jumping_numbers, _endless_fragments, _holes_everywhere, _a_byte_each, _repeated_sequence_parameters],
)
@pytest.mark.parametrize("codec", ["h264", "rtx"])
async def test_streams_that_make_no_sense_fill_nothing(
    hostile_call: HostileCall,
    stream: Callable[[random.Random], Iterator[tuple[int, int, bytes, bool]]],
    codec: str,
) -> None:
    call, before = hostile_call, resident_mb()
    kind = call.payload_type("video", codec)
    shell = b"" if codec == "h264" else bytes(2)
    await call.send(
        _packet(number, shell + payload, kind, timestamp=timestamp, marker=marker)
        for number, timestamp, payload, marker in stream(random.Random(7))
    )
    await call.assert_well()
    video = call.receiver("video").video
    if video is not None:
        assert len(video.repair.buffer._packets) <= MAX_PACKETS
        assert len(video.decoder._waiting) <= MAX_WAITING
        assert video.decoder._waiting_bytes <= MAX_WAITING_BYTES
        assert video.decoder.counters.failed == 0
        assert video.decoder._thread.is_alive()
    assert call.guarded.refusals[Refused.FAULT] == 0
    assert resident_mb() - before < GROWTH_MB


async def test_farewells_and_reports_of_strangers_change_nothing(hostile_call: HostileCall) -> None:
    call, rng = hostile_call, random.Random(7)
    await call.send(rtcp.bye(rng.getrandbits(32)) for _ in range(3000))
    await call.until(lambda: call.guarded.refusals[Refused.STREAMS] > 100)
    await call.assert_well()


async def test_what_was_refused_is_told_by_kind(hostile_call: HostileCall) -> None:
    call = hostile_call
    await call.spray([b""])
    await call.until(lambda: call.guarded.refusals[Refused.LENGTH] == 1)
    report = await call.victim.getStats()
    (transport,) = (value for value in report.values() if value.type == "transport")
    assert transport.refusedByKind["length"] == 1
    assert set(transport.refusedByKind) <= set(Refused)
    assert transport.refusedPackets == sum(transport.refusedByKind.values())


async def test_a_task_of_media_that_dies_ends_its_connection_and_not_the_process(
    hostile_call: HostileCall,
) -> None:
    call = hostile_call
    sound = call.receiver("audio").sound
    assert sound is not None
    sound.playout.pull = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    await call.until(lambda: call.victim.connectionState == "failed")


async def test_a_failure_in_the_thread_of_the_sound_card_ends_the_connection_and_not_the_thread(
    hostile_call: HostileCall,
) -> None:
    call = hostile_call
    receiver = call.receiver("audio")
    assert receiver.sound is not None
    receiver.sound.playout.pull = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    assert await asyncio.to_thread(receiver.pull) is None
    await call.until(lambda: call.victim.connectionState == "failed")
