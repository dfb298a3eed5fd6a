"""Raw pictures with time stamps for a pipe: as little of Matroska (RFC 9559) as FFmpeg needs to read them."""

from __future__ import annotations

_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7


def _element(number: int, content: bytes) -> bytes:
    return _head(number, len(content)) + content


def _head(number: int, size: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + (1 << 56 | size).to_bytes(8, "big")


def _number(number: int, value: int) -> bytes:
    return _element(number, value.to_bytes(8, "big"))


def header(width: int, height: int, fps: int) -> bytes:
    """What comes before the first picture: one track of I420, time stamps in milliseconds.

    The rate is told because encoders share their bits out by it.
    """
    kind = _element(0x4282, b"matroska") + _number(0x4287, 4) + _number(0x4285, 2)
    picture = _number(0xB0, width) + _number(0xBA, height) + _element(0x2EB524, b"I420")
    track = _number(0xD7, 1) + _number(0x73C5, 1) + _number(0x83, 1) + _number(0x23E383, 1_000_000_000 // fps)
    track += _element(0x86, b"V_UNCOMPRESSED") + _element(0xE0, picture)
    information = _number(0x2AD7B1, 1_000_000)
    return (
        _element(0x1A45DFA3, kind)
        + bytes.fromhex("18538067")
        + _UNKNOWN_SIZE
        + _element(0x1549A966, information)
        + _element(0x1654AE6B, _element(0xAE, track))
    )


def picture_head(milliseconds: int, size: int) -> bytes:
    """What comes before the ``size`` bytes of a picture: a cluster with one block."""
    stamp = _number(0xE7, milliseconds)
    block = _head(0xA3, 4 + size) + b"\x81\x00\x00\x80"
    return _head(0x1F43B675, len(stamp) + len(block) + size) + stamp + block
