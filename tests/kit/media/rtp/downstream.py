"""A browser that sends pictures to the kit, in simulated time, over the link of the bench.

The browser is what is known of libwebrtc: Google congestion control without what our own estimator adds, a
pacer at 2.5 times the target that lets pictures wait for two seconds, an encoder that needs a while to become
smaller, key frames of many times a usual one, copies at most once a round trip. The kit is the kit.
"""

from __future__ import annotations

import dataclasses
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.calls.link import Impairment, Link
from kit.media.rtp import rtcp
from kit.media.rtp.congestion.caution import Caution
from kit.media.rtp.congestion.estimator import Limits, SendSideEstimator
from kit.media.rtp.feedback import FeedbackReader
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.playout.pictures import PicturePlayout
from kit.media.rtp.repair import Repair
from kit.media.rtp.reporter import Reporter
from kit.media.rtp.statistics import Freezes

STEP_S, TICK_S, FRAME_S, SOUND_S = 0.001, 0.05, 1 / 30, 0.02
PAYLOAD, SOUND_BYTES = 1160, 112
CEILING_BPS = 2_500_000
PACE, PATIENCE_S, HISTORY_S = 2.5, 2.0, 2.0
DEBT_S = 0.5
KEY_FRAMES, LARGEST_KEY, SMALLEST_KEY = 9.0, 40_000, 5_000
LEAST_VIDEO_BPS = 30_000
BELIEVED_SOUND_BPS = 45_000
"""What it takes sound for; redundancy and headers are more than that."""
VIDEO, SOUND = 1, 2
_KEY, _DELTA = b"K", b"p"


class _Rash(Caution):
    """A browser uses all of its estimate, and probes only when it begins."""

    def bounded(self, now: float, rate: float) -> float:
        return rate

    def worth_probing(self, now: float, target: float, *, returned: bool) -> bool:
        return False


class _Plain(SendSideEstimator):
    """Google congestion control as the draft has it."""

    def __init__(self) -> None:
        super().__init__(Limits(ceiling=CEILING_BPS, floor=10_000))
        self._caution = _Rash()

    def _fallen_to(self, now: float) -> float | None:
        return None


@dataclass
class Shown:
    """A picture that was shown."""

    at: float
    captured: float


@dataclass
class Seen:
    """What came of the pictures."""

    shown: list[Shown] = field(default_factory=list)
    targets: list[tuple[float, float]] = field(default_factory=list)
    key_frames: int = 0
    requests: int = 0
    asked: int = 0

    def frozen(self, begin: float, end: float) -> float:
        """Seconds of freezes, as W3C's statistics count them."""
        freezes = Freezes()
        for at in [shown.at for shown in self.shown if shown.at < end] + [end]:
            if at < begin:
                freezes.on_picture(at)
                freezes.total_s = 0.0
            else:
                freezes.on_picture(at)
        return freezes.total_s

    def age(self, share: float, begin: float, end: float) -> float:
        """Quantile of the age of pictures when they are shown, in seconds."""
        ages = sorted(shown.at - shown.captured for shown in self.shown if begin <= shown.at < end)
        return ages[int(share * (len(ages) - 1))] if ages else float("inf")

    def rate(self, begin: float, end: float) -> float:
        """Mean of what the browser aims at."""
        targets = [bps for at, bps in self.targets if begin <= at < end]
        return sum(targets) / len(targets)


