"""The screen with a real keyboard: Tab moves, Enter touches, Escape leads back, letters are typed."""

from typing import Any

from kivy.core.clipboard import Clipboard

from kit.ui.targets import Target, visible

TAB, ENTER, KEYPAD_ENTER, ESCAPE, BACKSPACE, SPACE, LETTER_V = 9, 13, 271, 27, 8, 32, 118


class Focus:
    """Where the keyboard is. Keys go to the typed text first, then to what is in focus."""

    def __init__(self, root: Any) -> None:
        """``root`` shows the screens."""
        self._root = root
        self._widget: Any = None

    def bind(self, window: Any) -> None:
        """Listen to the window's keys and touches."""
        # SDL sends no text before a keyboard is asked for.
        window.request_keyboard(lambda: None, self._root)
        window.bind(on_key_down=self._key, on_textinput=self._text, on_touch_down=self._touched)

    def pressed(self, key: int, modifiers: list[str]) -> bool:
        """Take one key; True when it meant something."""
        if key == TAB:
            self._move(-1 if "shift" in modifiers else 1)
        elif key == ESCAPE:
            self._touch(self._root.escape())
        elif key == BACKSPACE:
            self._root.view.erased()
        elif key == LETTER_V and "ctrl" in modifiers:
            self._root.view.typed(Clipboard.paste())
        elif key in (ENTER, KEYPAD_ENTER) or (key == SPACE and not getattr(self._root.view, "typing", False)):
            return self._enter()
        else:
            return False
        return True

    def _key(self, _window: Any, key: int, _scancode: int, _text: Any, modifiers: list[str]) -> bool:
        return self.pressed(key, modifiers)

    def _text(self, _window: Any, text: str) -> None:
        self._root.view.typed(text)

    def _touched(self, *_: Any) -> None:
        self._set(None)

    def _enter(self) -> bool:
        reachable = [target for target in visible(self._root) if target.widget is self._widget]
        if reachable:
            self._touch(reachable[0].id)
            return True
        return bool(self._root.view.entered())

    def _move(self, by: int) -> None:
        targets = [target for target in visible(self._root) if target.enabled]
        at = next((n for n, target in enumerate(targets) if target.widget is self._widget), None)
        if targets:
            following = (-1 if by < 0 else 0) if at is None else (at + by) % len(targets)
            self._set(targets[following].widget)

    def _touch(self, target_id: str) -> None:
        target: Target | None = next(
            (t for t in visible(self._root) if t.id == target_id and t.enabled), None
        )
        if target is not None:
            target.widget.dispatch("on_release")

    def _set(self, widget: Any) -> None:
        if self._widget is not None:
            self._widget.focused = False
        self._widget = widget
        if widget is not None:
            widget.focused = True
