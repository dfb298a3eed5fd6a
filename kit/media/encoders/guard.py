"""An encoder in a thread of its own: a driver that never comes back must not hold the call."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

import av

from kit.media.encoders.interface import Encoded, EncoderFailed, VideoEncoder
from kit.media.encoders.ladder import Rung

START_S, STALL_S = 5.0, 1.0
Job = Callable[[], Encoded]


class GuardedEncoder:
    """Gives up after a deadline; the thread that hangs is left behind, as nothing can end it."""

    def __init__(
        self, make: Callable[[], VideoEncoder], start_s: float = START_S, stall_s: float = STALL_S
    ) -> None:
        self._encoder = make()
        self._start_s, self._stall_s = start_s, stall_s
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Encoded | EncoderFailed] = queue.SimpleQueue()
        self._rung: Rung | None = None
        self._stuck = False
        # A daemon: a thread in a dead driver must not keep the process from ending.
        threading.Thread(target=self._run, name="encoder-device", daemon=True).start()

    @property
    def name(self) -> str:
        """The guarded encoder's."""
        return self._encoder.name

    def encode(
        self, frame: av.VideoFrame, rung: Rung, bitrate: float, now: float, *, keyframe: bool
    ) -> Encoded:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        if self._stuck:
            raise EncoderFailed("stalled")
        self._jobs.put(lambda: self._encoder.encode(frame, rung, bitrate, now, keyframe=keyframe))
        try:
            # Another rung opens the device again, which takes its time.
            done = self._done.get(timeout=self._stall_s if rung == self._rung else self._start_s)
        except queue.Empty:
            self._stuck = True
            raise EncoderFailed("stalled") from None
        if isinstance(done, EncoderFailed):
            raise done
        self._rung = rung
        return done

    def cpu_elsewhere_s(self) -> float:
        """See :class:`kit.media.encoders.interface.VideoEncoder`."""
        return self._encoder.cpu_elsewhere_s()

    def close(self) -> None:
        """Close the device in its own thread, once it comes back."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._done.put(job())
            except EncoderFailed as failed:
                self._done.put(failed)
            except Exception as error:
                self._done.put(EncoderFailed(type(error).__name__))
        self._encoder.close()
