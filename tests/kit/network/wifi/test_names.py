"""What a screen shows of a network's name, and that nothing else shows any of it."""

import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.network.wifi.names import DRAWN, MAX_LABEL, NAMELESS, Name, label, typed


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (b"Hemma 5G", "Hemma 5G"),
        ("Åsas nät".encode(), "Åsas nät"),
        ("Åsas nät".encode("cp1252"), "Åsas nät"),
        (b'"Familjen"', '"Familjen"'),
        ("Kafé \U0001f600".encode(), "Kafé …"),
        ("\U0001f600\U0001f600 Villan".encode(), "… Villan"),
        ("Hem\u2764\ufe0f".encode(), "Hem\u2764"),
        ("Ελλάδα Дом".encode(), "Ελλάδα Дом"),
        ("日本 5G".encode(), "… 5G"),
        ("日本".encode(), NAMELESS),
        ("\U0001f600 \U0001f600".encode(), NAMELESS),
        (b"a\nb\tc\x00d\x1b[31m", "a b c d [31m"),
        ("nät\u202etkcär\u202c".encode(), "nättkcär"),
        ("\u2066a\u2069\u200bb".encode(), "ab"),
        ("a\u2028b".encode(), "a b"),
        (b"\x00" * 32, NAMELESS),
        ("\u200b\u200c".encode(), NAMELESS),
        (b"   ", NAMELESS),
        (("a" + "\u0301" * 10).encode(), "á\u0301\u0301"),
    ],
)
def test_a_label_is_what_can_be_read(octets: bytes, shown: str) -> None:
    assert label(Name(octets)) == shown


@given(st.binary(min_size=1, max_size=32))
def test_any_name_gives_one_short_line_without_tricks(octets: bytes) -> None:
    shown = label(Name(octets))
    assert 1 <= len(shown) <= MAX_LABEL
    assert shown == shown.strip()
    assert not {unicodedata.category(character) for character in shown} & {
        *("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    }


def test_whatever_is_shown_can_be_drawn() -> None:
    font = next(Path("/usr/share/fonts").rglob("Inter-Regular.*"))
    has = set(_charset(font))
    lacking = [f"{code:x}" for first, last in DRAWN for code in range(first, last + 1) if code not in has]
    assert lacking == []


def _charset(font: Path) -> Iterator[int]:
    """Ask fontconfig what a font has."""
    words = ["fc-query", "--format=%{charset}", str(font)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    for span in said.split():
        first, _, last = span.partition("-")
        yield from range(int(first, 16), int(last or first, 16) + 1)


@pytest.mark.parametrize("octets", [b"", b"x" * 33])
def test_a_name_has_one_to_32_bytes(octets: bytes) -> None:
    with pytest.raises(ValueError, match="1 to 32") as refused:
        Name(octets)
    assert "xxx" not in str(refused.value)


def test_what_staff_types_is_taken_as_it_is() -> None:
    assert typed(" Åsa ") == Name(" Åsa ".encode())
    assert typed("") is None
    assert typed("å" * 17) is None
    assert typed("\ud800") is None


def test_a_name_is_in_no_repr() -> None:
    assert "Kanarie" not in f"{Name(b'Kanarie')!r} {Name(b'Kanarie')}"
