"""``python -m demo.phone``: somebody's phone. Reads the QR code on the kiosk, and logs in where it leads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer
import zxingcpp
from PIL import Image, ImageGrab

from demo.kits import VISITING


def main(
    kit: Annotated[str, typer.Option(help="Whose screen the phone is held before.")] = VISITING,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps everything.")] = Path("build/demo"),
) -> None:
    """Log in to the meeting that a kit waits before; the kit goes in by itself."""
    picture = folder / "pictures" / f"{kit}.png"
    seen = Image.open(picture) if picture.exists() else ImageGrab.grab()
    links = [code.text for code in zxingcpp.read_barcodes(seen.convert("RGB"))]
    if not links:
        sys.exit("No QR code is on the screen. On the kiosk, join the room inloggat first.")
    authority = folder / "site" / "servers" / "login" / "ca.pem"
    print("logged in" if log_in(links[0], authority) else "The login did not work, or was too late.")


def log_in(link: str, authority: Path) -> bool:
    """Open the provider's page, press its button, follow it back; whether the kit was told."""
    with httpx.Client(verify=str(authority), follow_redirects=True, timeout=20) as phone:
        return phone.get(link).is_success and phone.post(link).is_success


if __name__ == "__main__":
    typer.run(main)
