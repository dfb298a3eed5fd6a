"""Kivy's settings. It reads them from the environment on its first import, so they are set before it."""

import os


def prepare(width: int, height: int, *, fullscreen: bool) -> None:
    """Set up Kivy for a window of this size, without files, console output or configuration of its own."""
    os.environ.update(
        KIVY_NO_ARGS="1",
        KIVY_NO_CONFIG="1",
        KIVY_NO_FILELOG="1",
        KIVY_NO_CONSOLELOG="1",
        # Without it Kivy swallows tracebacks when its console log is off.
        KIVY_LOG_MODE="MIXED",
        # One reader of images instead of all that are installed: the screen shows none.
        KIVY_IMAGE="sdl2",
        # SDL's own clipboard: the others start a program and wait for it.
        KIVY_CLIPBOARD="sdl2",
        KIVY_METRICS_FONTSCALE="1",
        KCFG_KIVY_EXIT_ON_ESCAPE="0",
        KCFG_GRAPHICS_WIDTH=str(width),
        KCFG_GRAPHICS_HEIGHT=str(height),
        KCFG_GRAPHICS_FULLSCREEN="auto" if fullscreen else "0",
        KCFG_GRAPHICS_RESIZABLE="0",
        KCFG_GRAPHICS_SHOW_CURSOR="0" if fullscreen else "1",
        KCFG_GRAPHICS_MULTISAMPLES="0",
        KCFG_GRAPHICS_VSYNC="1" if fullscreen else "0",
        KCFG_GRAPHICS_MAXFPS="30",
        # One provider of touches: SDL's mouse, which touches become. Two would report each touch twice.
        KCFG_INPUT_MOUSE="mouse,disable_multitouch",
    )
