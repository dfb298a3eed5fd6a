"""Type faces and icons: Inter from Debian's ``fonts-inter``, Lucide's icon font from this folder's npm build.

What is missing is said once with what to do, and the screen goes on: without Inter in Kivy's own face,
without Lucide with words only.
"""

from functools import cache
from pathlib import Path

import msgspec
from kivy.core.text import LabelBase

from kit.ui import log, theme

BUILT = Path(__file__).parents[2] / "build" / "ui"
_INTER = tuple(
    Path("/usr/share/fonts") / folder
    for folder in ("opentype/inter", "truetype/inter", "opentype/inter-static", "truetype/inter-static")
)
_FACES = {
    theme.REGULAR_FONT: ("Inter-Regular", "Roboto-Regular.ttf"),
    theme.BOLD_FONT: ("Inter-SemiBold", "Roboto-Bold.ttf"),
    theme.HERO_FONT: ("Inter-Bold", "Roboto-Bold.ttf"),
}
"""Each font's face, and Kivy's own where it is missing."""


def register_fonts() -> None:
    """Make the theme's fonts known to Kivy."""
    for name, (face, instead) in _FACES.items():
        file = _find(face)
        if file is None:
            log.warning("font_missing", face=face, remedy="apt-get install fonts-inter")
        LabelBase.register(name, str(file or f"data/fonts/{instead}"))
    font = BUILT / "lucide.ttf"
    if not font.is_file():
        log.warning("icons_missing", remedy="make setup (or npm ci && npm run build in kit/ui)")
    LabelBase.register(theme.ICON_FONT, str(font if font.is_file() else "data/fonts/Roboto-Regular.ttf"))


def glyph(name: str) -> str:
    """Return the character of a Lucide icon; empty for no name, or where the icon font is missing."""
    return _code_points().get(name, "")


@cache
def _code_points() -> dict[str, str]:
    file = BUILT / "lucide.json"
    if not file.is_file():
        return {}
    points = msgspec.json.decode(file.read_bytes(), type=dict[str, int])
    return {name: chr(point) for name, point in points.items()}


def _find(face: str) -> Path | None:
    files = (folder / f"{face}{ending}" for folder in _INTER for ending in (".otf", ".ttf"))
    return next((file for file in files if file.is_file()), None)
