"""Tokens of the visual language: colours, sizes and type.

Colours are ``#rrggbb``; sizes are in millimetres and type sizes in scaled pixels, so that a layout is the
same on every screen. State is always icon, word and colour together. Every ink has a contrast of at least
7:1 on every ground that it is used on (WCAG 2.2, 1.4.6).
"""

from typing import NamedTuple

REFERENCE_WIDTH, REFERENCE_HEIGHT = 1920, 1200
"""Pixels of the reference tablet (12 inches)."""
REFERENCE_DPI = 189.0
REFERENCE_DENSITY = 1.18125

# Sizes, in mm
MARGIN = 6
GAP = 4
SMALL_GAP = 2
RADIUS = 2.4
TOUCH = 20
"""Least side of anything that is touched."""
KEY = 18
"""Least side of a key of the keyboard on the screen."""
CARD = 29
TICK = 9
PANEL = 104
"""Width of what lies beside the call's picture."""

# Type, in sp
CAPTION = 24
BODY = 28
STRONG = 32
HEADING = 40
HERO = 60
DISPLAY = 72
LARGE_TYPE = 1.15
"""From this text scale on, what can be done without is left out to make room."""

REGULAR_FONT = "Inter"
BOLD_FONT = "Inter Strong"
HERO_FONT = "Inter Hero"
ICON_FONT = "Lucide"

# Colours
CANVAS = "#eef2f5"
SURFACE = "#ffffff"
INK = "#0c1b2a"
INK_SOFT = "#3a4a59"
LINE = "#d0d9e1"
ACTION = "#0a4a6b"
ACTION_PRESSED = "#063650"
ON_ACTION = "#ffffff"
ON_ACTION_SOFT = "#d7e7f0"
ACTION_TINT = "#e3eef5"
OK = "#0b5234"
OK_SURFACE = "#e4f3ea"
WARN = "#6b4300"
WARN_SURFACE = "#fbefd5"
BAD = "#8c1a11"
BAD_PRESSED = "#6a120b"
BAD_SURFACE = "#fdeae7"
NIGHT = "#0b1520"
NIGHT_SURFACE = "#16242f"
NIGHT_PRESSED = "#24384a"
NIGHT_LINE = "#3a4f61"
ON_NIGHT = "#ffffff"
ON_NIGHT_SOFT = "#cfdbe5"
FOCUS = "#c25e00"
"""Ring around what the keyboard is at; seen on light and dark."""
SHADE = "#0b1520d0"
"""What lies under a question, or over a picture that stands still."""


class Tone(NamedTuple):
    """Colours of one kind of surface: ground, outline, text, secondary text, icon, ground while pressed."""

    fill: str
    line: str
    ink: str
    soft: str
    icon: str
    pressed: str


TONES = {
    "action": Tone(ACTION, ACTION, ON_ACTION, ON_ACTION_SOFT, ON_ACTION, ACTION_PRESSED),
    "card": Tone(SURFACE, LINE, INK, INK_SOFT, ACTION, ACTION_TINT),
    "plain": Tone(CANVAS, CANVAS, INK, INK_SOFT, INK_SOFT, LINE),
    "chosen": Tone(OK_SURFACE, OK, INK, INK_SOFT, OK, OK_SURFACE),
    "current": Tone(ACTION_TINT, ACTION, INK, INK_SOFT, ACTION, ACTION_TINT),
    "ok": Tone(SURFACE, LINE, OK, INK_SOFT, OK, SURFACE),
    "warn": Tone(WARN_SURFACE, WARN, WARN, WARN, WARN, WARN_SURFACE),
    "bad": Tone(BAD_SURFACE, BAD, BAD, BAD, BAD, BAD_SURFACE),
    "unknown": Tone(SURFACE, LINE, INK_SOFT, INK_SOFT, INK_SOFT, SURFACE),
    "info": Tone(ACTION_TINT, ACTION, INK, INK_SOFT, ACTION, ACTION_TINT),
    "off": Tone(CANVAS, LINE, INK_SOFT, INK_SOFT, INK_SOFT, CANVAS),
    "danger": Tone(BAD, BAD, ON_ACTION, ON_ACTION, ON_ACTION, BAD_PRESSED),
    "night": Tone(NIGHT_SURFACE, NIGHT_LINE, ON_NIGHT, ON_NIGHT_SOFT, ON_NIGHT, NIGHT_PRESSED),
    "night-on": Tone(ON_NIGHT, ON_NIGHT, INK, INK_SOFT, ACTION, ON_ACTION_SOFT),
    "night-off": Tone(WARN_SURFACE, WARN_SURFACE, WARN, WARN, WARN, WARN_SURFACE),
}


def scale(width: int, height: int) -> float:
    """How much smaller than on the reference tablet everything is drawn in a window of this size."""
    return min(width / REFERENCE_WIDTH, height / REFERENCE_HEIGHT)


def contrast(one: str, other: str) -> float:
    """Contrast of two opaque colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
