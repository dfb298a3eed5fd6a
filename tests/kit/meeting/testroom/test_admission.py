import pytest

from kit.meeting.testroom.config import RoomConfig
from kit.meeting.testroom.rooms.admission import PinAttempts, PinRequired, WrongPin, role_for
from kit.meeting.testroom.rooms.participant import Role

OPEN = RoomConfig("oppet")
HOST_PIN = RoomConfig("visit", host_pin="1234")
BOTH_PINS = RoomConfig("konsult", host_pin="1234", guest_pin="5678")


@pytest.mark.parametrize(
    ("room", "pin", "outcome"),
    [
        (OPEN, None, Role.CHAIR),
        (OPEN, "9999", Role.CHAIR),
        (HOST_PIN, None, PinRequired(guest_pin=False)),
        (HOST_PIN, "", PinRequired(guest_pin=False)),
        (HOST_PIN, "1234", Role.CHAIR),
        (HOST_PIN, "none", Role.GUEST),
        (HOST_PIN, "5678", WrongPin()),
        (BOTH_PINS, None, PinRequired(guest_pin=True)),
        (BOTH_PINS, "none", PinRequired(guest_pin=True)),
        (BOTH_PINS, "1234", Role.CHAIR),
        (BOTH_PINS, "5678", Role.GUEST),
        (BOTH_PINS, "0000", WrongPin()),
    ],
)
def test_the_pin_decides_the_role(room: RoomConfig, pin: str | None, outcome: object) -> None:
    assert role_for(room, pin) == outcome


def test_too_many_wrong_pins_lock_out_for_a_while() -> None:
    attempts = PinAttempts(allowed=3, lockout_s=60)
    for at in (0, 1, 2):
        assert not attempts.locked_out(("kit",), at)
        attempts.wrong(("kit",), at)
    assert attempts.locked_out(("kit",), 2)
    assert attempts.locked_out(("kit",), 61.9)
    assert not attempts.locked_out(("kit",), 62)


def test_one_clients_wrong_pins_do_not_lock_out_another() -> None:
    attempts = PinAttempts(allowed=1, lockout_s=60)
    attempts.wrong(("kit",), 0)
    assert attempts.locked_out(("kit",), 0)
    assert not attempts.locked_out(("coordinator",), 0)


def test_the_right_pin_clears_the_count() -> None:
    attempts = PinAttempts(allowed=2, lockout_s=60)
    attempts.wrong(("kit",), 0)
    attempts.right(("kit",))
    attempts.wrong(("kit",), 1)
    assert not attempts.locked_out(("kit",), 1)


def test_the_memory_of_attempts_is_bounded_and_keeps_the_latest() -> None:
    attempts = PinAttempts(allowed=1, lockout_s=60)
    for number in range(1500):
        attempts.wrong((str(number),), 0)
    assert len(attempts._wrong) == 1000
    assert attempts.locked_out(("1499",), 0)
    assert not attempts.locked_out(("0",), 0)
