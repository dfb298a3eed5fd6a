"""Tests of the screen.

Kivy reads its settings from the environment on its first import, and opens its window then: it is done here.
"""

import importlib
import os

from kit.ui import environment

WIDTH, HEIGHT = 1280, 800

environment.prepare(WIDTH, HEIGHT, fullscreen=False)
# As many frames as the tests ask for.
os.environ["KCFG_GRAPHICS_MAXFPS"] = "0"
# Real OpenGL without a display. Programs that other tests start have displays of their own.
os.environ["SDL_VIDEODRIVER"] = "offscreen"
importlib.import_module("kivy.core.window")
del os.environ["SDL_VIDEODRIVER"]
