"""Several inputs in one: each after its length, so that a fuzzer can change, leave out and add some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MAX_PARTS = 200


def pack(parts: Sequence[bytes]) -> bytes:
    """Join parts of at most 65,535 bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def unpack(data: bytes) -> Iterator[bytes]:
    """Parts of any bytes; the last one may be cut off."""
    at = 0
    for _ in range(MAX_PARTS):
        if at + 2 > len(data):
            return
        size = int.from_bytes(data[at : at + 2], "big")
        yield data[at + 2 : at + 2 + size]
        at += 2 + size
