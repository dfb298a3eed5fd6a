"""libopus, reached in PyAV's wheel: live bit rate, loss and packet time; in-band FEC and concealment.

FFmpeg's wrapper has neither live control nor FEC decoding. ``opus_encoder_ctl`` is variadic, which ctypes
calls rightly on Linux on x86-64 and aarch64.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]
"""Interleaved samples as (samples, channels)."""

RATE = 48_000
MAX_PACKET_SAMPLES = 5760
MAX_PACKET_BYTES = 1275 * 6
_VOIP = 2048
_SET_BITRATE, _SET_COMPLEXITY, _SET_FEC, _SET_LOSS, _SET_DTX = 4002, 4010, 4012, 4014, 4016
_COMPLEXITY = 5
_OUT_BYTES = 1275


class OpusError(RuntimeError):
    """libopus refused; carries its error code."""


def _library() -> ctypes.CDLL:
    bundled = sorted((Path(av.__file__).parent.parent / "av.libs").glob("libopus-*.so*"))
    name = str(bundled[0]) if bundled else ctypes.util.find_library("opus")
    library = ctypes.CDLL(name or "libopus.so.0")
    pointer, integer, samples = ctypes.c_void_p, ctypes.c_int, ctypes.c_int32
    library.opus_decoder_create.restype = pointer
    library.opus_decoder_create.argtypes = [samples, integer, pointer]
    library.opus_decoder_destroy.argtypes = [pointer]
    library.opus_decode.argtypes = [pointer, ctypes.c_char_p, samples, pointer, integer, integer]
    library.opus_packet_get_nb_samples.argtypes = [ctypes.c_char_p, samples, samples]
    library.opus_encoder_create.restype = pointer
    library.opus_encoder_create.argtypes = [samples, integer, integer, pointer]
    library.opus_encoder_destroy.argtypes = [pointer]
    library.opus_encode.argtypes = [pointer, ctypes.c_char_p, integer, pointer, samples]
    library.opus_encoder_ctl.restype = integer
    if hasattr(library, "opus_packet_has_lbrr"):
        library.opus_packet_has_lbrr.argtypes = [ctypes.c_char_p, samples]
    return library


_opus = _library()


def samples_in(packet: bytes) -> int:
    """Samples at 48 kHz that a packet decodes to; 0 for what is not Opus."""
    found: int = _opus.opus_packet_get_nb_samples(packet, len(packet), RATE) if packet else 0
    return max(0, min(MAX_PACKET_SAMPLES, found))


def has_fec(packet: bytes) -> bool:
    """Whether the packet carries the frame before it once more; only SILK and hybrid frames can."""
    if not packet or not hasattr(_opus, "opus_packet_has_lbrr"):
        return False
    return bool(_opus.opus_packet_has_lbrr(packet, len(packet)) == 1)


class OpusDecoder:
    """48 kHz, 16 bit. Bytes that are not Opus give None."""

    def __init__(self, channels: int = 2) -> None:
        error = ctypes.c_int()
        self._channels = channels
        self._handle = _opus.opus_decoder_create(RATE, channels, ctypes.byref(error))
        if error.value:
            raise OpusError(str(error.value))
        self._out = np.zeros((MAX_PACKET_SAMPLES, channels), np.int16)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            _opus.opus_decoder_destroy(self._handle)

    def decode(self, packet: bytes) -> Pcm | None:
        """Decode a packet."""
        return self._decode(packet, MAX_PACKET_SAMPLES, fec=0) if packet else None

    def recover(self, following: bytes, samples: int) -> Pcm | None:
        """Decode the frame before ``following`` from its redundancy."""
        return self._decode(following, samples, fec=1)

    def conceal(self, samples: int) -> Pcm | None:
        """Make up a lost frame from what was heard before."""
        return self._decode(None, samples, fec=0)

    def _decode(self, packet: bytes | None, samples: int, fec: int) -> Pcm | None:
        size = len(packet) if packet else 0
        count = _opus.opus_decode(self._handle, packet, size, self._out.ctypes.data, samples, fec)
        return self._out[:count].copy() if count > 0 else None


class OpusEncoder:
    """Speech, 48 kHz, with in-band FEC; takes any multiple of 2.5 ms that Opus knows."""

    def __init__(self, channels: int) -> None:
        error = ctypes.c_int()
        self._handle = _opus.opus_encoder_create(RATE, channels, _VOIP, ctypes.byref(error))
        if error.value:
            raise OpusError(str(error.value))
        self._out = (ctypes.c_ubyte * _OUT_BYTES)()
        self._set: tuple[int, int] | None = None
        for request, value in ((_SET_FEC, 1), (_SET_COMPLEXITY, _COMPLEXITY), (_SET_DTX, 0)):
            self._control(request, value)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            _opus.opus_encoder_destroy(self._handle)

    def configure(self, bitrate: int, loss_percent: int) -> None:
        """Change bit rate and the loss that redundancy is made for, from the next frame on."""
        if self._set == (bitrate, loss_percent):
            return
        self._set = (bitrate, loss_percent)
        self._control(_SET_BITRATE, bitrate)
        self._control(_SET_LOSS, loss_percent)

    def encode(self, pcm: bytes, samples: int) -> bytes:
        """Encode ``samples`` (per channel) of interleaved 16 bit sound; raises :class:`OpusError`."""
        count = _opus.opus_encode(self._handle, pcm, samples, self._out, _OUT_BYTES)
        if count < 0:
            raise OpusError(str(count))
        return ctypes.string_at(self._out, count)

    def _control(self, request: int, value: int) -> None:
        handle = ctypes.c_void_p(self._handle)
        if _opus.opus_encoder_ctl(handle, ctypes.c_int(request), ctypes.c_int(value)):
            raise OpusError(str(request))
