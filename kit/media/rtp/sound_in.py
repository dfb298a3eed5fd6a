"""The sound side of a receiver."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from fractions import Fraction

import av

from kit.media.rtp import rtcp
from kit.media.rtp.codecs import opus, red
from kit.media.rtp.codecs.opus import Pcm
from kit.media.rtp.lipsync import CaptureClock
from kit.media.rtp.nack import NackList
from kit.media.rtp.packet import MalformedError
from kit.media.rtp.playout.playout import FRAME, AudioPlayout
from kit.media.rtp.rtcp import SenderReport
from kit.media.rtp.serial import Unwrapper
from kit.media.rtp.transport import KitTransport

CHANNELS = 1
FRAME_S = FRAME / opus.RATE
_BEHIND_S = 0.5
_REPAIR_EXTRA_S, _MAX_REPAIR_S = 0.06, 0.15
"""Beyond, sound would wait longer for a repetition than a gap is worth."""
_MAX_ASKED = 20


class SoundDecoder(opus.OpusDecoder):
    """libopus with what the playout asks about packets."""

    def samples(self, packet: bytes) -> int:
        """Samples that a packet holds."""
        return opus.samples_in(packet)

    def has_fec(self, packet: bytes) -> bool:
        """Whether the packet carries the frame before it once more."""
        return opus.has_fec(packet)


class SoundIn:
    """Gives 20 ms of 48 kHz mono to ``play`` every 20 ms, until somebody pulls by a clock of their own.

    The one who plays through a sound card calls :meth:`pull` from the card's thread, by the card's clock; the
    drift between the card and the sender is then taken up by the playout's time-stretching. One lock guards
    all that packets and pulls share; it is held for as long as decoding takes, some 0.2 ms.
    """

    def __init__(
        self,
        opus_type: int,
        transport: KitTransport,
        ssrc: int,
        play: Callable[[av.AudioFrame | None], None],
    ) -> None:
        """``ssrc``: this line's own direction; by it a forwarding room knows which line is meant."""
        self.clock = CaptureClock(opus.RATE)
        self.playout = AudioPlayout(SoundDecoder(CHANNELS), CHANNELS)
        self.malformed = 0
        self._opus_type = opus_type
        self._transport, self._ssrc, self._play = transport, ssrc, play
        self.nacks = NackList()
        self.media_ssrc = 0
        self._timestamps, self._numbers = Unwrapper(32), Unwrapper(16)
        self._loop = asyncio.get_running_loop()
        self._pts = 0
        self._lock = threading.Lock()
        self._pulled = False
        self._timer = transport.supervise(asyncio.create_task(self._run()))

    async def close(self) -> None:
        """End; None is played last."""
        self._timer.cancel()
        await asyncio.gather(self._timer, return_exceptions=True)
        self._play(None)

    def add(self, sequence: int, timestamp: int, payload: bytes, now: float, *, redundant: bool) -> None:
        """Take a packet: plain Opus, or RED with it inside."""
        number = self._numbers(sequence)
        repeated = self.nacks.was_asked(number)
        self.nacks.add(number, now, retransmitted=repeated)
        if payload:
            with self._lock:
                self._add(number, timestamp, payload, now, redundant=redundant, repeated=repeated)
        self._ask(number, now)

    def _ask(self, number: int, now: float) -> None:
        """Ask for lost packets again, where the round trip is short enough to play them in time."""
        repair = (self._transport.round_trip or 1.0) + _REPAIR_EXTRA_S
        if repair > _MAX_REPAIR_S:
            self.playout.repair_s = 0.0
            return
        self.playout.repair_s = repair
        lost = self.nacks.due(now, number - self.playout.waiting)[-_MAX_ASKED:]
        if lost:
            data = rtcp.nack(self._ssrc, self.media_ssrc, [n & 0xFFFF for n in lost])
            self._transport.send_media(data)

    def _add(
        self, number: int, timestamp: int, payload: bytes, now: float, *, redundant: bool, repeated: bool
    ) -> None:
        whole = self._timestamps(timestamp)
        if not redundant:
            self.playout.add(whole, payload, now, repeated=repeated)
            return
        try:
            blocks = red.unpack(payload)
        except MalformedError:
            self.malformed += 1
            return
        for block in blocks:
            if block.payload_type == self._opus_type and block.payload:
                copy = block.offset > 0
                self.playout.add(whole - block.offset, block.payload, now, redundant=copy, repeated=repeated)
                if block.offset:
                    self.nacks.recover(number - block.offset // self.playout.packet_samples)

    def restart(self) -> None:
        """Begin anew: the sender's stream is another."""
        with self._lock:
            self.playout.restart()
            self.clock = CaptureClock(opus.RATE)
            self.nacks = NackList()
            self._timestamps, self._numbers = Unwrapper(32), Unwrapper(16)

    def on_sender_report(self, report: SenderReport) -> None:
        """Learn when sound was captured."""
        with self._lock:
            self.clock.on_sender_report(report)

    def pull(self, delay_s: float = 0.0) -> Pcm | None:
        """Return 20 ms, heard in ``delay_s``, in any thread; from then on ``play`` gets nothing."""
        self._pulled = True
        try:
            return self._next(time.monotonic() + delay_s)
        except Exception as error:
            # The card's thread is not to blame, and plays on with the connection that follows.
            self._loop.call_soon_threadsafe(self._transport.fail, error)
            return None

    def _next(self, now: float) -> Pcm | None:
        with self._lock:
            return self._played(now)

    def _played(self, now: float) -> Pcm | None:
        self.playout.extra_s = self._transport.lipsync.sound_hold_s
        pcm = self.playout.pull()
        if self.playout.playing is not None:
            captured = self.clock.captured_at(self.playout.playing & 0xFFFFFFFF)
            if captured is not None:
                self._transport.lipsync.on_sound(captured, now)
        return pcm

    async def _run(self) -> None:
        due = time.monotonic()
        while not self._pulled:
            due += FRAME_S
            now = time.monotonic()
            if due > now:
                await asyncio.sleep(due - now)
            elif now - due > _BEHIND_S:
                due = now
            pcm = self._next(time.monotonic())
            if pcm is not None:
                self._play(self._frame(pcm))

    def _frame(self, pcm: Pcm) -> av.AudioFrame:
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME)
        frame.planes[0].update(pcm.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = opus.RATE, self._pts, Fraction(1, opus.RATE)
        self._pts += FRAME
        return frame