class Browser:
    """Encodes, paces, repeats; follows feedback and the limit it is given."""

    def __init__(self, rng: random.Random) -> None:
        self.estimator = _Plain()
        self.limit = float("inf")
        self.key_frames = 0
        self._rng, self._reader = rng, FeedbackReader()
        self._size_bps = 300_000.0
        """What the size of its pictures is made for; follows the target with delay."""
        self._wants_key = True
        self._queue: deque[RtpPacket] = deque()
        self._copies: deque[RtpPacket] = deque()
        self._history: dict[int, tuple[RtpPacket, float]] = {}
        self._probing: deque[tuple[float, int, int]] = deque()
        self._next_at = 0.0
        self._number = 0
        self._debt = 0.0
        """Bytes beyond the target: until they are paid back, pictures are left out."""
        self._pushed = 1.0
        """Of its target: more is on the way than there should be (congestion window pushback)."""
        self._due = {"frame": 0.0, "sound": 0.0, "tick": 0.0}

    @property
    def target(self) -> float:
        """Bit/s, sound included."""
        return min(self.estimator.target, self.limit)

    def step(self, now: float) -> list[tuple[RtpPacket, int]]:
        """Return what leaves in this millisecond, with its size on the wire."""
        left: list[tuple[RtpPacket, int]] = []
        if self._elapsed("sound", SOUND_S, now):
            left.append(self._leave(RtpPacket(SOUND, True, 0, 0, SOUND, bytes(SOUND_BYTES)), now))
        if self._elapsed("tick", TICK_S, now):
            self.estimator.on_tick(now)
        if self._elapsed("frame", FRAME_S, now):
            self._encode(now)
        return left + self._pace(now)

    def told(self, data: bytes, now: float) -> None:
        """Take what the kit says."""
        for message in rtcp.parse(data).messages:
            if isinstance(message, rtcp.TransportFeedback):
                self.estimator.on_feedback(now, self._reader.read(message.fci))
            elif isinstance(message, rtcp.Remb):
                self.limit = message.bitrate
            elif isinstance(message, rtcp.KeyframeRequest):
                self._wants_key = True
            elif isinstance(message, rtcp.Nack):
                self._repeat(message.lost, now)

    def _elapsed(self, what: str, every: float, now: float) -> bool:
        if now < self._due[what]:
            return False
        self._due[what] += every
        return True

    def _encode(self, now: float) -> None:
        video = max(LEAST_VIDEO_BPS, self._pushback() * self.target - BELIEVED_SOUND_BPS)
        self._size_bps += (0.02 if video < self._size_bps else 0.01) * (video - self._size_bps)
        self._debt = max(0.0, self._debt - 1.1 * video * FRAME_S / 8)
        if self._debt > DEBT_S * video / 8 and not self._wants_key:
            return
        size = video * FRAME_S / 8 * self._rng.uniform(0.75, 1.25)
        key, self._wants_key = self._wants_key, False
        if key:
            self.key_frames += 1
            least = min(LARGEST_KEY, max(SMALLEST_KEY, self._size_bps / 100))
            size = max(least, min(LARGEST_KEY, KEY_FRAMES * size))
        self._debt += size
        self._packetize(int(size), now, key=key)

    def _pushback(self) -> float:
        filled = self.estimator.flight.bytes / self.estimator.window
        if filled < 0.1:
            self._pushed = 1.0
        else:
            self._pushed = min(1.0, self._pushed * (0.9 if filled > 1.5 else 0.95 if filled > 1 else 1.05))
        return self._pushed

    def _packetize(self, size: int, now: float, *, key: bool) -> None:
        timestamp = round(now * 90_000) & 0xFFFFFFFF
        for at in range(0, max(1, size), PAYLOAD):
            body = bytes(min(PAYLOAD, size - at) - 1)
            first = key and at == 0
            last = at + PAYLOAD >= size
            payload = (_KEY if first else _DELTA) + body
            self._queue.append(RtpPacket(VIDEO, last, 0, timestamp, VIDEO, payload))

    def _pace(self, now: float) -> list[tuple[RtpPacket, int]]:
        left = []
        if self.estimator.last_feedback is not None:
            self.estimator.begin_probing(now)
        while (self._copies or self._queue) and self._next_at <= now and not self.estimator.congested:
            packet = (self._copies or self._queue).popleft()
            waiting = sum(len(queued.payload) for queued in self._queue) * 8
            pace = max(PACE * self.target, waiting / PATIENCE_S)
            self._next_at = max(now - 0.005, self._next_at) + packet.size_on_link * 8 / pace
            left.append(self._leave(packet, now))
        return left + self._probe(now)

    def _probe(self, now: float) -> list[tuple[RtpPacket, int]]:
        """Send clusters of padding, one after the other."""
        if not self._probing and (probe := self.estimator.take_probe()) is not None:
            count = max(5, int(probe.min_bytes / 280))
            self._probing.extend((now + n * 300 * 8 / probe.bps, 222, probe.cluster) for n in range(count))
        left = []
        while self._probing and self._probing[0][0] <= now:
            _, size, cluster = self._probing.popleft()
            padding = RtpPacket(VIDEO, False, 0, 0, VIDEO + 10, b"", padding=size)
            left.append(self._leave(padding, now, cluster))
        return left

    def _leave(self, packet: RtpPacket, now: float, cluster: int = 0) -> tuple[RtpPacket, int]:
        if packet.ssrc == VIDEO and packet.transport_sequence is None:
            packet.sequence_number, self._number = self._number & 0xFFFF, self._number + 1
            self._history[packet.sequence_number] = (packet, now)
        size = packet.size_on_link
        copied, packet.transport_sequence = packet.transport_sequence is not None, 0
        leaving = dataclasses.replace(packet, padding=int(copied), send_time=now % 64)
        leaving.transport_sequence = self.estimator.on_sent(now, size, cluster)
        return leaving, size

    def _repeat(self, lost: tuple[int, ...], now: float) -> None:
        for number in lost:
            packet, sent = self._history.get(number, (None, 0.0))
            if packet is None or not min(0.5, self.estimator.round_trip) < now - sent < HISTORY_S:
                continue
            self._history[number] = (packet, now)
            self._copies.append(packet)


