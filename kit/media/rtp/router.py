"""Which receiver a packet is for: by SSRC, else by MID (RFC 8843), else by a payload type of only one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from kit.media.rtp.guard import MAX_STREAMS
from kit.media.rtp.packet import RtpPacket

R = TypeVar("R")


class Router(Generic[R]):
    """Learns SSRCs from packets; a known SSRC with a payload type that its receiver has not is refused."""

    def __init__(self) -> None:
        self._by_ssrc: dict[int, R] = {}
        self._by_mid: dict[str, R] = {}
        self._types: dict[R, frozenset[int]] = {}
        self._named: set[int] = set()

    def add(self, receiver: R, mid: str, ssrcs: Iterable[int], payload_types: Iterable[int]) -> None:
        """Let a receiver have what its negotiation said."""
        self._types[receiver] = frozenset(payload_types)
        if mid:
            self._by_mid[mid] = receiver
        for ssrc in ssrcs:
            self._by_ssrc[ssrc] = receiver
            self._named.add(ssrc)

    def remove(self, receiver: R) -> None:
        """Forget a receiver."""
        self._types.pop(receiver, None)
        self._by_ssrc = {key: value for key, value in self._by_ssrc.items() if value is not receiver}
        self._by_mid = {key: value for key, value in self._by_mid.items() if value is not receiver}
        self._named &= self._by_ssrc.keys()

    def forget(self, ssrc: int) -> None:
        """Forget a stream that was learned; one that the negotiation named stays."""
        if ssrc not in self._named:
            self._by_ssrc.pop(ssrc, None)

    def by_ssrc(self, ssrc: int) -> R | None:
        """Return the receiver of a known stream."""
        return self._by_ssrc.get(ssrc)

    def find(self, packet: RtpPacket) -> R | None:
        """Return the receiver of a packet."""
        found = self._by_ssrc.get(packet.ssrc)
        if found is None:
            found = self._learn(packet)
        return found if found is not None and packet.payload_type in self._types[found] else None

    def _learn(self, packet: RtpPacket) -> R | None:
        found = self._by_mid.get(packet.mid) if packet.mid else None
        if found is None:
            able = [receiver for receiver, types in self._types.items() if packet.payload_type in types]
            found = able[0] if len(able) == 1 else None
        if found is not None and len(self._by_ssrc) < MAX_STREAMS:
            self._by_ssrc[packet.ssrc] = found
            return found
        return None
