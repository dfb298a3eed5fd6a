"""libvpx's VP8 encoder, reached in PyAV's wheel: FFmpeg's wrapper cannot change the rate of an open encoder.

The structures are those of encoder ABI 39 (libvpx 1.16; vpx/vpx_encoder.h, vpx/vpx_image.h). libvpx refuses
to open for another ABI, so a wheel with a different library fails when the encoder is probed, not in a call.
``vpx_codec_control_`` is variadic, which ctypes calls rightly on Linux on x86-64 and aarch64.
"""

from __future__ import annotations

import ctypes
import functools
from ctypes import POINTER, Structure, c_char_p, c_int, c_int64, c_long, c_size_t, c_uint, c_ulong, c_void_p
from pathlib import Path

import av

from kit.media.encoders.interface import EncoderFailed

ABI = 39
REALTIME = 1
FORCE_KEYFRAME = 1
CBR = 1
I420 = 0x102
_IS_KEY = 1
_FRAME_PACKET = 0
SET_CPU_USED, SET_STATIC_THRESHOLD, SET_MAX_INTRA_PERCENT, SET_SCREEN_CONTENT = 13, 17, 26, 31
_CONTEXT_BYTES = 512
_TAIL_BYTES = 2048


class Config(Structure):
    """The head of ``vpx_codec_enc_cfg``; the tail (layers of scalability) keeps its defaults."""

    _fields_ = [
        ("usage", c_uint),
        ("threads", c_uint),
        ("profile", c_uint),
        ("width", c_uint),
        ("height", c_uint),
        ("bit_depth", c_int),
        ("input_bit_depth", c_uint),
        ("time_num", c_int),
        ("time_den", c_int),
        ("error_resilient", c_uint),
        ("pass_", c_int),
        ("lag_in_frames", c_uint),
        ("drop_threshold", c_uint),
        ("resize_allowed", c_uint),
        ("scaled_width", c_uint),
        ("scaled_height", c_uint),
        ("resize_up", c_uint),
        ("resize_down", c_uint),
        ("end_usage", c_int),
        ("two_pass_stats", c_void_p),
        ("two_pass_size", c_size_t),
        ("first_pass_stats", c_void_p),
        ("first_pass_size", c_size_t),
        ("target_kbps", c_uint),
        ("min_quantizer", c_uint),
        ("max_quantizer", c_uint),
        ("undershoot_percent", c_uint),
        ("overshoot_percent", c_uint),
        ("buffer_ms", c_uint),
        ("buffer_initial_ms", c_uint),
        ("buffer_optimal_ms", c_uint),
        ("vbr_bias", c_uint),
        ("vbr_min_section", c_uint),
        ("vbr_max_section", c_uint),
        ("vbr_corpus_complexity", c_uint),
        ("keyframe_mode", c_int),
        ("keyframe_min", c_uint),
        ("keyframe_max", c_uint),
        ("tail", ctypes.c_ubyte * _TAIL_BYTES),
    ]


class _Image(Structure):
    _fields_ = [
        ("format", c_int),
        ("colour_space", c_int),
        ("range", c_int),
        ("width", c_uint),
        ("height", c_uint),
        ("bit_depth", c_uint),
        ("shown_width", c_uint),
        ("shown_height", c_uint),
        ("render_width", c_uint),
        ("render_height", c_uint),
        ("x_chroma_shift", c_uint),
        ("y_chroma_shift", c_uint),
        ("planes", c_void_p * 4),
        ("stride", c_int * 4),
        ("bits_per_sample", c_int),
        ("user", c_void_p),
        ("data", c_void_p),
        ("data_owner", c_int),
        ("self_allocated", c_int),
        ("frame_buffer", c_void_p),
    ]


class _Packet(Structure):
    _fields_ = [
        ("kind", c_int),
        ("data", c_void_p),
        ("size", c_size_t),
        ("pts", c_int64),
        ("duration", c_ulong),
        ("flags", c_uint),
    ]


@functools.cache
def _library() -> ctypes.CDLL:
    bundled = sorted((Path(av.__file__).parent.parent / "av.libs").glob("libvpx-*.so*"))
    if not bundled:
        raise EncoderFailed("no_libvpx")
    library = ctypes.CDLL(str(bundled[0]))
    library.vpx_codec_vp8_cx.restype = c_void_p
    library.vpx_codec_enc_config_default.argtypes = [c_void_p, POINTER(Config), c_uint]
    library.vpx_codec_enc_init_ver.argtypes = [c_void_p, c_void_p, POINTER(Config), c_long, c_int]
    library.vpx_codec_enc_config_set.argtypes = [c_void_p, POINTER(Config)]
    library.vpx_codec_encode.argtypes = [c_void_p, POINTER(_Image), c_int64, c_ulong, c_long, c_ulong]
    library.vpx_codec_get_cx_data.argtypes = [c_void_p, POINTER(c_void_p)]
    library.vpx_codec_get_cx_data.restype = POINTER(_Packet)
    library.vpx_codec_destroy.argtypes = [c_void_p]
    library.vpx_codec_version_str.restype = c_char_p
    return library


def default_config() -> Config:
    """What libvpx would use."""
    library, config = _library(), Config()
    _check(library.vpx_codec_enc_config_default(library.vpx_codec_vp8_cx(), ctypes.byref(config), 0))
    return config


class Vp8Context:
    """One open encoder; :class:`EncoderFailed` when libvpx refuses."""

    def __init__(self, config: Config) -> None:
        library = _library()
        self._context = (ctypes.c_ubyte * _CONTEXT_BYTES)()
        self._open = False
        _check(
            library.vpx_codec_enc_init_ver(
                self._context, library.vpx_codec_vp8_cx(), ctypes.byref(config), 0, ABI
            )
        )
        self._open = True

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Free the encoder."""
        if self._open:
            self._open = False
            _library().vpx_codec_destroy(self._context)

    def control(self, request: int, value: int) -> None:
        """Set one of the codec's own parameters."""
        _check(_library().vpx_codec_control_(ctypes.byref(self._context), c_int(request), c_int(value)))

    def configure(self, config: Config) -> None:
        """Change the configuration of the open encoder."""
        _check(_library().vpx_codec_enc_config_set(self._context, ctypes.byref(config)))

    def encode(self, frame: av.VideoFrame, pts: int, flags: int) -> tuple[bytes, bool]:
        """Encode a yuv420p picture; the bytes, and whether it is a key frame. ``pts`` counts pictures."""
        library, image = _library(), _image(frame)
        _check(library.vpx_codec_encode(self._context, ctypes.byref(image), pts, 1, flags, REALTIME))
        data, key, at = b"", False, c_void_p()
        while packet := library.vpx_codec_get_cx_data(self._context, ctypes.byref(at)):
            made = packet.contents
            if made.kind == _FRAME_PACKET:
                data += ctypes.string_at(made.data, made.size)
                key = key or bool(made.flags & _IS_KEY)
        return data, key


def _image(frame: av.VideoFrame) -> _Image:
    image = _Image(format=I420, bit_depth=8, x_chroma_shift=1, y_chroma_shift=1, bits_per_sample=12)
    image.width = image.shown_width = frame.width
    image.height = image.shown_height = frame.height
    for number, plane in enumerate(frame.planes):
        image.planes[number], image.stride[number] = plane.buffer_ptr, plane.line_size
    return image


def _check(code: int) -> None:
    if code:
        raise EncoderFailed(f"libvpx_{code}")
