"""Words in the picture: name labels, the plate of one without camera, the hold picture."""

from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image, ImageDraw, ImageFont

from kit.meeting.testroom.media.planes import Plane, Planes, views

INK = (10, 26, 43)
ACTION = (10, 74, 107)
SOFT = (207, 224, 234)
WHITE = (255, 255, 255)
MUTED = (255, 179, 166)

_INTER = Path("/usr/share/fonts/opentype/inter/Inter-SemiBold.otf")
_LABEL_MOST = 30


@lru_cache(maxsize=64)
def name_plate(name: str, width: int, height: int) -> av.VideoFrame:
    """What is shown of a participant who sends no picture: initials and name. Do not draw into it."""
    image = Image.new("RGB", (width, height), ACTION)
    draw = ImageDraw.Draw(image)
    radius, middle = height * 0.2, (width / 2, height * 0.44)
    draw.ellipse([middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius], fill=SOFT)
    draw.text(middle, _initials(name), fill=ACTION, font=_font(radius * 0.85), anchor="mm")
    draw.text(
        (width / 2, height * 0.79), _shortened(name), fill=WHITE, font=_font(height * 0.075), anchor="mm"
    )
    return _frame(image)


@lru_cache(maxsize=32)
def hold(text: str, width: int, height: int, phase: int) -> av.VideoFrame:
    """A calm picture for one who waits; ``phase`` 0–2 moves the dots. Do not draw into it."""
    image = Image.new("RGB", (width, height), ACTION)
    draw = ImageDraw.Draw(image)
    draw.text((width / 2, height * 0.46), text, fill=WHITE, font=_font(height * 0.065), anchor="mm")
    for dot in range(3):
        x, y, r = width / 2 + (dot - 1) * height * 0.06, height * 0.6, height * 0.013
        draw.ellipse([x - r, y - r, x + r, y + r], fill=WHITE if dot == phase else (59, 114, 143))
    return _frame(image)


@lru_cache(maxsize=64)
def label(name: str, muted: bool, text_height: int) -> tuple[Planes, Plane]:
    """A name to lay over the lower edge of a picture: YUV planes and alpha, sizes even."""
    font = _font(text_height)
    pad = text_height // 2
    icon = text_height + pad // 2 if muted else 0
    text = _shortened(name)
    width = int(font.getlength(text)) + 2 * pad + icon
    size = (width + width % 2, (text_height * 2) // 2 * 2)
    alpha = Image.new("L", size, 0)
    ImageDraw.Draw(alpha).rounded_rectangle([0, 0, size[0] - 1, size[1] - 1], text_height * 0.4, fill=190)
    image = Image.new("RGB", size, INK)
    draw = ImageDraw.Draw(image)
    if muted:
        _crossed_microphone(draw, pad, size[1] / 2, text_height)
    draw.text((pad + icon, size[1] / 2), text, fill=WHITE, font=font, anchor="lm")
    return views(_frame(image)), np.asarray(alpha)


def _crossed_microphone(draw: ImageDraw.ImageDraw, left: float, middle: float, size: float) -> None:
    x, half, stroke = left + size * 0.4, size * 0.45, max(1, round(size / 10))
    draw.rounded_rectangle(
        [x - size * 0.15, middle - half, x + size * 0.15, middle + size * 0.1], size * 0.15, fill=MUTED
    )
    arc = [x - size * 0.28, middle - size * 0.3, x + size * 0.28, middle + size * 0.25]
    draw.arc(arc, 0, 180, fill=MUTED, width=stroke)
    draw.line([x, middle + size * 0.25, x, middle + half], fill=MUTED, width=stroke)
    draw.line([x - half, middle - half, x + half, middle + half], fill=MUTED, width=stroke)


@lru_cache(maxsize=16)
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if _INTER.exists():
        return ImageFont.truetype(_INTER, size)
    return ImageFont.load_default(size)


def _shortened(name: str) -> str:
    plain = " ".join(name.split()) or "–"
    return plain if len(plain) <= _LABEL_MOST else plain[: _LABEL_MOST - 1] + "…"


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[0].isalnum()] or ["–"]
    return "".join(word[0] for word in (words if len(words) == 1 else [words[0], words[-1]])).upper()


def _frame(image: Image.Image) -> av.VideoFrame:
    # ITU-R BT.709 in video range is what browsers take an untagged picture for.
    rgb = av.VideoFrame.from_ndarray(np.asarray(image), format="rgb24")
    return rgb.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
