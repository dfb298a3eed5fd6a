"""Who comes in, and as what: the PIN branches of request_token."""

import msgspec

from kit.meeting.testroom.config import RoomConfig
from kit.meeting.testroom.rooms.participant import Role


class PinRequired(msgspec.Struct, frozen=True):
    """Ask for a PIN. ``guest_pin`` False: a guest may say ``pin: none``."""

    guest_pin: bool


class WrongPin(msgspec.Struct, frozen=True):
    """The PIN fits neither role."""


def role_for(room: RoomConfig, pin: str | None) -> Role | PinRequired | WrongPin:
    """What the ``pin`` header opens; None when the header was not sent."""
    if room.host_pin is None:
        return Role.CHAIR
    if not pin:
        return PinRequired(guest_pin=room.guest_pin is not None)
    if pin == room.host_pin:
        return Role.CHAIR
    if pin == (room.guest_pin or "none"):
        return Role.GUEST
    if pin == "none":
        return PinRequired(guest_pin=True)
    return WrongPin()


class PinAttempts:
    """Counts wrong PINs of each client and room, and locks out for a while after too many.

    At most 1,000 clients are remembered; the one whose last attempt is oldest is forgotten first.
    """

    def __init__(self, allowed: int, lockout_s: float) -> None:
        self._allowed = allowed
        self._lockout_s = lockout_s
        self._wrong: dict[tuple[str, ...], tuple[int, float]] = {}

    def locked_out(self, client: tuple[str, ...], now: float) -> bool:
        """True while the client has used up its attempts."""
        count, since = self._wrong.get(client, (0, now))
        if now - since >= self._lockout_s:
            self._wrong.pop(client, None)
            return False
        return count >= self._allowed

    def wrong(self, client: tuple[str, ...], now: float) -> None:
        """Count one wrong PIN."""
        count, _ = self._wrong.pop(client, (0, now))
        self._wrong[client] = (count + 1, now)
        while len(self._wrong) > 1000:
            del self._wrong[next(iter(self._wrong))]

    def right(self, client: tuple[str, ...]) -> None:
        """Forget the client's wrong PINs."""
        self._wrong.pop(client, None)

    def clear(self) -> None:
        """Forget everyone's."""
        self._wrong.clear()
