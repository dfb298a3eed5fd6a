"""What every video encoder promises, whatever it runs on.

Pictures are yuv420p from the camera on and stay so. The target bit rate may change before every picture;
where the encoder allows it, that costs no key frame.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import av

from kit.media.encoders.ladder import Rung

LEVEL_3_1_MACROBLOCKS = 3600
"""The largest picture of H.264 level 3.1 (table A-1), which profile-level-id 42e01f stands for."""
MAX_BPS = 3_000_000


class Encoded(NamedTuple):
    """An encoded picture: Annex B for H.264, a frame for VP8; empty when the encoder left it out."""

    data: bytes
    keyframe: bool
    size: tuple[int, int]


class EncoderFailed(Exception):  # noqa: N818 - it names what happened
    """The encoder cannot go on; ``code`` is a static word for logs and health."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class VideoEncoder(Protocol):
    """One stream's encoder. Called from a worker thread, one call at a time."""

    @property
    def name(self) -> str:
        """A static word for health and statistics (W3C ``encoderImplementation``)."""
        ...

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """Encode a picture at a rung's size, aiming at ``bitrate`` (bit/s); ``now`` is monotonic, in seconds.

        The first picture, and the first of a new size, is a key frame; others only when asked for, or where
        the kind has no live rate. Raises :class:`EncoderFailed` when the encoder is beyond repair.
        """
        ...

    def cpu_elsewhere_s(self) -> float:
        """CPU seconds used so far outside of this process."""
        ...

    def close(self) -> None:
        """Give up the device; may be called again."""
        ...


class Tuner:
    """Closes the loop on what an encoder makes: x264 with a small buffer makes some 20 % too little."""

    _PERIOD_S = 0.7
    _GAIN = 0.5
    _RANGE = (0.85, 1.3)
    _STILL = 0.6
    """Below this share of the rate the picture needs no more; asking would burst at a movement."""

    def __init__(self) -> None:
        self.factor = 1.0
        """What a wanted rate is multiplied by."""
        self._begun: float | None = None
        self._made = self._wanted = 0.0

    def add(self, size: int, wanted_bits: float, now: float) -> None:
        """Take the bytes of a picture that was to have ``wanted_bits``."""
        self._begun = now if self._begun is None else self._begun
        self._made += size * 8
        self._wanted += wanted_bits
        if now - self._begun < self._PERIOD_S:
            return
        error = self._wanted / max(self._made, 1.0) - 1
        if self._made < self._STILL * self._wanted:
            error = 1 / self.factor - 1
        low, high = self._RANGE
        self.factor = min(high, max(low, self.factor * (1 + self._GAIN * max(-0.3, min(0.3, error)))))
        self.restart(now)

    def restart(self, now: float) -> None:
        """Forget what was made so far; the factor stays."""
        self._begun, self._made, self._wanted = now, 0.0, 0.0


class Reopening:
    """When an encoder without live rate is opened anew: that costs a key frame, so small changes wait."""

    _CHANGE, _DROP, _PATIENCE_S = 0.25, 0.8, 3.0

    def __init__(self) -> None:
        self._rate = 0.0
        self._at = float("-inf")

    def opened(self, bitrate: float, now: float) -> None:
        """The encoder runs at this rate from now on."""
        self._rate, self._at = bitrate, now

    def due(self, bitrate: float, now: float) -> bool:
        """Whether the wanted rate is so far away that a key frame is the smaller harm."""
        far = abs(bitrate / max(self._rate, 1.0) - 1) > self._CHANGE and now - self._at > self._PATIENCE_S
        return far or (bitrate < self._DROP * self._rate and now - self._at > self._PATIENCE_S / 6)
