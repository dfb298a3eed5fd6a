"""The pipes of one encoding ``ffmpeg``: a picture in, a picture out, each with a deadline."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import time
from pathlib import Path

import av

from kit.media.encoders import matroska
from kit.media.encoders.flv import FlvReader, Picture
from kit.media.encoders.interface import EncoderFailed

JUMP_MS = 1_000_000
"""Time stamps jump so far for a key frame; kept in step with ``-force_key_frames`` of the command."""
MOST_JUMPS = 2000
"""FLV counts milliseconds in 31 bits."""
_SET_PIPE_SIZE = 1031
_PIPE_BYTES = 1 << 20
_READ_BYTES = 1 << 18
_TICKS = os.sysconf("SC_CLK_TCK")


class Child:
    """Not for use by two threads at once. Every failure is :class:`EncoderFailed`."""

    def __init__(self, command: list[str], width: int, height: int, fps: int) -> None:
        """Start the process; OSError when there is no such program."""
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)
        # A whole picture that fits saves turns between two processes; the system may allow less.
        with contextlib.suppress(OSError):
            fcntl.fcntl(self._in, _SET_PIPE_SIZE, _PIPE_BYTES)
        self._reader = FlvReader()
        self._pictures: list[Picture] = []
        self._fps, self._size = fps, (width, height)
        self._stamp_ms, self._forced = 0.0, 0
        self.pid = self._process.pid
        self.warm = False
        """Whether it has encoded anything."""

    def encode(self, picture: av.VideoFrame, *, keyframe: bool, deadline_s: float) -> Picture:
        """Encode one picture; raises when none comes back in time."""
        end = time.monotonic() + deadline_s
        self._pictures.clear()
        self.put(picture, keyframe=keyframe, deadline_s=deadline_s)
        while not self._pictures:
            self._turn(b"", end)
        return self._pictures.pop()

    def put(self, picture: av.VideoFrame, *, keyframe: bool, deadline_s: float) -> None:
        """Hand a picture over, without waiting for what becomes of it."""
        end = time.monotonic() + deadline_s
        first = self._forced == 0
        data = picture.to_ndarray().data.cast("B")
        head = matroska.picture_head(self._stamp(keyframe=keyframe), len(data))
        if first:
            head = matroska.header(*self._size, self._fps) + head
        for part in (memoryview(head), data):
            rest = part
            while rest:
                rest = rest[self._turn(rest, end) :]

    def has_encoded(self) -> bool:
        """Whether a picture has come out; does not wait."""
        self._read()
        return self.warm

    def cpu_s(self) -> float:
        """CPU seconds of the process; 0 when it is gone."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def close(self) -> None:
        """End the process by force: it holds nothing that is worth a farewell, and may be stuck."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.kill()
        self._process.wait()

    def _stamp(self, *, keyframe: bool) -> int:
        """The next time stamp; one at or beyond the next jump makes a key frame."""
        # FFmpeg counts from the first one, which therefore is 0.
        self._stamp_ms += 1000 / self._fps if self._forced else 0.0
        if keyframe or self._forced == 0 or self._stamp_ms >= self._forced * JUMP_MS:
            self._stamp_ms = max(self._stamp_ms, float(self._forced * JUMP_MS))
            self._forced += 1
            if self._forced > MOST_JUMPS:
                raise EncoderFailed("worn_out")
        return int(self._stamp_ms)

    def _turn(self, rest: bytes | memoryview, end: float) -> int:
        """Wait until something can be read, or written if there is ``rest``; returns how much was written."""
        left = end - time.monotonic()
        if left <= 0:
            raise EncoderFailed("stalled")
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if rest:
            poll.register(self._in, select.POLLOUT)
        ready = {file for file, _ in poll.poll(left * 1000)}
        if self._out in ready:
            self._read()
        if not rest or self._in not in ready:
            return 0
        try:
            return os.write(self._in, rest)
        except BlockingIOError:
            return 0
        except OSError:
            raise EncoderFailed("died") from None

    def _read(self) -> None:
        try:
            data = os.read(self._out, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            raise EncoderFailed("died") from None
        if not data:
            raise EncoderFailed("died")
        made = self._reader.feed(data)
        self.warm = self.warm or bool(made)
        self._pictures += made
