"""RTCP (RFC 3550, 4585, 5104, REMB): what a call needs, read without ever raising, written in place."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

import msgspec

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, BYE = 200, 201, 202, 203
TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 205, 206
_NACK, _TRANSPORT_WIDE = 1, 15
_PLI, _FIR, _APPLICATION = 1, 4, 15
_CNAME = 1
MAX_PACKETS = 64
"""Packets read of one compound; the rest is refused."""


class ReportBlock(msgspec.Struct, frozen=True):
    """What the other side received of one of our streams."""

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_sender_report: int
    delay_since: int
    """1/65,536 seconds between that sender report and this block."""


class SenderReport(msgspec.Struct, frozen=True):
    """Ties an RTP timestamp to the sender's wall clock."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


class ReceiverReport(msgspec.Struct, frozen=True):
    """Report blocks of a side that sends nothing itself."""

    ssrc: int
    blocks: tuple[ReportBlock, ...]


class Nack(msgspec.Struct, frozen=True):
    """Packets asked for again."""

    ssrc: int
    media_ssrc: int
    lost: tuple[int, ...]


class KeyframeRequest(msgspec.Struct, frozen=True):
    """PLI or FIR."""

    media_ssrcs: tuple[int, ...]


class Remb(msgspec.Struct, frozen=True):
    """The receiver's estimate of the most that it can take, bit/s."""

    bitrate: int
    ssrcs: tuple[int, ...]


class TransportFeedback(msgspec.Struct, frozen=True):
    """Transport-wide congestion control; see :mod:`kit.media.rtp.feedback`."""

    fci: bytes


class Bye(msgspec.Struct, frozen=True):
    """Streams that end."""

    ssrcs: tuple[int, ...]


Message = SenderReport | ReceiverReport | Nack | KeyframeRequest | Remb | TransportFeedback | Bye


class Reading(msgspec.Struct, frozen=True):
    """Messages of a compound, and how many of its packets were refused."""

    messages: tuple[Message, ...]
    refused: int


def parse(data: bytes) -> Reading:
    """Read a compound. Unknown kinds are passed over; malformed ones counted; nothing raises."""
    messages: list[Message] = []
    refused = at = 0
    for _ in range(MAX_PACKETS):
        if at == len(data):
            return Reading(tuple(messages), refused)
        if at + 4 > len(data) or data[at] >> 6 != 2:
            break
        first, kind, words = struct.unpack_from("!BBH", data, at)
        end = at + 4 + 4 * words
        if end > len(data):
            break
        try:
            message = _read(first & 0x1F, kind, _unpadded(data[at + 4 : end], first))
        except (struct.error, IndexError, ValueError):
            refused += 1
        else:
            if message is not None:
                messages.append(message)
        at = end
    return Reading(tuple(messages), refused + 1)


def _unpadded(body: bytes, first: int) -> bytes:
    if not first & 0x20:
        return body
    if not body or not 0 < body[-1] <= len(body):
        raise ValueError("padding")
    return body[: -body[-1]]


def _read(count: int, kind: int, body: bytes) -> Message | None:
    if kind == SENDER_REPORT:
        ssrc, ntp, timestamp, packets, octets = struct.unpack_from("!LQLLL", body)
        return SenderReport(ssrc, ntp, timestamp, packets, octets, _blocks(count, body, 24))
    if kind == RECEIVER_REPORT:
        (ssrc,) = struct.unpack_from("!L", body)
        return ReceiverReport(ssrc, _blocks(count, body, 4))
    if kind == BYE:
        return Bye(struct.unpack_from(f"!{count}L", body))
    if kind == TRANSPORT_FEEDBACK:
        return _transport_feedback(count, body)
    return _payload_feedback(count, body) if kind == PAYLOAD_FEEDBACK else None


def _blocks(count: int, body: bytes, at: int) -> tuple[ReportBlock, ...]:
    blocks = []
    for start in range(at, at + 24 * count, 24):
        ssrc, lost, highest, jitter, last, delay = struct.unpack_from("!LLLLLL", body, start)
        total = (lost & 0xFFFFFF) - (1 << 24 if lost & 0x800000 else 0)
        blocks.append(ReportBlock(ssrc, lost >> 24, total, highest, jitter, last, delay))
    return tuple(blocks)


