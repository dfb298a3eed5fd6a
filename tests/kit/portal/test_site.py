"""A portal's configuration: what leads elsewhere is refused, and no value is repeated."""

import contextlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.config import ConfigInvalid, load
from kit.portal.site import Portal
from tests.kit.test_config import GOOD, written

PORTAL = """
[[meeting.portals]]
name = "Digitala vårdmöten"
address = "https://portal.example/start?vard=1"
origins = ["https://portal.example", "https://idp.example:8443"]
phone = "08-465 004 55"
"""


def make(address: str = "https://portal.example/", *origins: str, loopback: bool = False) -> Portal:
    return Portal(
        name="Portal", address=address, origins=origins or ("https://portal.example",), loopback=loopback
    )


def test_a_portal_is_read_from_the_kits_configuration(tmp_path: Path) -> None:
    portal = load(written(tmp_path, GOOD + PORTAL)).meeting.portals[0]
    assert portal.host == "portal.example"
    assert portal.endpoints() == (("https", "portal.example", 443), ("https", "idp.example", 8443))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"https://portal.example", ', "", "lies outside its origins"),
        ("https://portal.example/start", "http://portal.example/start", "lies outside"),
        ('"https://idp.example:8443"', '"http://idp.example"', "begin with https"),
        ('"https://idp.example:8443"', '"https://idp.example/path"', "more than"),
        ('"https://idp.example:8443"', '"https://*.example"', "no host name"),
        ('"https://idp.example:8443"', '"https://user@idp.example"', "more than"),
        ('"https://idp.example:8443"', '"https://192.0.2.7"', "a number"),
        ('"https://idp.example:8443"', '"https://localhost"', "this machine"),
        ('"https://idp.example:8443"', '"https://PORTAL.example"', "no host name"),
        ('"https://idp.example:8443"', '"https://pоrtal.example"', "no host name"),
        ('"https://idp.example:8443"', '"https://portal.example:443"', "twice"),
        ('"https://idp.example:8443"', '"file:///etc/passwd"', "more than"),
        ('"https://idp.example:8443"', '"javascript:alert(1)"', "more than"),
        ('"https://idp.example:8443"', '"https://a b.example"', "space"),
        ("/start?vard=1", "/start#fragment", "fragment"),
        ('name = "Digitala vårdmöten"', 'name = " "', "no text"),
        ("08-465 004 55", "ring oss", "phone"),
    ],
)
def test_what_does_not_fit_is_named_without_its_value(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PORTAL
    with pytest.raises(ConfigInvalid, match=said) as refused:
        load(written(tmp_path, GOOD + PORTAL.replace(old, new)))
    assert "portals[0]" in str(refused.value)
    assert "example" not in str(refused.value)


def test_servers_of_this_machine_need_a_flag() -> None:
    with pytest.raises(ValueError, match="this machine"):
        make("http://localhost:8000/", "http://localhost:8000")
    assert make("http://localhost:8000/", "http://localhost:8000", loopback=True).host == "localhost"


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("https://portal.example/any?thing=1#here", True),
        ("https://portal.example:443/", True),
        ("https://portal.example:8443/", False),
        ("http://portal.example/", False),
        ("https://portal.example.evil.example/", False),
        ("https://sub.portal.example/", False),
        ("https://evil.example/https://portal.example/", False),
        ("https://portal.example@evil.example/", False),
        ("https://portal.example\\@evil.example/", False),
        ("chrome-error://chromewebdata/", False),
        ("about:blank", False),
        ("", False),
    ],
)
def test_what_belongs_to_a_portal_is_its_origins_and_nothing_else(address: str, held: bool) -> None:
    assert make().holds(address) is held


@given(st.text(max_size=200))
def test_any_text_is_judged_without_falling(text: str) -> None:
    make().holds(text)
    with contextlib.suppress(ValueError):
        made = make(text, text)
        assert made.holds(made.address)


def test_a_portal_survives_its_wire_form() -> None:
    portal = make()
    assert msgspec.json.decode(msgspec.json.encode(portal), type=Portal) == portal