class Kit:
    """What receives: the kit's own reports, requests, frames and playout; decoding takes no time."""

    def __init__(self) -> None:
        self.reporter = Reporter()
        self.repair = Repair(lambda payload: payload.startswith(_KEY), self.reporter.brake)
        self.playout = PicturePlayout()
        self.seen = Seen()
        self._repaired = 0
        self._tick, self._repair_tick = 0.0, 0.0
        self._number = 0

    def take(self, packet: RtpPacket, size: int, now: float) -> list[bytes]:
        """Take a packet; return what is said to it."""
        packet.arrival = now
        said = self.reporter.on_packet(packet, size, now)
        if packet.ssrc != VIDEO:
            return said
        copy = bool(packet.padding)
        number = self._number + ((packet.sequence_number - self._number + 0x8000) & 0xFFFF) - 0x8000
        self._number = max(self._number, number)
        marker, payload = packet.marker, packet.payload
        self.repair.add(number, packet.timestamp, payload, now, marker=marker, retransmitted=copy)
        self._show(now)
        return said + ([] if copy else self._ask(now))

    def step(self, now: float) -> list[bytes]:
        """Let a millisecond pass."""
        said: list[bytes] = []
        if now >= self._tick:
            self._tick += TICK_S
            said += self.reporter.on_tick(now)
        if now >= self._repair_tick:
            self._repair_tick += 0.015
            wants_key = self.repair.on_tick(now)
            said += self._ask(now)
            if wants_key:
                self.seen.requests += 1
                said.append(rtcp.picture_loss(9, VIDEO))
            self._show(now)
        return said

    def _ask(self, now: float) -> list[bytes]:
        lost = self.repair.missing(now)
        self.seen.asked += len(lost)
        return [rtcp.nack(9, VIDEO, [number & 0xFFFF for number in lost])] if lost else []

    def _show(self, now: float) -> None:
        while (frame := self.repair.buffer.take()) is not None:
            captured = frame.timestamp / 90_000
            repaired, self._repaired = self._repaired, self.repair.nacks.recovered
            due = self.playout.due(now, captured, repaired=self._repaired > repaired)
            self.seen.shown.append(Shown(due, captured))
            self.seen.key_frames += frame.keyframe


class Downstream:
    """A browser, a way there and back, the kit. Call :meth:`run`."""

    def __init__(self, impairment: Impairment, seed: int = 3) -> None:
        self.impairment = impairment
        self.there: Link[tuple[RtpPacket, int]] = Link(impairment, 2 * seed)
        self.back: Link[bytes] = Link(impairment, 2 * seed + 1)
        self.browser, self.kit = Browser(random.Random(seed)), Kit()
        self.now = 0.0

    def run(self, seconds: float, changes: dict[float, Callable[[], None]] | None = None) -> Seen:
        """Let time pass; ``changes`` happen at their times."""
        waiting = dict(changes or {})
        while self.now < seconds:
            for at in [at for at in waiting if at <= self.now]:
                waiting.pop(at)()
            self._step()
            self.now += STEP_S
        return self.kit.seen

    def set_rate(self, kbps: float | None) -> None:
        """Change the bottleneck of both ways."""
        self.impairment = self.impairment._replace(rate_kbps=kbps)
        self.there.change(self.impairment)
        self.back.change(self.impairment)

    def _step(self) -> None:
        now = self.now
        for packet, size in self.browser.step(now):
            self.there.offer(now, size - 28, (packet, size))
        said = self.kit.step(now)
        for packet, size in self.there.due(now):
            said += self.kit.take(packet, size, now)
        for data in said:
            self.back.offer(now, len(data) + 14, data)
        for data in self.back.due(now):
            self.browser.told(data, now)
        if int(now * 1000) % 50 == 0:
            self.kit.seen.targets.append((now, self.browser.target))
