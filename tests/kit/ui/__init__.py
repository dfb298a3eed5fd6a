"""Tests of the screen. Kivy reads its settings from the environment on its first import: they are set here."""

import os

from kit.ui import environment

WIDTH, HEIGHT = 1280, 800

environment.prepare(WIDTH, HEIGHT, fullscreen=False)
# As many frames as the tests ask for.
os.environ["KCFG_GRAPHICS_MAXFPS"] = "0"
# Real OpenGL without a display.
os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
