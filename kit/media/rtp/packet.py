"""RTP packets (RFC 3550), their one-byte header extensions (RFC 8285), retransmission (RFC 4588)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

MAX_PAYLOAD = 1160
"""Bytes of payload that cross every path seen: IPv6, UDP, TURN over TLS, SRTP and extensions fit in 1,280."""

_KNOWN = (MID, AUDIO_LEVEL, ABS_SEND_TIME, TRANSPORT_SEQUENCE, PLAYOUT_DELAY)

LOWER_LAYERS = 28 + 10
"""Bytes that IPv4, UDP and the SRTP tag add to each packet; what the link carries is what counts."""

_FIXED = struct.Struct("!BBHLL")
_PROFILE = struct.Struct("!HH")
_ONE_BYTE = 0xBEDE
_NTP_SHORT = 1 << 18
"""Fractions of a second in the 6.18 fixed point of abs-send-time."""


class MalformedError(ValueError):
    """Bytes that are not what they claim to be."""


class PlayoutDelay(NamedTuple):
    """How long the receiver should let pictures wait, in steps of 10 ms; 0–4,095 each."""

    least: int
    most: int
    forwarded: bool = False
    """Written as Janus (1.1.2) reads it: it looks for a word, finds none in the three bytes that there should
    be, and tells receivers not to wait at all. So a byte goes before them.
    """


class ExtensionIds(NamedTuple):
    """Negotiated ids, 1–14; 0 where an extension was not negotiated."""

    mid: int = 0
    audio_level: int = 0
    abs_send_time: int = 0
    transport_sequence: int = 0
    playout_delay: int = 0

    @classmethod
    def of(cls, negotiated: Iterable[tuple[str, int]]) -> ExtensionIds:
        """Pick the known ones out of (URI, id) pairs."""
        ids = {uri: number for uri, number in negotiated if 0 < number < 15}
        return cls(*(ids.get(uri, 0) for uri in _KNOWN))


@dataclass(slots=True)
class RtpPacket:
    """One packet, in or out."""

    payload_type: int
    marker: bool
    sequence_number: int
    timestamp: int
    ssrc: int
    payload: bytes
    padding: int = 0
    transport_sequence: int | None = None
    audio_level: int | None = None
    """Loudness in -dBov, 0 (loudest) to 127."""
    arrival: float = 0.0
    """Monotonic seconds."""
    mid: str | None = None
    send_time: float | None = None
    """Seconds of the sender's clock, modulo 64, at which it left; only of received packets."""
    playout_delay: PlayoutDelay | None = None
    repeated: bool = False
    """It has left before, and keeps its number; only of packets to send."""

    @property
    def size_on_link(self) -> int:
        """Bytes on the link, with extensions (at most 28 bytes) and lower layers."""
        return len(self.payload) + self.padding + 40 + LOWER_LAYERS


def parse(data: bytes, ids: ExtensionIds, arrival: float) -> RtpPacket:
    """Read a packet; raises :class:`MalformedError`."""
    if len(data) < _FIXED.size:
        raise MalformedError("shorter than its header")
    first, second, sequence, timestamp, ssrc = _FIXED.unpack_from(data)
    if first >> 6 != 2:
        raise MalformedError("version")
    at, end = _FIXED.size + 4 * (first & 0x0F), len(data)
    values: dict[int, bytes] = {}
    if first & 0x10:
        if at + 4 > end:
            raise MalformedError("extension header")
        profile, words = _PROFILE.unpack_from(data, at)
        start, at = at + 4, at + 4 + 4 * words
        if at > end:
            raise MalformedError("extensions")
        if profile == _ONE_BYTE:
            values = _one_byte_values(data[start:at])
    padding = data[-1] if first & 0x20 else 0
    if at + padding > end or (first & 0x20 and not padding):
        raise MalformedError("padding")
    payload = data[at : end - padding]
    marker, payload_type = bool(second >> 7), second & 0x7F
    packet = RtpPacket(payload_type, marker, sequence, timestamp, ssrc, payload, padding, arrival=arrival)
    number = values.get(ids.transport_sequence, b"")
    packet.transport_sequence = int.from_bytes(number, "big") if len(number) == 2 else None
    mid = values.get(ids.mid)
    moment = values.get(ids.abs_send_time, b"")
    packet.send_time = int.from_bytes(moment, "big") / _NTP_SHORT if len(moment) == 3 else None
    packet.mid = mid.decode("ascii", "replace") if mid else None
    return packet


def _one_byte_values(data: bytes) -> dict[int, bytes]:
    """Values by id; 0 is padding, 15 ends the list."""
    values: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        number, size = data[at] >> 4, (data[at] & 0x0F) + 1
        if number == 15:
            break
        if number == 0:
            at += 1
            continue
        values[number] = data[at + 1 : at + 1 + size]
        at += 1 + size
    return values


def serialize(packet: RtpPacket, ids: ExtensionIds, mid: bytes, wall_s: float) -> bytes:
    """Write a packet with every negotiated extension; ``wall_s`` goes into abs-send-time.

    The playout delay is first: Janus reads it only when something comes behind it.
    """
    parts = []
    if ids.playout_delay and packet.playout_delay is not None:
        least, most, forwarded = packet.playout_delay
        size = 4 if forwarded else 3
        parts.append(bytes((ids.playout_delay << 4 | size - 1,)) + (least << 12 | most).to_bytes(size, "big"))
    if ids.transport_sequence and packet.transport_sequence is not None:
        parts.append(struct.pack("!BH", ids.transport_sequence << 4 | 1, packet.transport_sequence & 0xFFFF))
    if ids.abs_send_time:
        moment = int(wall_s % 64 * _NTP_SHORT) & 0xFFFFFF
        parts.append(bytes((ids.abs_send_time << 4 | 2,)) + moment.to_bytes(3, "big"))
    if ids.mid and 0 < len(mid) <= 16:
        parts.append(bytes((ids.mid << 4 | len(mid) - 1,)) + mid)
    if ids.audio_level and packet.audio_level is not None:
        parts.append(bytes((ids.audio_level << 4, packet.audio_level & 0x7F)))
    values = b"".join(parts)
    values += bytes(-len(values) % 4)
    head = _FIXED.pack(
        0x80 | (0x10 if values else 0) | (0x20 if packet.padding else 0),
        packet.marker << 7 | packet.payload_type,
        packet.sequence_number,
        packet.timestamp,
        packet.ssrc,
    )
    if values:
        head += _PROFILE.pack(_ONE_BYTE, len(values) // 4) + values
    tail = bytes(packet.padding - 1) + bytes((packet.padding,)) if packet.padding else b""
    return head + packet.payload + tail


def wrap_rtx(original: RtpPacket, payload_type: int, ssrc: int) -> RtpPacket:
    """Make the retransmission of a packet; its own sequence number is given when it leaves."""
    payload = original.sequence_number.to_bytes(2, "big") + original.payload
    return RtpPacket(payload_type, original.marker, 0, original.timestamp, ssrc, payload)


def unwrap_rtx(packet: RtpPacket) -> tuple[int, bytes] | None:
    """Original sequence number and payload; None for padding, which probes send on this stream."""
    if len(packet.payload) < 2:
        return None
    return packet.payload[0] << 8 | packet.payload[1], packet.payload[2:]
