"""``python -m demo.phone``: somebody's phone. Reads the QR code on the kiosk, and logs in where it leads."""

from __future__ import annotations

import ssl
import sys
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
import zxingcpp
from PIL import Image, ImageGrab

from demo.kits import VISITING

LOOKS_S = 10.0
"""Pictures of a virtual screen are taken every two seconds, and a page of the kiosk takes a moment."""
_LOOK_AGAIN_S = 0.5
_ANSWER_S = 20.0


def main(
    kit: Annotated[str, typer.Option(help="Whose screen the phone is held before.")] = VISITING,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps everything.")] = Path("build/demo"),
) -> None:
    """Log in to the meeting that a kit waits before; the kit goes in by itself."""
    authority = folder / "site" / "servers" / "login" / "ca.pem"
    if not authority.exists():
        sys.exit(f"No demo has been started in {folder}: make demo.")
    link = look_for_link(folder / "pictures" / f"{kit}.png")
    if link is None:
        sys.exit(f"No login is on the screen of {kit}. On the kiosk, join the room inloggat first.")
    if not log_in(link, authority):
        sys.exit("The login did not work, or was too late.")
    print("logged in")


def look_for_link(picture: Path, looks_s: float = LOOKS_S) -> str | None:
    """Look at the picture of a virtual screen, or at the user's own display, until a link is seen."""
    ends = time.monotonic() + looks_s
    while (found := _link(picture)) is None and time.monotonic() < ends:
        time.sleep(_LOOK_AGAIN_S)
    return found


def log_in(link: str, authority: Path) -> bool:
    """Open the provider's page, press its button, follow it back; whether the kit was told."""
    trusted = ssl.create_default_context(cafile=authority)
    try:
        with httpx.Client(verify=trusted, follow_redirects=True, timeout=_ANSWER_S) as phone:
            return phone.get(link).is_success and phone.post(link).is_success
    except httpx.HTTPError:
        return False


def _link(picture: Path) -> str | None:
    try:
        seen = Image.open(picture) if picture.exists() else ImageGrab.grab()
        codes = zxingcpp.read_barcodes(seen.convert("RGB"))
    except OSError:
        # No display, or the picture is just being written.
        return None
    return next((code.text for code in codes if code.text.startswith("https://")), None)


if __name__ == "__main__":
    typer.run(main)
