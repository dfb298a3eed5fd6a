"""Frames out of packets: released when whole, never over a hole, with a deadline on waiting."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

MAX_PACKETS = 2048
MAX_FRAMES = 60
PLI_AFTER_S = 0.35
_PLI_INTERVAL_S, _PLI_MAX_INTERVAL_S, _PLI_SLOWER = 0.6, 2.0, 1.5
_ARRIVING_S = 0.4
"""A key frame of which something came so lately is under way: another one would only delay it."""
_GIVEN_UP_S = 2.5
_REPAIR_S = 1.2
"""After a fall: a key frame in the size from before takes seconds of the link that is left."""
_JUMP_AFTER_S = 0.1


class Frame(NamedTuple):
    """An encoded picture."""

    timestamp: int
    payloads: tuple[bytes, ...]
    keyframe: bool


class _Packet(NamedTuple):
    timestamp: int
    marker: bool
    payload: bytes


class VideoBuffer:
    """Numbers are unwrapped. Holds at most 2,048 packets: then all are dropped and a key frame asked for."""

    def __init__(self, starts_keyframe: Callable[[bytes], bool]) -> None:
        self.jumps = self.overflows = 0
        self._starts_keyframe = starts_keyframe
        self._packets: dict[int, _Packet] = {}
        self._keyframes: deque[int] = deque(maxlen=64)
        self._frames: deque[Frame] = deque()
        self._next: int | None = None
        self._scan = 0
        self._highest = 0
        self._blocked: float | None = None
        self._asked = self._arriving = self._given_up_until = self._repair_until = float("-inf")
        self._requests = 0

    @property
    def oldest_useful(self) -> int | None:
        """Packets before this number are of no use any more."""
        return self._next

    @property
    def blocked(self) -> bool:
        """Whether what has come cannot be released: something before it is missing."""
        return self._blocked is not None

    def worth_asking(self, now: float) -> int | None:
        """Packets before this number need not be sent again: taken, before a key frame, or given up."""
        coming = self._coming()
        if coming is not None and self._blocked is not None:
            # What is missing just before may be the parameter sets of the key frame.
            return coming if coming - 1 in self._packets else coming - 1
        return self._highest + 1 if now < self._given_up_until else self._next

    def repair(self, now: float) -> None:
        """The link has fallen a little: what was lost is asked for again before a key frame is."""
        self._repair_until = now + _REPAIR_S

    def give_up(self, now: float) -> None:
        """The link has fallen far: what was lost would take its room, and only one key frame helps."""
        self._given_up_until = now + _GIVEN_UP_S

    def resume(self) -> None:
        """The link is as it was: what was lost may be asked for again."""
        self._given_up_until = float("-inf")

    def add(self, number: int, timestamp: int, payload: bytes, now: float, *, marker: bool) -> None:
        """Take a packet; an empty payload is padding and only fills its place."""
        if (self._next is not None and number < self._next) or number in self._packets:
            return
        if len(self._packets) >= MAX_PACKETS or (self._packets and number - self._highest > MAX_PACKETS):
            self.overflows += 1
            self._begin_anew()
        keyframe = bool(payload) and self._starts_keyframe(payload)
        self._highest = max(self._highest, number)
        if self._next is None:
            if not keyframe:
                self._blocked = now if self._blocked is None else self._blocked
                return
            self._next = self._scan = self._highest = number
        self._packets[number] = _Packet(timestamp, marker, payload)
        if keyframe and number > self._next:
            self._keyframes.append(number)
        coming = self._coming()
        if coming is not None and timestamp == self._timestamp_at(coming):
            self._arriving = now
        self._advance(now)

    def take(self) -> Frame | None:
        """Return the next whole frame, in order."""
        return self._frames.popleft() if self._frames else None

    def on_tick(self, now: float) -> bool:
        """About every 15 ms; says whether a key frame should be asked for."""
        if self._blocked is None:
            return False
        if self._next is not None and now - self._blocked > _JUMP_AFTER_S:
            self._jump(now)
        if now < self._repair_until:
            return False
        patience = 0.0 if now < self._given_up_until else PLI_AFTER_S
        late = self._blocked is not None and now - self._blocked > patience
        return late and self.ask(now)

    def ask(self, now: float) -> bool:
        """Whether a key frame may be asked for now: every 0.6 s at first, then less and less often.

        On a narrow link a key frame takes a second, and each further request makes the sender begin anew.
        """
        interval = min(_PLI_MAX_INTERVAL_S, _PLI_INTERVAL_S * _PLI_SLOWER ** max(0, self._requests - 1))
        interval = _GIVEN_UP_S if now < self._given_up_until else interval
        if now - self._asked <= interval or now - self._arriving < _ARRIVING_S:
            return False
        self._asked = now
        self._requests += 1
        return True

    def _coming(self) -> int | None:
        """Where the newest key frame begins that has not been taken, as far as it has come."""
        start = max(self._keyframes, default=None)
        if start is None or self._next is None or start <= self._next:
            return None
        timestamp = self._timestamp_at(start)
        while start - 1 > self._next and self._timestamp_at(start - 1) == timestamp:
            start -= 1
        return start

    def _timestamp_at(self, number: int) -> int | None:
        packet = self._packets.get(number)
        return None if packet is None else packet.timestamp

    def _begin_anew(self) -> None:
        self._packets.clear()
        self._keyframes.clear()
        self._next, self._highest = None, 0

    def _advance(self, now: float) -> None:
        released = False
        while self._next is not None and (packet := self._packets.get(self._scan)) is not None:
            if self._scan == self._next and not packet.payload:
                del self._packets[self._scan]
                self._scan = self._next = self._scan + 1
            elif self._packets[self._next].timestamp != packet.timestamp:
                self._release(self._scan)
                released = True
            else:
                self._scan += 1
                if packet.marker:
                    self._release(self._scan)
                    released = True
        if self._scan > self._highest:
            self._blocked = None
        elif released or self._blocked is None:
            self._blocked = now

    def _release(self, end: int) -> None:
        begin = self._next if self._next is not None else end
        packets = [self._packets.pop(number) for number in range(begin, end)]
        payloads = tuple(packet.payload for packet in packets if packet.payload)
        if payloads:
            if len(self._frames) >= MAX_FRAMES:
                self._frames.popleft()
                self.overflows += 1
            keyframe = self._starts_keyframe(payloads[0])
            if keyframe:
                self._requests, self._given_up_until = 0, float("-inf")
            self._frames.append(Frame(packets[0].timestamp, payloads, keyframe))
        self._next = self._scan = end

    def _jump(self, now: float) -> None:
        """Go on at the newest key frame that is whole: what was before it is not needed to decode it."""
        for start in reversed(self._keyframes):
            if self._next is not None and start > self._next and self._whole(start, now):
                for number in [number for number in self._packets if number < start]:
                    del self._packets[number]
                self._next = self._scan = start
                self.jumps += 1
                self._advance(now)
                break
        while self._keyframes and self._next is not None and self._keyframes[0] <= self._next:
            self._keyframes.popleft()

    def _whole(self, start: int, now: float) -> bool:
        """Whether all of a key frame is there; what is missing before it may be its parameter sets."""
        first = self._packets.get(start)
        before = self._timestamp_at(start - 1)
        if before is None and self._blocked is not None and now - self._blocked < PLI_AFTER_S:
            return False
        if first is not None and before == first.timestamp:
            return False
        number, packet = start, first
        while packet is not None and first is not None and packet.timestamp == first.timestamp:
            if packet.marker:
                return True
            number += 1
            packet = self._packets.get(number)
        return False
