"""``python -m tests.kit.ui.gallery [--language en] [--text-scale 1.3] [NAME…]``: the scenes to look at."""

import argparse
import sys
from pathlib import Path

from msgspec.structs import replace
from PIL import Image

from kit.ipc.state import KitState, Language
from tests.kit.ui.driver import Driver, driver
from tests.kit.ui.pictures import fake_camera
from tests.kit.ui.scenes import SCENES
from tests.kit.ui.states import NOW, Scene

OUT = Path("build/screens")


def stage(hands: Driver, scene: Scene, language: Language) -> None:
    """Bring one scene onto the screen."""
    state: KitState | None = scene.state
    hands.root.state = None
    hands.root.now = NOW
    hands.show(replace(state, language=language) if state else None)
    view = hands.root.view
    assert view is not None
    for name, value in scene.do:
        holder = next(w for w in view.walk() if w.property(name, quiet=True) is not None)
        setattr(holder, name, value)
    if scene.remote:
        view.draw_pictures(fake_camera())
    hands.settle()


def main(words: list[str]) -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.kit.ui.gallery")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--language", type=Language, default=Language.SWEDISH)
    parser.add_argument("--text-scale", type=float, default=1.0)
    options = parser.parse_args(words)
    OUT.mkdir(parents=True, exist_ok=True)
    with driver(options.text_scale) as hands:
        for scene in SCENES:
            if options.names and scene.name not in options.names:
                continue
            stage(hands, scene, options.language)
            name = f"{scene.name}-{options.language}-{options.text_scale:g}.png"
            Image.fromarray(hands.pixels()).save(OUT / name)


if __name__ == "__main__":
    main(sys.argv[1:])
