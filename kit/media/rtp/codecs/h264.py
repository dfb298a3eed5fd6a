"""H.264 in RTP (RFC 6184, packetization mode 1): single units, STAP-A and FU-A."""

from __future__ import annotations

from collections.abc import Iterator

from kit.media.rtp.packet import MAX_PAYLOAD, MalformedError

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28
_TYPE, _IMPORTANCE = 0x1F, 0x60
_START, _END = 0x80, 0x40
_START_CODE = b"\x00\x00\x00\x01"


def packetize(stream: bytes) -> list[bytes]:
    """Split an Annex B access unit into payloads of at most ``MAX_PAYLOAD`` bytes."""
    payloads: list[bytes] = []
    waiting: list[bytes] = []
    for unit in units(stream):
        if len(unit) + 2 * (len(waiting) + 1) + sum(map(len, waiting)) + 1 <= MAX_PAYLOAD:
            waiting.append(unit)
            continue
        payloads += _aggregate(waiting)
        waiting = []
        if len(unit) > MAX_PAYLOAD:
            payloads += _fragment(unit)
        else:
            waiting.append(unit)
    return payloads + _aggregate(waiting)


def units(stream: bytes) -> Iterator[bytes]:
    """NAL units between Annex B start codes."""
    at = stream.find(b"\x00\x00\x01")
    while at >= 0:
        begin = at + 3
        at = stream.find(b"\x00\x00\x01", begin)
        unit = stream[begin : at if at >= 0 else len(stream)].rstrip(b"\x00") if at >= 0 else stream[begin:]
        if unit:
            yield unit


def _aggregate(waiting: list[bytes]) -> list[bytes]:
    if len(waiting) < 2:
        return waiting
    importance = max(unit[0] & _IMPORTANCE for unit in waiting)
    parts = b"".join(len(unit).to_bytes(2, "big") + unit for unit in waiting)
    return [bytes((importance | _STAP_A,)) + parts]


def _fragment(unit: bytes) -> list[bytes]:
    indicator = unit[0] & _IMPORTANCE | _FU_A
    kind, body = unit[0] & _TYPE, unit[1:]
    count = -(-len(body) // (MAX_PAYLOAD - 2))
    size = -(-len(body) // count)
    fragments = []
    for start in range(0, len(body), size):
        mark = (_START if start == 0 else 0) | (_END if start + size >= len(body) else 0)
        fragments.append(bytes((indicator, mark | kind)) + body[start : start + size])
    return fragments


def starts_keyframe(payload: bytes) -> bool:
    """Whether a payload begins a picture that needs no other: SPS or IDR."""
    kind = payload[0] & _TYPE
    if kind == _STAP_A:
        return len(payload) > 3 and payload[3] & _TYPE in (_SPS, _IDR)
    if kind == _FU_A:
        return len(payload) > 1 and bool(payload[1] & _START) and payload[1] & _TYPE in (_SPS, _IDR)
    return kind in (_SPS, _IDR)


def depacketize(payload: bytes) -> bytes:
    """Annex B bytes of one payload, to be joined in order; raises :class:`MalformedError`."""
    kind = payload[0] & _TYPE
    if kind == _FU_A:
        if len(payload) < 3:
            raise MalformedError("fragment")
        if not payload[1] & _START:
            return payload[2:]
        return _START_CODE + bytes((payload[0] & 0xE0 | payload[1] & _TYPE,)) + payload[2:]
    if kind == _STAP_A:
        return b"".join(_START_CODE + unit for unit in _split(payload))
    if not 1 <= kind < _STAP_A:
        raise MalformedError("unit type")
    return _START_CODE + payload


def _split(payload: bytes) -> Iterator[bytes]:
    at = 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        if not size or at + 2 + size > len(payload):
            raise MalformedError("aggregate")
        yield payload[at + 2 : at + 2 + size]
        at += 2 + size
