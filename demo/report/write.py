"""Writes ``report.json`` and ``report.html``, again after each step: a visit cut short has them too."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

from demo.report.figures import FAULTS, SUMMARY
from demo.report.model import Figures, Report, missing

_HERE = Path(__file__).parent
_QUALITY = 82


def write(report: Report, folder: Path) -> None:
    """Write both files into ``folder``, each in one go: a reader never sees half of one."""
    _replace(folder / "report.json", msgspec.json.format(as_json(report), indent=2))
    _replace(folder / "report.html", as_html(report, folder).encode())


def as_json(report: Report) -> bytes:
    """Figures on the top level, then the steps, the faults, and why a figure is missing."""
    figures = {name: getattr(report.figures, name) for name in Figures.__struct_fields__}
    whole: dict[str, Any] = {
        "made_at": report.made_at,
        "machine": report.machine,
        "passed": report.passed,
        **figures,
        "injections": report.injections,
        "steps": report.steps,
        "not_measured": missing(report),
    }
    return msgspec.json.encode(whole)


def as_html(report: Report, folder: Path) -> str:
    """One page with everything in it: style, script and pictures."""
    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    files = {name: (_HERE / name).read_text() for name in ("style.css", "script.js")}
    return environment.get_template("page.html").render(
        report=report,
        summary=[figure.shown(report) for figure in SUMMARY],
        faults=FAULTS,
        embed=lambda file: embed(folder / file),
        missing=missing(report),
        style=files["style.css"],
        script=files["script.js"],
    )


@lru_cache(maxsize=256)
def embed(file: Path) -> str:
    """Return a picture as a data address, small enough that the page can be sent to somebody."""
    if not file.is_file():
        return ""
    small = io.BytesIO()
    with Image.open(file) as picture:
        picture.convert("RGB").save(small, "WEBP", quality=_QUALITY, method=1)
    return "data:image/webp;base64," + base64.b64encode(small.getvalue()).decode()


def _replace(file: Path, content: bytes) -> None:
    new = file.with_suffix(file.suffix + ".new")
    new.write_bytes(content)
    new.replace(file)
