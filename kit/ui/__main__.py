"""``python -m kit.ui --run-dir DIR``: the screen of the kit."""

import argparse
import asyncio
import os
import re
from pathlib import Path

from kit.ui import environment, theme


def main() -> None:
    """Read the command line, then import Kivy: it reads its settings from the environment on import."""
    parser = argparse.ArgumentParser(prog="python -m kit.ui")
    parser.add_argument(
        "--run-dir", type=Path, required=True, help="where the agent's and engine's sockets are"
    )
    parser.add_argument("--fullscreen", action="store_true", help="fill the display")
    parser.add_argument("--size", type=_size, help="of the window, for example 1280x800")
    parser.add_argument("--text-scale", type=float, default=1.0, help="1.3 for large text")
    parser.add_argument("--measure", type=Path, help="append one JSON line a second about what was drawn")
    parser.add_argument("--targets", type=Path, help="keep a JSON list of what can be touched, and where")
    given = parser.parse_args()
    width, height = given.size or (theme.REFERENCE_WIDTH, theme.REFERENCE_HEIGHT)
    environment.prepare(width, height, fullscreen=given.fullscreen)

    from kit.ui.app import App, Options, open_window

    options = Options(given.run_dir, given.text_scale, given.measure, given.targets)
    window = open_window(options.text_scale)

    async def run() -> None:
        await App(options, window).run()

    asyncio.run(run())
    # There is nothing to save, and to take thousands of widgets apart one by one takes seconds.
    os._exit(0)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if match is None:
        raise argparse.ArgumentTypeError("WIDTHxHEIGHT, for example 1280x800")
    return int(match[1]), int(match[2])


if __name__ == "__main__":
    main()
