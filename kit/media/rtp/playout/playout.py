"""Clock-driven playout: each pull gives 20 ms, from packets, redundancy, concealment or waiting.

A hole with newer packets behind it is a loss: recovered from the next packet's redundancy or concealed, and
stepped over. An empty buffer is lateness: concealed without stepping, so that the delay grows; taken back
later by leaving out pitch periods.

Sound begins with the first packet, for whoever joins wants to hear; its store grows out of repeated periods.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kit.media.rtp.codecs.opus import RATE, Pcm
from kit.media.rtp.playout import stretch
from kit.media.rtp.playout.delay import FIRST_S, AdaptiveDelay

FRAME = 960
MAX_PACKETS = 200
_FAR, _FAR_BACK = RATE, 2 * RATE
_HARD_CUT_S = 0.5
_FAST_S = 0.12
_EASE_FRAMES, _EASE_FAST_FRAMES = 4, 1
_BAND_S, _UNDER_SHARE = 0.02, 0.8
_EARLIEST_FRAMES = 25
"""The store is as large as was decided just after the earliest packet of these; later ones only come late."""
_KNOWN = RATE // 100
"""Samples of what was played last, in which a period is found that the next ones repeat."""
_GROWING_FRAMES = 40
"""While the store grows, what is repeated may be less and less alike; after this even noise is."""
_GIVE_UP_FRAMES = 25
_FADE_FRAMES = 5
"""Speech may be made up for this long; beyond it the decoder would hum on for as long as nothing comes."""
_LOSSY_S, _LOSSY_COUNT, _LOSSY_TARGET_S = 8.0, 2, 0.042


class SoundDecoder(Protocol):
    """What the playout needs of a codec; None is what cannot be decoded."""

    def decode(self, packet: bytes) -> Pcm | None:
        """Decode one packet."""
        ...

    def recover(self, following: bytes, samples: int) -> Pcm | None:
        """Decode the frame before a packet from its redundancy."""
        ...

    def conceal(self, samples: int) -> Pcm | None:
        """Make up a lost frame."""
        ...

    def samples(self, packet: bytes) -> int:
        """Samples that a packet holds; 0 when it is damaged."""
        ...

    def has_fec(self, packet: bytes) -> bool:
        """Whether :meth:`recover` would find redundancy."""
        ...


@dataclass(slots=True)
class Counts:
    """Samples, as W3C's inbound-rtp counts them; jitter-buffer delay in seconds × samples."""

    total: int = 0
    concealed: int = 0
    silent_concealed: int = 0
    concealment_events: int = 0
    recovered: int = 0
    inserted_for_deceleration: int = 0
    removed_for_acceleration: int = 0
    buffer_delay_s: float = 0.0
    emitted: int = 0
    late_packets: int = 0
    dropped_packets: int = 0


