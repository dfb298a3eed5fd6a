"""Passwords at and beyond their limits, and what is made of them."""

import pytest

from kit.network.wifi.secrets import MAX_SAE, Secret

PMK = "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"


@pytest.mark.parametrize(
    ("text", "wpa2", "sae"),
    [
        ("password", True, True),
        ("passwor", False, True),
        ("p" * 63, True, True),
        ("p" * 64, False, True),
        ("0123456789abcdef" * 4, True, True),
        ("0123456789abcdeg" * 4, False, True),
        ("lösenord", False, True),
        ("pass\tword", False, False),
        ("pass\nword", False, False),
        ("", False, False),
        ("ö" * (MAX_SAE // 2), False, True),
        ("ö" * (MAX_SAE // 2) + "x", False, False),
    ],
)
def test_what_a_password_can_be(text: str, wpa2: bool, sae: bool) -> None:
    assert (Secret(text).fits_wpa2, Secret(text).fits_sae) == (wpa2, sae)


def test_the_key_is_the_standards_own_example() -> None:
    """IEEE 802.11-2020, J.4.2."""
    assert Secret("password").pmk(b"IEEE") == PMK


def test_a_key_that_was_given_is_taken_as_it_is() -> None:
    assert Secret(PMK.upper()).pmk(b"IEEE") == PMK


def test_what_does_not_fit_is_refused_without_being_told() -> None:
    with pytest.raises(ValueError, match="cannot") as refused:
        Secret("kanarie").pmk(b"IEEE")
    assert "kanarie" not in str(refused.value)
    with pytest.raises(ValueError, match="cannot") as refused:
        Secret("kanarie\n").password()
    assert "kanarie" not in str(refused.value)


def test_a_password_is_in_no_repr_and_can_be_wiped() -> None:
    secret = Secret("kanarie-i-gruva")
    octets = secret._octets
    assert "kanarie" not in f"{secret!r} {secret}"
    secret.wipe()
    secret.wipe()
    assert not octets
    assert not secret.fits_sae
