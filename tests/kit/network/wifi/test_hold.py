"""What agent and holder tell each other, and what becomes of what does not fit."""

import msgspec
import pytest

from kit.ipc.network import WifiTrouble
from kit.network.wifi.hold import MAX_LIMIT_S, MAX_LINE, Step, Told, Unreadable, encode, read_hold, read_told
from kit.network.wifi.reasons import NO_SECRETS, SSID_NOT_FOUND, SUPPLICANT_CONFIG_FAILED, trouble
from kit.network.wifi.security import Access
from tests.kit.network.wifi.test_security import hold


def test_an_order_is_one_line_that_fits_and_is_read_again() -> None:
    order = msgspec.structs.replace(hold(Access.SAE, "ö" * 64), ssid=bytes(range(32)))
    line = encode(order)
    assert line.count(b"\n") == 1
    assert len(line) < MAX_LINE
    assert read_hold(line) == order


def test_an_order_is_in_no_repr() -> None:
    assert repr(hold(Access.SAE, "kanarie")) == "Hold(…)"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uuid", "../x"),
        ("interface", "wlan0;reboot"),
        ("access_point", "/"),
        ("ssid", b""),
        ("ssid", b"x" * 33),
        ("access", "wpa9"),
        ("key", "x" * 513),
        ("limit_s", 0),
        ("limit_s", MAX_LIMIT_S + 1),
        ("more", 1),
    ],
)
def test_an_order_that_does_not_fit_is_refused_without_a_word_of_it(field: str, value: object) -> None:
    order = msgspec.to_builtins(hold(Access.SAE, "kanarie"), builtin_types=(bytes,)) | {field: value}
    with pytest.raises(Unreadable) as refused:
        read_hold(msgspec.json.encode(order))
    assert not refused.value.args
    assert refused.value.__cause__ is None


def test_steps_are_read_and_everything_else_is_unreadable() -> None:
    assert read_told(encode(Told(step=Step.ON))) == Told(step=Step.ON)
    for line in (b"", b"{}", b'{"step":"fly"}', b"\xff\n", encode(hold(Access.OPEN))):
        with pytest.raises(Unreadable):
            read_told(line)


@pytest.mark.parametrize(
    ("reason", "step", "kind", "said"),
    [
        (NO_SECRETS, Step.JOINING, Access.WPA2, WifiTrouble.KEY_WRONG),
        (8, Step.JOINING, Access.SAE, WifiTrouble.KEY_WRONG),
        (11, Step.JOINING, Access.MIXED, WifiTrouble.KEY_WRONG),
        (11, Step.JOINING, Access.WPA2, WifiTrouble.OUT_OF_REACH),
        (11, Step.JOINING, Access.OPEN, WifiTrouble.OUT_OF_REACH),
        (SSID_NOT_FOUND, Step.JOINING, Access.SAE, WifiTrouble.KEY_WRONG),
        (SSID_NOT_FOUND, Step.JOINING, Access.WPA2, WifiTrouble.OUT_OF_REACH),
        (SUPPLICANT_CONFIG_FAILED, Step.JOINING, Access.SAE, WifiTrouble.NOT_SUPPORTED),
        (5, Step.ADDRESS, Access.WPA2, WifiTrouble.NO_ADDRESS),
        (0, Step.ADDRESS, Access.WPA2, WifiTrouble.NO_ADDRESS),
        (8, Step.ON, Access.SAE, WifiTrouble.OUT_OF_REACH),
        (SSID_NOT_FOUND, Step.ON, Access.WPA2, WifiTrouble.OUT_OF_REACH),
        (6, Step.ON, Access.WPA2, WifiTrouble.NO_ADDRESS),
        (36, Step.ON, Access.WPA2, WifiTrouble.NO_WIFI),
        (999, Step.ON, None, WifiTrouble.OUT_OF_REACH),
    ],
)
def test_why_it_ended_is_said_in_the_screens_words(
    reason: int, step: Step, kind: Access | None, said: WifiTrouble
) -> None:
    assert trouble(reason, step, kind) is said
