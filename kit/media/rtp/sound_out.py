"""The microphone's side of a sender."""

from __future__ import annotations

import secrets
import time

import av

from kit.media.rtp.allocation import Shares
from kit.media.rtp.codecs.opus import RATE
from kit.media.rtp.packet import RtpPacket
from kit.media.rtp.speech import SpeechEncoder, SpeechPacket
from kit.media.rtp.streams import OutgoingStream, Timeline
from kit.media.rtp.transport import KitTransport


class SoundOut:
    """Encodes 20 ms in some 0.3 ms, in the loop: sound does not wait for a thread.

    On a lossy link each packet is sent again, itself, a packet time later. Every receiver knows it by its
    SRTP index and drops the copy unless the first was lost (RFC 3711, 3.3.2): nothing has to be negotiated.
    """

    def __init__(self, stream: OutgoingStream, transport: KitTransport, payload_type: int) -> None:
        self._stream, self._transport = stream, transport
        self._payload_type = payload_type
        self._encoder = SpeechEncoder()
        self._timeline = Timeline(RATE)
        self._offset = secrets.randbits(32)
        self._resampler: av.AudioResampler | None = None
        self._repeated = False
        self._last: RtpPacket | None = None

    def on_shares(self, shares: Shares, loss: float) -> None:
        """Follow the allocation."""
        self._repeated = shares.sound.repeated
        self._encoder.configure(shares.sound, loss)

    async def send(self, frame: object) -> None:
        """Send a frame of sound; other things are passed over."""
        if not isinstance(frame, av.AudioFrame):
            return
        captured = time.monotonic() - frame.samples / (frame.sample_rate or RATE)
        for piece in self._fit(frame):
            time_base = piece.time_base or 1 / RATE
            pcm = bytes(piece.planes[0])[: 2 * piece.samples]
            units = round((piece.pts or 0) * time_base * RATE)
            timestamp = self._timeline.at(units, captured)
            self._stream.captured((self._offset + timestamp) & 0xFFFFFFFF, captured)
            for speech in self._encoder.encode(timestamp, pcm):
                self._send(speech)

    def _send(self, speech: SpeechPacket) -> None:
        timestamp = (self._offset + speech.timestamp) & 0xFFFFFFFF
        packet = RtpPacket(self._payload_type, False, 0, timestamp, self._stream.ssrc, speech.payload)
        packet.audio_level = speech.level
        before, self._last = self._last, packet
        self._transport.send_now(packet, self._stream)
        if self._repeated and before is not None:
            self._stream.history.note_copy(before, time.monotonic())
            self._transport.send_again(before, self._stream)

    def _fit(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        if frame.format.name == "s16" and frame.layout.nb_channels == 1 and frame.sample_rate == RATE:
            return [frame]
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        return self._resampler.resample(frame)