class AudioPlayout:
    """Media time is unwrapped timestamps at 48 kHz. Holds 200 packets; the oldest is dropped first."""

    def __init__(self, decoder: SoundDecoder, channels: int = 2) -> None:
        self.delay = AdaptiveDelay()
        self.extra_s = 0.0
        """Added to the target, for lip-sync."""
        self.repair_s = 0.0
        """What a repetition takes that is asked for; while packets are lost, sound waits for it."""
        self.counts = Counts()
        self.playing: int | None = None
        """Media time of the first sample of the last pull."""
        self._decoder = decoder
        self._channels = channels
        self._packets: dict[int, bytes] = {}
        self._ready = self._played = self._silence(0)
        self._next: int | None = None
        self._highest = 0
        self._packet_samples = FRAME
        self._started = False
        self._dry = 0
        self._since_stretch = 0
        self._growing: int | None = None
        """Frames since sound began, until what was not waited for is in store."""
        self._concealing = False
        self._levels: deque[float] = deque(maxlen=_EARLIEST_FRAMES)
        self._losses: deque[float] = deque(maxlen=_LOSSY_COUNT)

    @property
    def target_s(self) -> float:
        """Seconds that sound waits, as wanted."""
        lossy = max(_LOSSY_TARGET_S, self.repair_s) if len(self._losses) >= _LOSSY_COUNT else 0.0
        return max(self.delay.target, lossy) + self.extra_s

    @property
    def level_s(self) -> float:
        """Seconds of sound at hand."""
        waiting = 0
        if self._packets and self._next is not None:
            waiting = max(0, self._highest + self._packet_samples - self._next)
        return (waiting + len(self._ready)) / RATE

    @property
    def waiting(self) -> int:
        """Packets for which there is still time, holes included."""
        return int(self.level_s * RATE) // self._packet_samples

    @property
    def packet_samples(self) -> int:
        """Samples of one packet."""
        return self._packet_samples

    def add(
        self, timestamp: int, packet: bytes, now: float, *, redundant: bool = False, repeated: bool = False
    ) -> None:
        """Take a packet; ``redundant`` copies never replace and are never counted late.

        ``repeated``: sent again because it was asked for; how late it is says nothing of those that follow.
        """
        samples = self._decoder.samples(packet)
        if not samples:
            self.counts.dropped_packets += 1
            return
        if timestamp in self._packets:
            return
        if self._next is not None and timestamp < self._next - _FAR_BACK:
            self.restart()
        if self._next is not None and timestamp < self._next:
            if not redundant and not repeated:
                self.delay.add(timestamp / RATE, now)
                self.counts.late_packets += 1
            return
        if not repeated:
            self.delay.add(timestamp / RATE, now)
        self._note_loss(timestamp, now)
        self._packet_samples = samples
        self._highest = max(self._highest, timestamp)
        self._packets[timestamp] = packet
        if len(self._packets) > MAX_PACKETS:
            del self._packets[min(self._packets)]
            self.counts.dropped_packets += 1

    def _note_loss(self, timestamp: int, now: float) -> None:
        """While packets are lost, wait for the next one, which has their redundancy."""
        if self._started and timestamp > self._highest + self._packet_samples:
            self._losses.append(now)
        while self._losses and now - self._losses[0] > _LOSSY_S:
            self._losses.popleft()

    def restart(self) -> None:
        """Begin anew with the next packet: another source, or its media time went back."""
        self._packets.clear()
        self._next, self._highest, self._started, self._dry = None, 0, False, 0
        self._levels.clear()
        self.delay.restart()

    def pull(self) -> Pcm | None:
        """Return the next 20 ms; None before the first sound."""
        if not self._started and not self._start():
            return None
        self._cut_far_behind()
        while len(self._ready) < FRAME:
            self._ready = np.concatenate((self._ready, self._decode_next()))
        self._ease()
        frame, self._ready = self._ready[:FRAME], self._ready[FRAME:]
        self._played = frame[-_KNOWN:]
        self.counts.total += FRAME
        self.counts.emitted += FRAME
        self.counts.buffer_delay_s += self.level_s * FRAME
        if self._next is not None:
            self.playing = self._next - len(self._ready) - FRAME
        return frame

    def _start(self) -> bool:
        if not self._packets:
            return False
        self._next = min(self._packets)
        self._ready, self._played = self._silence(0), self._silence(_KNOWN)
        self._started, self._growing = True, 0
        return True

    def _silence(self, samples: int) -> Pcm:
        return np.zeros((samples, self._channels), np.int16)

    def _cut_far_behind(self) -> None:
        """A stall was delivered in one burst, or the sender jumped: go to the target at once."""
        if self._next is None or not self._packets:
            return
        oldest = min(self._packets)
        if oldest - self._next > _FAR:
            self._next = oldest
            self.delay.restart()
        if self.level_s <= self.target_s + _HARD_CUT_S:
            return
        keep = self._highest + self._packet_samples - int(self.target_s * RATE)
        for timestamp in [timestamp for timestamp in self._packets if timestamp < keep]:
            del self._packets[timestamp]
            self.counts.removed_for_acceleration += self._packet_samples
        self._next = min(self._packets, default=keep)

    def _decode_next(self) -> Pcm:
        samples, at = self._packet_samples, self._next or 0
        packet = self._packets.pop(at, None)
        if packet is not None:
            self._dry, self._concealing = 0, False
            self._next = at + (self._decoder.samples(packet) or samples)
            decoded = self._decoder.decode(packet)
            return decoded if decoded is not None else self._conceal(samples)
        following = self._following(at)
        if following is not None and self._dry:
            # What was made up while nothing came stands for what was lost: it is not made up once more.
            self._next = at + min(min(self._dry, _GIVE_UP_FRAMES) * samples, following - at)
            self._dry = 0
            return self._decode_next()
        if following is not None:
            gap = min(samples, following - at)
            self._next = at + gap
            return self._repair(self._packets[following], gap, adjacent=following == at + gap)
        self._dry += 1
        if self._dry > _GIVE_UP_FRAMES:
            self._next = at + samples
        return self._conceal(samples)

    def _following(self, at: int) -> int | None:
        return min((timestamp for timestamp in self._packets if timestamp > at), default=None)

    def _repair(self, following: bytes, samples: int, *, adjacent: bool) -> Pcm:
        if adjacent and self._decoder.has_fec(following):
            recovered = self._decoder.recover(following, samples)
            if recovered is not None:
                self.counts.recovered += samples
                self._concealing = False
                return recovered
        return self._conceal(samples)

    def _conceal(self, samples: int) -> Pcm:
        self.counts.concealed += samples
        self.counts.concealment_events += not self._concealing
        self._concealing = True
        made = self._decoder.conceal(samples)
        if made is None or self._dry > _GIVE_UP_FRAMES:
            self.counts.silent_concealed += samples
            return self._silence(samples)
        if self._dry > _FADE_FRAMES:
            made = (made * (1 - (self._dry - _FADE_FRAMES) / (_GIVE_UP_FRAMES - _FADE_FRAMES))).astype(
                np.int16
            )
        return made

    def _ease(self) -> None:
        """Move the delay towards its target, one pitch period at a time."""
        self._since_stretch += 1
        level, target = self.level_s, self.target_s
        if self._growing is not None and level < max(FIRST_S, target):
            self._growing += 1
            if not self._concealing:
                self._grow(stretch.ALIKE * (1 - self._growing / _GROWING_FRAMES))
            return
        self._growing = None
        self._levels.append(level)
        patience = _EASE_FAST_FRAMES if level > target + _FAST_S else _EASE_FRAMES
        if self._since_stretch < patience or self._concealing:
            return
        if level > target + _BAND_S:
            self._fill(FRAME + stretch.NEEDED)
            # Before a hole there may be less: what is left must still be a frame.
            if len(self._ready) >= FRAME + stretch.NEEDED:
                self._shorten(level)
        elif max(self._levels) < max(_UNDER_SHARE * target, target - _BAND_S):
            self._fill(stretch.NEEDED)
            self._stretched(stretch.extend(self._ready))

    def _grow(self, alike: float) -> None:
        """Repeat a period of which a part was played already: in one packet alone none would be found."""
        self._fill(stretch.NEEDED - _KNOWN)
        longer = stretch.extend(np.concatenate((self._played, self._ready)), _KNOWN, alike)
        self._stretched(None if longer is None else longer[_KNOWN:])

    def _shorten(self, level: float) -> None:
        """Leave a period out, but never so far that a lost packet would not have the next one behind it."""
        shorter = stretch.compress(self._ready)
        if shorter is not None and level - (len(self._ready) - len(shorter)) / RATE >= FIRST_S:
            self._stretched(shorter)

    def _fill(self, samples: int) -> None:
        """Decode what is at hand without a hole."""
        while len(self._ready) < samples and self._next in self._packets:
            self._ready = np.concatenate((self._ready, self._decode_next()))

    def _stretched(self, sound: Pcm | None) -> None:
        if sound is None:
            return
        change = len(sound) - len(self._ready)
        self.counts.inserted_for_deceleration += max(0, change)
        self.counts.removed_for_acceleration += max(0, -change)
        self._ready, self._since_stretch = sound, 0
        self._levels = deque((level + change / RATE for level in self._levels), _EARLIEST_FRAMES)
