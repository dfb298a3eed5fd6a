"""VP8 in RTP (RFC 7741)."""

from __future__ import annotations

from kit.media.rtp.packet import MAX_PAYLOAD, MalformedError

_EXTENDED, _STARTS, _PARTITION = 0x80, 0x10, 0x0F
_PICTURE_ID, _TL0, _TID, _KEY_INDEX = 0x80, 0x40, 0x20, 0x10


def packetize(frame: bytes, picture_id: int) -> list[bytes]:
    """Split a frame; ``picture_id`` has 15 bits and counts frames."""
    number = (0x8000 | picture_id & 0x7FFF).to_bytes(2, "big")
    room = MAX_PAYLOAD - 4
    count = max(1, -(-len(frame) // room))
    size = -(-len(frame) // count)
    return [
        bytes((_EXTENDED | (0 if start else _STARTS), _PICTURE_ID)) + number + frame[start : start + size]
        for start in range(0, len(frame), max(1, size))
    ]


def _descriptor(payload: bytes) -> int:
    """Return the length of the payload descriptor."""
    if not payload[0] & _EXTENDED:
        return 1
    if len(payload) < 2:
        raise MalformedError("descriptor")
    extensions, length = payload[1], 2
    if extensions & _PICTURE_ID:
        if len(payload) < 3:
            raise MalformedError("picture id")
        length += 2 if payload[2] & 0x80 else 1
    return length + bool(extensions & _TL0) + bool(extensions & (_TID | _KEY_INDEX))


def starts_keyframe(payload: bytes) -> bool:
    """Whether a payload begins a key frame."""
    if not payload[0] & _STARTS or payload[0] & _PARTITION & 0x07:
        return False
    try:
        begin = _descriptor(payload)
    except MalformedError:
        return False
    return len(payload) > begin and not payload[begin] & 1


def frame_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height that a key frame announces (RFC 6386, 9.1); None of what is no key frame."""
    if len(frame) < 10 or frame[0] & 1:
        return None
    width, height = int.from_bytes(frame[6:8], "little"), int.from_bytes(frame[8:10], "little")
    return width & 0x3FFF, height & 0x3FFF


def depacketize(payload: bytes) -> bytes:
    """Frame bytes of one payload, to be joined in order; raises :class:`MalformedError`."""
    begin = _descriptor(payload)
    if begin >= len(payload):
        raise MalformedError("empty payload")
    return payload[begin:]
