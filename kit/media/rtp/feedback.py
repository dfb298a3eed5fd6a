"""Transport-wide congestion control feedback: which packets arrived and when.

draft-holmer-rmcat-transport-wide-cc-extensions-01. A reading is a list of (16-bit sequence number, arrival in
seconds of the receiver's clock or None).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from kit.media.rtp.packet import MalformedError
from kit.media.rtp.serial import Unwrapper

Reports = list[tuple[int, float | None]]

TICK = 0.00025
REFERENCE_TICKS = 256
MAX_REPORTED = 8192
"""Packets in one feedback; half the 16-bit range would be ambiguous."""
_REMEMBERED = 1000
_MAX_JUMP = 2000
_MAX_MISSED = 128
"""A larger step of the 8-bit count is one back: messages that overtook each other."""
_MAX_BYTES = 1000
"""Of deltas and chunks: what SRTP takes in one packet, with room."""
_SYMBOLS_PER_CHUNK = 7
_SMALL, _LARGE = 1, 2
_RUN_AT_LEAST = 7
_MAX_RUN = 0x1FFF


def reported(fci: bytes) -> int:
    """Return how many packets a message claims to be about: what it costs to read."""
    return int.from_bytes(fci[2:4], "big")


class FeedbackReader:
    """Reads feedback messages of one peer; keeps the wrap of their clock."""

    def __init__(self) -> None:
        self.missed = 0
        """Messages that were lost just before the one read last."""
        self._count: int | None = None
        self._reference = Unwrapper(24)

    def read(self, fci: bytes) -> Reports:
        """Return the reports in sequence order; raises :class:`MalformedError`."""
        if len(fci) < 8:
            raise MalformedError("feedback header")
        base, count = struct.unpack_from("!HH", fci)
        if not 0 < count <= MAX_REPORTED:
            raise MalformedError("feedback count")
        symbols, at = _symbols(fci, count)
        ticks = self._reference(int.from_bytes(fci[4:7], "big")) * REFERENCE_TICKS
        reports: Reports = []
        for ahead, symbol in enumerate(symbols):
            number = (base + ahead) & 0xFFFF
            if symbol in (_SMALL, _LARGE):
                if at + symbol > len(fci):
                    raise MalformedError("feedback deltas")
                ticks += fci[at] if symbol == _SMALL else struct.unpack_from("!h", fci, at)[0]
                at += symbol
                reports.append((number, ticks * TICK))
            else:
                reports.append((number, None))
        step = 1 if self._count is None else (fci[7] - self._count) & 0xFF
        self._count = fci[7]
        self.missed = step - 1 if 0 < step < _MAX_MISSED else 0
        return reports


def _symbols(fci: bytes, count: int) -> tuple[list[int], int]:
    symbols: list[int] = []
    at = 8
    while len(symbols) < count:
        if at + 2 > len(fci):
            raise MalformedError("feedback chunks")
        chunk = fci[at] << 8 | fci[at + 1]
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13 & 3] * min(chunk & _MAX_RUN, count - len(symbols))
            if not chunk & _MAX_RUN:
                raise MalformedError("empty run")
        elif not chunk & 0x4000:
            symbols += [chunk >> 13 - bit & 1 for bit in range(14)]
        else:
            symbols += [chunk >> 12 - 2 * pair & 3 for pair in range(7)]
    return symbols[:count], at


class ArrivalLog:
    """Arrivals of transport-wide sequence numbers, and the feedback about them."""

    def __init__(self) -> None:
        self.expected = self.received = 0
        """Packets that were sent, as far as their numbers tell, and those of them that came."""
        self._arrivals: dict[int, float] = {}
        self._unwrap = Unwrapper(16)
        self._next: int | None = None
        self._highest = 0
        self._count = 0

    def add(self, sequence: int, now: float) -> None:
        """Note an arrival. A jump of the numbers beyond 2,000 starts anew."""
        whole = self._unwrap(sequence)
        if self._next is None or abs(whole - self._next) > _MAX_JUMP:
            self._arrivals.clear()
            self._next, self._highest = whole, whole - 1
        self.expected += max(0, whole - self._highest)
        self.received += whole not in self._arrivals
        # A late packet is reported again from there on, as libwebrtc does.
        self._next, self._highest = min(self._next, whole), max(self._highest, whole)
        self._arrivals.setdefault(whole, now)

    def build(self) -> bytes | None:
        """Write the feedback for all that came since the last one; None when nothing did."""
        if self._next is None:
            return None
        base, last = self._next, self._highest
        first = next((number for number in range(base, last + 1) if number in self._arrivals), None)
        if first is None:
            return None
        reference = int(self._arrivals[first] / TICK) // REFERENCE_TICKS
        symbols, deltas = self._encode(base, last, reference * REFERENCE_TICKS)
        self._next = base + len(symbols)
        head = struct.pack("!HH", base & 0xFFFF, len(symbols)) + (reference & 0xFFFFFF).to_bytes(3, "big")
        counter = bytes((self._count & 0xFF,))
        self._count += 1
        if len(self._arrivals) > 2 * _REMEMBERED:
            oldest = self._next - _REMEMBERED
            self._arrivals = {number: at for number, at in self._arrivals.items() if number >= oldest}
        return head + counter + _chunks(symbols) + deltas

    def _encode(self, base: int, last: int, ticks: int) -> tuple[list[int], bytes]:
        symbols: list[int] = []
        deltas = bytearray()
        for number in range(base, last + 1):
            arrival = self._arrivals.get(number)
            if arrival is None:
                symbols.append(0)
                continue
            delta = round(arrival / TICK) - ticks
            full = len(deltas) + 2 * len(symbols) // _SYMBOLS_PER_CHUNK > _MAX_BYTES
            if not -0x8000 <= delta < 0x8000 or full:
                break
            small = 0 <= delta < 256
            symbols.append(_SMALL if small else _LARGE)
            deltas += bytes((delta,)) if small else struct.pack("!h", delta)
            ticks += delta
        return symbols, bytes(deltas)


def _chunks(symbols: Sequence[int]) -> bytes:
    chunks = bytearray()
    at = 0
    while at < len(symbols):
        end = at
        while end < len(symbols) and symbols[end] == symbols[at] and end - at < _MAX_RUN:
            end += 1
        if end - at >= _RUN_AT_LEAST or end == len(symbols):
            chunks += struct.pack("!H", symbols[at] << 13 | end - at)
            at = end
            continue
        chunk = 0xC000
        for place, symbol in enumerate(symbols[at : at + _SYMBOLS_PER_CHUNK]):
            chunk |= symbol << 12 - 2 * place
        chunks += struct.pack("!H", chunk)
        at += _SYMBOLS_PER_CHUNK
    return bytes(chunks)