def _transport_feedback(kind: int, body: bytes) -> Message | None:
    sender, media = struct.unpack_from("!LL", body)
    if kind == _TRANSPORT_WIDE:
        return TransportFeedback(body[8:])
    if kind != _NACK:
        return None
    lost: list[int] = []
    for pid, mask in struct.iter_unpack("!HH", body[8:]):
        lost.append(pid)
        lost += [(pid + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return Nack(sender, media, tuple(lost))


def _payload_feedback(kind: int, body: bytes) -> Message | None:
    _, media = struct.unpack_from("!LL", body)
    if kind == _PLI:
        return KeyframeRequest((media,))
    if kind == _FIR:
        return KeyframeRequest(tuple(ssrc for ssrc, _ in struct.iter_unpack("!LL", body[8:])))
    if kind != _APPLICATION or body[8:12] != b"REMB":
        return None
    count, high, low = struct.unpack_from("!BBH", body, 12)
    return Remb(((high & 3) << 16 | low) << (high >> 2), struct.unpack_from(f"!{count}L", body, 16))


def _pack(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def sender_report(report: SenderReport, cname: str) -> bytes:
    """Write a report with the source description that a compound needs."""
    head = struct.pack("!LQLLL", report.ssrc, report.ntp, report.rtp_timestamp, report.packets, report.octets)
    name = cname.encode()[:255]
    item = struct.pack("!LBB", report.ssrc, _CNAME, len(name)) + name
    description = item + bytes(4 - len(item) % 4)
    body = head + _pack_blocks(report.blocks)
    return _pack(SENDER_REPORT, len(report.blocks), body) + _pack(SOURCE_DESCRIPTION, 1, description)


def receiver_report(report: ReceiverReport) -> bytes:
    """Write at most 31 blocks."""
    blocks = report.blocks[:31]
    return _pack(RECEIVER_REPORT, len(blocks), struct.pack("!L", report.ssrc) + _pack_blocks(blocks))


def _pack_blocks(blocks: Iterable[ReportBlock]) -> bytes:
    return b"".join(
        struct.pack(
            "!LLLLLL",
            block.ssrc,
            (block.fraction_lost & 0xFF) << 24 | max(-0x800000, min(0x7FFFFF, block.packets_lost)) & 0xFFFFFF,
            block.highest_sequence & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_sender_report,
            block.delay_since & 0xFFFFFFFF,
        )
        for block in blocks
    )


def nack(ssrc: int, media_ssrc: int, lost: Sequence[int]) -> bytes:
    """Ask for packets again; ``lost`` ascends in serial order."""
    items: list[tuple[int, int]] = []
    for sequence in lost:
        ahead = (sequence - items[-1][0] - 1) & 0xFFFF if items else 0xFFFF
        if ahead < 16:
            items[-1] = (items[-1][0], items[-1][1] | 1 << ahead)
        else:
            items.append((sequence & 0xFFFF, 0))
    fci = b"".join(struct.pack("!HH", pid, mask) for pid, mask in items)
    return _pack(TRANSPORT_FEEDBACK, _NACK, struct.pack("!LL", ssrc, media_ssrc) + fci)


def picture_loss(ssrc: int, media_ssrc: int) -> bytes:
    """Ask for a key frame."""
    return _pack(PAYLOAD_FEEDBACK, _PLI, struct.pack("!LL", ssrc, media_ssrc))


def remb(ssrc: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """Say the most that this side can take, to a peer without transport-wide feedback."""
    exponent = max(0, bitrate.bit_length() - 18)
    mantissa = bitrate >> exponent
    head = struct.pack(
        "!LL4sBBH", ssrc, 0, b"REMB", len(ssrcs), exponent << 2 | mantissa >> 16, mantissa & 0xFFFF
    )
    return _pack(PAYLOAD_FEEDBACK, _APPLICATION, head + struct.pack(f"!{len(ssrcs)}L", *ssrcs))


def transport_wide(ssrc: int, media_ssrc: int, fci: bytes) -> bytes:
    """Wrap the feedback that :class:`kit.media.rtp.feedback.ArrivalLog` wrote."""
    padding = -len(fci) % 4
    tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
    body = struct.pack("!LL", ssrc, media_ssrc) + fci + tail
    packed = _pack(TRANSPORT_FEEDBACK, _TRANSPORT_WIDE, body)
    return bytes((packed[0] | 0x20,)) + packed[1:] if padding else packed


def bye(ssrc: int) -> bytes:
    """Say that a stream ends."""
    return _pack(BYE, 1, struct.pack("!L", ssrc))
