"""H.264 out of FLV: each tag tells its size, so that a picture is whole the moment its last byte is there.

Adobe Flash Video File Format Specification 10.1, annex E; AVCDecoderConfigurationRecord of ISO/IEC 14496-15.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kit.media.encoders.interface import EncoderFailed

MAX_PICTURE_BYTES = 4_000_000
_FILE_HEADER, _TAG_HEADER, _AFTER_TAG = 13, 11, 4
_VIDEO, _AVC, _KEY = 9, 7, 1
_SEQUENCE_HEADER, _UNITS = 0, 1
_START_CODE = b"\x00\x00\x00\x01"
_PARAMETER_SETS = (7, 8)


class Picture(NamedTuple):
    """An access unit in Annex B; a key picture carries its parameter sets."""

    data: bytes
    keyframe: bool


class FlvReader:
    """Takes bytes as they come. What is not FLV with H.264 raises :class:`EncoderFailed`."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._begun = False
        self._parameters = b""

    def feed(self, data: bytes) -> list[Picture]:
        """Return the pictures that are whole now."""
        self._buffer += data
        if not self._begun:
            if len(self._buffer) < _FILE_HEADER:
                return []
            if self._buffer[:3] != b"FLV":
                raise EncoderFailed("flv")
            del self._buffer[:_FILE_HEADER]
            self._begun = True
        return [picture for tag in self._tags() if (picture := self._picture(tag)) is not None]

    def _tags(self) -> Iterator[tuple[int, bytes]]:
        while len(self._buffer) >= _TAG_HEADER:
            size = int.from_bytes(self._buffer[1:4], "big")
            if size > MAX_PICTURE_BYTES:
                raise EncoderFailed("flv")
            whole = _TAG_HEADER + size + _AFTER_TAG
            if len(self._buffer) < whole:
                return
            kind, body = self._buffer[0], bytes(self._buffer[_TAG_HEADER : _TAG_HEADER + size])
            del self._buffer[:whole]
            yield kind, body

    def _picture(self, tag: tuple[int, bytes]) -> Picture | None:
        kind, body = tag
        if kind != _VIDEO:
            return None
        if len(body) < 5 or body[0] & 0xF != _AVC:
            raise EncoderFailed("flv")
        if body[1] == _SEQUENCE_HEADER:
            self._parameters = _parameter_sets(body[5:])
            return None
        if body[1] != _UNITS:
            return None
        units = list(_units(body[5:]))
        keyframe = body[0] >> 4 == _KEY
        repeated = keyframe and not any(unit[0] & 0x1F in _PARAMETER_SETS for unit in units)
        data = b"".join(_START_CODE + unit for unit in units)
        return Picture(self._parameters + data if repeated else data, keyframe)


def _units(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        if not size or at + 4 + size > len(body):
            raise EncoderFailed("flv")
        yield body[at + 4 : at + 4 + size]
        at += 4 + size


def _parameter_sets(record: bytes) -> bytes:
    """SPS and PPS of an AVCDecoderConfigurationRecord, in Annex B."""
    try:
        found, at = b"", 6
        for count in (record[5] & 0x1F, None):
            if count is None:
                count, at = record[at], at + 1
            for _ in range(count):
                size = int.from_bytes(record[at : at + 2], "big")
                if at + 2 + size > len(record):
                    raise EncoderFailed("flv")
                found += _START_CODE + record[at + 2 : at + 2 + size]
                at += 2 + size
    except IndexError:
        raise EncoderFailed("flv") from None
    return found
