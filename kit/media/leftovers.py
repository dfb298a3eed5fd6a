"""Memory that a call leaves, given back when nobody is in one.

What aiortc makes for a call points in circles, and holds codecs, ciphers and buffers that Python does not
count. Python looks for circles only when there are a quarter more objects than it knew of; glibc keeps what
lies below a block in use.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc

REST_S = 1.0
"""A call that was left closes its connections for a moment still, and the next one may follow at once."""
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
"""malloc.h"""
_LARGE_BYTES = 1_750_000
"""More than a picture of 720p, which must cost no system call; less than what x264 wants huge pages for."""
_libc = ctypes.CDLL(None)


def configure_heap() -> None:
    """Let all threads take memory from one heap, and large blocks from the system; before threads begin.

    By itself glibc makes a heap for each thread, and what a picture took in one is of no use in another. And
    the first large block that is freed moves all later ones into the heap, where encoders that are opened
    anew, size after size, leave holes in huge pages.
    """
    with contextlib.suppress(AttributeError):
        _libc.mallopt(_M_ARENA_MAX, 1)
        _libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def set_aside() -> None:
    """Give back what starting took, and look no more through what lasts: a look takes 4 ms, not 0.1 s."""
    clear()
    gc.freeze()


def clear() -> None:
    """Free what nobody uses, and give it back to the system."""
    gc.collect()
    with contextlib.suppress(AttributeError):
        # Only glibc has it, and only glibc needs it.
        _libc.malloc_trim(0)


class Leftovers:
    """Cleared up in the event loop, some milliseconds long."""

    def __init__(self, rest_s: float = REST_S) -> None:
        self._rest_s = rest_s
        self._due: asyncio.TimerHandle | None = None

    def clear_soon(self) -> None:
        """Nobody is in a call any more."""
        self.leave()
        self._due = asyncio.get_running_loop().call_later(self._rest_s, clear)

    def leave(self) -> None:
        """Somebody joins, and must not wait."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
