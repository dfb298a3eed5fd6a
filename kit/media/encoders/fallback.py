"""The encoder of a call: the best that works now, and the next one when it dies or stalls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import av

from kit.log import log
from kit.media.encoders.interface import Encoded, EncoderFailed, VideoEncoder
from kit.media.encoders.ladder import Rung

Make = Callable[[], VideoEncoder]


class FallbackEncoder:
    """Goes on with the same picture, as a key frame, in the next encoder of a row whose last is software.

    The last one is made anew when it fails, and leaves that one picture out.
    """

    def __init__(self, row: Sequence[Make], given_up: Callable[[str], None] = lambda _: None) -> None:
        """``row`` is best first; ``given_up`` is told the name of each encoder that failed, in its thread."""
        self._make, *self._rest = row
        self._encoder = self._make()
        self._given_up = given_up
        self.fallbacks = 0
        """How often an encoder has failed."""

    @property
    def name(self) -> str:
        """The name of the encoder in use."""
        return self._encoder.name

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """See :class:`kit.media.encoders.interface.VideoEncoder`; raises when the last one fails."""
        while True:
            try:
                return self._encoder.encode(frame, rung, bitrate, now, keyframe=keyframe)
            except EncoderFailed as failed:
                last = not self._rest
                self._fall(failed)
                if last:
                    raise
                keyframe = True

    def cpu_elsewhere_s(self) -> float:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        return self._encoder.cpu_elsewhere_s()

    def close(self) -> None:
        """Give up the device."""
        self._encoder.close()

    def _fall(self, failed: EncoderFailed) -> None:
        name = self._encoder.name
        log.warning("encoder_failed", encoder=name, code=failed.code)
        self.fallbacks += 1
        self._given_up(name)
        self._encoder.close()
        if self._rest:
            self._make = self._rest.pop(0)
        self._encoder = self._make()
