"""Echo, noise and level of what the microphone hears, by WebRTC's audio processing (livekit's build of it).

What really left for the speaker is the reference, and the delay is what both cards' buffers say. A
conference speakerphone does all this itself, and better: it knows its own loudspeaker. Then nothing is done
here, because two cancellers in a row eat speech.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal, Protocol

import numpy as np

from kit.log import failed
from kit.media.cards import Card
from kit.media.level import RATE, Block

Mode = Literal["auto", "on", "off"]
_STEP = RATE // 100
"""The library takes 10 ms at a time."""
_MOST_DELAY_MS = 500


class Processing(Protocol):
    """Cleans the microphone's sound. The two methods are called in two threads."""

    def played(self, block: Block, leaves_in_s: float) -> None:
        """Take 20 ms that were handed to the speaker; their first sample leaves it in ``leaves_in_s``."""

    def clean(self, block: Block, heard_ago_s: float) -> Block:
        """Return 20 ms as others shall hear them; their first sample was heard ``heard_ago_s`` ago."""


class Untouched:
    """Does nothing. Implements :class:`Processing`."""

    def played(self, block: Block, leaves_in_s: float) -> None:
        """Nothing to learn from it."""

    def clean(self, block: Block, heard_ago_s: float) -> Block:  # noqa: ARG002
        """Return it as it is."""
        return block


class WebRtcProcessing:
    """AEC3, noise suppression, high-pass and gain control. Implements :class:`Processing`."""

    def __init__(self, *, gain: bool = True) -> None:
        """Import the library, which takes a third of a second; ImportError where it is missing.

        Without ``gain`` the level of speech stays as it is, so that it can be compared.
        """
        from livekit.rtc.apm import AudioProcessingModule
        from livekit.rtc.audio_frame import AudioFrame

        self._frame: Callable[[bytes, int, int, int], Any] = AudioFrame
        self._module = AudioProcessingModule(
            echo_cancellation=True, noise_suppression=True, high_pass_filter=True, auto_gain_control=gain
        )
        self._leaves_in_s = 0.0

    def played(self, block: Block, leaves_in_s: float) -> None:
        """See :meth:`Processing.played`."""
        self._leaves_in_s = leaves_in_s
        for step in block.reshape(-1, _STEP):
            self._module.process_reverse_stream(self._frame(step.tobytes(), RATE, 1, _STEP))

    def clean(self, block: Block, heard_ago_s: float) -> Block:
        """See :meth:`Processing.clean`."""
        delay_ms = round((self._leaves_in_s + heard_ago_s) * 1000)
        self._module.set_stream_delay_ms(max(0, min(delay_ms, _MOST_DELAY_MS)))
        cleaned = [self._cleaned(step) for step in block.reshape(-1, _STEP)]
        return np.concatenate(cleaned)

    def _cleaned(self, step: Block) -> Block:
        frame = self._frame(step.tobytes(), RATE, 1, _STEP)
        self._module.process_stream(frame)
        return np.frombuffer(frame.data, np.int16)


class EchoPath:
    """From the speaker to the microphone, whichever they are now. Implements :class:`Processing`."""

    def __init__(self, mode: Mode, make: Callable[[], Processing] = WebRtcProcessing) -> None:
        """``make`` is called when processing is first needed."""
        self._mode = mode
        self._make = make
        self._lock = threading.Lock()
        self._processing: Processing | None = None
        self._active: Processing = Untouched()
        self._microphone: Card | None = None
        self._speaker: Card | None = None
        self._unusable = False

    @property
    def active(self) -> bool:
        """Whether anything is done to the sound now."""
        return self._active is self._processing

    def expect(self, microphone: Card | None, speaker: Card | None) -> None:
        """Make now what these will need when they are opened, in a call that somebody waits for."""
        with self._lock:
            if needed(self._mode, microphone, speaker):
                self._prepare()

    def hears(self, microphone: Card) -> None:
        """This microphone has been opened; called in its thread."""
        with self._lock:
            self._microphone = microphone
            self._choose()

    def speaks(self, speaker: Card) -> None:
        """This speaker has been opened; called in its thread."""
        with self._lock:
            self._speaker = speaker
            if self._microphone is not None:
                self._choose()

    def played(self, block: Block, leaves_in_s: float) -> None:
        """See :meth:`Processing.played`."""
        self._active.played(block, leaves_in_s)

    def clean(self, block: Block, heard_ago_s: float) -> Block:
        """See :meth:`Processing.clean`."""
        return self._active.clean(block, heard_ago_s)

    def _choose(self) -> None:
        wanted = needed(self._mode, self._microphone, self._speaker)
        if wanted:
            self._prepare()
        self._active = self._processing if wanted and self._processing is not None else Untouched()

    def _prepare(self) -> None:
        if self._processing is not None or self._unusable:
            return
        try:
            self._processing = self._make()
        except Exception as error:
            # A call with an echo is better than none.
            failed("audio_processing_unusable", error)
            self._unusable = True


def needed(mode: Mode, microphone: Card | None, speaker: Card | None) -> bool:
    """Whether the kit has to clean the sound: not where one device hears, speaks and does it itself."""
    if mode != "auto":
        return mode == "on"
    if microphone is None or not microphone.cancels_echo:
        return True
    return speaker is not None and speaker.number != microphone.number
