"""Which keys reach a portal, and how a character is typed."""

import pytest

from kit.ipc.portal import PortalKey
from kit.portal import keys
from kit.portal.keys import ANY_KEY, ANY_MODIFIER, CONTROL, LOCK, MOD1, MOD2, MOD4, MOD5, SHIFT, Grab

KEYMAP = {9: 0xFF1B, 24: ord("q"), 38: ord("a"), 54: ord("c"), 67: 0xFFBE, 166: keys.BACK, 167: 0x1008FF27}
TAKEN, GIVEN = set(keys.taken(KEYMAP)), set(keys.given(KEYMAP))


def reaches(keycode: int, modifiers: int) -> bool:
    """As the X server decides: a grab of this very key or of any, unless it was given back."""
    if Grab(keycode, modifiers) in GIVEN:
        return True
    held = {Grab(keycode, modifiers), Grab(ANY_KEY, modifiers), Grab(keycode, ANY_MODIFIER)}
    return not held & TAKEN


def test_typing_reaches_the_page_whatever_is_locked() -> None:
    for modifiers in (0, SHIFT, LOCK, MOD2, SHIFT | LOCK | MOD2, MOD5, MOD5 | SHIFT):
        assert reaches(24, modifiers)


def test_copying_reaches_it_and_other_shortcuts_do_not() -> None:
    assert reaches(54, CONTROL)
    assert reaches(38, CONTROL | LOCK | MOD2)
    assert not reaches(24, CONTROL)
    assert not reaches(54, CONTROL | SHIFT)
    assert not reaches(54, CONTROL | MOD1)


def test_alt_and_super_never_reach_it() -> None:
    for modifiers in (MOD1, MOD4, MOD1 | SHIFT, MOD4 | LOCK, MOD1 | MOD5):
        assert not any(reaches(keycode, modifiers) for keycode in KEYMAP)


def test_function_and_media_keys_never_reach_it_but_back() -> None:
    assert not reaches(67, 0)
    assert not reaches(67, SHIFT | MOD2)
    assert not reaches(167, 0)
    assert reaches(166, 0)


def test_escape_closes_a_question_but_lists_no_tasks() -> None:
    assert reaches(9, 0)
    assert not reaches(9, SHIFT)
    assert not reaches(9, SHIFT | MOD2)


ENGLISH = {
    10: (0x31, 0x21),
    24: (0x71, 0x51),
    50: (keys.SHIFT_KEY, 0),
    **dict.fromkeys(range(93, 250), (0, 0)),
}
"""Some keys of an English keyboard, and keycodes that no key has."""


def test_characters_that_no_key_has_are_given_one() -> None:
    keymap = ENGLISH | keys.missing(ENGLISH)
    typed = keys.strokes(keymap)
    assert typed[ord("Q")] == keys.Stroke(24, shift=True)
    assert typed[ord("Å")] == typed[ord("å")]._replace(shift=True)
    assert all(ord(sign) in typed for sign in keys.TYPED)
    assert keys.missing(keymap) == {}


def test_keys_that_exist_keep_what_they_type() -> None:
    assert not set(keys.missing(ENGLISH)) & {10, 24, 50}
    assert keys.missing({24: (0x71, 0x51)}) == {}


@pytest.mark.parametrize("key", ["ctrl+t", "\x1b", "☃", "F12", "", "super"])
def test_what_is_no_character_of_a_keyboard_is_no_key(key: str) -> None:
    assert keys.keysym(key) == 0


def test_keys_with_names_are_known() -> None:
    assert all(keys.keysym(key.value) for key in PortalKey)
