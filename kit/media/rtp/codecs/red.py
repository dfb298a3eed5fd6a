"""Redundant sound (RFC 2198): a packet that carries the ones before it once more."""

from __future__ import annotations

from typing import NamedTuple

from kit.media.rtp.packet import MalformedError

MAX_OFFSET = (1 << 14) - 1
MAX_BLOCK = (1 << 10) - 1
_MORE = 0x80
_MAX_BLOCKS = 8


class Block(NamedTuple):
    """One coded frame; ``offset`` is how many timestamp units it is older than the packet."""

    payload_type: int
    offset: int
    payload: bytes


def unpack(payload: bytes) -> list[Block]:
    """Blocks, oldest first, the primary last; raises :class:`MalformedError`."""
    heads: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & _MORE:
        if at + 4 > len(payload) or len(heads) >= _MAX_BLOCKS:
            raise MalformedError("redundancy header")
        word = int.from_bytes(payload[at : at + 4], "big")
        heads.append((word >> 24 & 0x7F, word >> 10 & MAX_OFFSET, word & MAX_BLOCK))
        at += 4
    if at >= len(payload):
        raise MalformedError("no primary block")
    primary_type = payload[at]
    at += 1
    blocks = []
    for payload_type, offset, size in heads:
        if at + size > len(payload):
            raise MalformedError("redundancy block")
        blocks.append(Block(payload_type, offset, payload[at : at + size]))
        at += size
    blocks.append(Block(primary_type, 0, payload[at:]))
    return blocks
