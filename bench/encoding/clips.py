"""Pictures to encode: somebody who talks in a room, with a camera's noise, and slides with text.

The room's detail falls with spatial frequency as in photographs (amplitude about 1/f), which flat or random
pictures do not; encoders judged by those look better, or worse, than they are.
"""

from __future__ import annotations

import functools

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, FPS = 1280, 720, 30
_PICTURES = 45
_NOISE = 1.5
_SLOPE = 1.1

Planes = npt.NDArray[np.uint8]


@functools.cache
def camera(height: int = HEIGHT) -> tuple[Planes, ...]:
    """A clip of I420 pictures that runs forwards and then backwards, so that it can go on for ever."""
    made = _camera() if height == HEIGHT else tuple(_scaled(planes, height) for planes in camera())
    return made + made[::-1] if height == HEIGHT else made


@functools.cache
def slides(count: int = 2) -> tuple[Planes, ...]:
    """Pages of black text on white, 1280 × 720, all different."""
    return tuple(_slide(number) for number in range(count))


def frame(planes: Planes) -> av.VideoFrame:
    """A picture of the clip as an encoder takes it."""
    return av.VideoFrame.from_ndarray(planes, format="yuv420p")


def _scaled(planes: Planes, height: int) -> Planes:
    width = WIDTH * height // HEIGHT
    scaled: Planes = frame(planes).reformat(width=width, height=height).to_ndarray().astype(np.uint8)
    return scaled


def _camera() -> tuple[Planes, ...]:
    rng = np.random.default_rng(3)
    room, skin = 110 + 35 * _texture(rng), 150 + 22 * _texture(rng)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    made = []
    for number in range(_PICTURES):
        t = number / FPS
        centre_x = WIDTH / 2 + 64 * np.sin(2.5 * t)
        centre_y = HEIGHT / 2 + 22 * np.sin(4.4 * t)
        head = ((x - centre_x) / 180) ** 2 + ((y - centre_y) / 240) ** 2 < 1
        opening = 15 * (1 + abs(np.sin(9 * t)))
        mouth = ((x - centre_x) / 40) ** 2 + ((y - centre_y - 90) / opening) ** 2 < 1
        luma = room.copy()
        shift = (int(centre_y - HEIGHT / 2), int(centre_x - WIDTH / 2))
        luma[head] = np.roll(skin, shift, (0, 1))[head]
        luma[mouth] = 70
        luma += _NOISE * rng.standard_normal(luma.shape)
        made.append(_planes(np.clip(luma, 16, 235)))
    return tuple(made)


def _texture(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft2(rng.standard_normal((HEIGHT, WIDTH)))
    frequency = np.hypot(np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None])
    frequency[0, 0] = 1
    made = np.fft.irfft2(spectrum / frequency**_SLOPE, s=(HEIGHT, WIDTH))
    texture: npt.NDArray[np.float64] = (made - made.mean()) / made.std()
    return texture


def _slide(number: int) -> Planes:
    page = Image.new("L", (WIDTH, HEIGHT), 235)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(18)
    words = "plan vilja behov samordnad insats hemma stöd vecka mål ansvar"
    for line in range(26):
        offset = (number * 7 + line * 3) % 10
        text = " ".join((words.split() * 2)[offset : offset + 10])
        draw.text((40, 30 + 26 * line), f"{number + 1}.{line + 1} {text}", fill=16, font=font)
    return _planes(np.asarray(page, np.float64))


def _planes(luma: npt.NDArray[np.float64]) -> Planes:
    planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    planes[:HEIGHT] = luma.astype(np.uint8)
    return planes
