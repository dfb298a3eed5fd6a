"""Silence on the path: seen within half a second, answered by checks of connectivity.

When a router between gives us another address, the other side does not know where to send until it is asked
from the new one; aioice asks every five seconds. libnice, and so Janus, takes the new one only when it has a
higher priority than the former. Who decides on another path reads :attr:`PathWatch.dead`.
A call is never silent for so long by itself: who hears nothing still reports ten times a second what came.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aioice import stun

SILENT_S, EVERY_S, DEAD_S = 0.3, 0.3, 1.2
FIRST_PRIORITY = 127 << 24
"""Above all that candidates of any type have (RFC 8445, 5.1.2.1); more with each silence, up to 2^31 - 1."""
_LEAST_S = 0.001
"""Less is no round trip of a network, and 0 is said where none is known."""
MEASURED_EVERY_S = 5.0
"""A way that only brings something has no other measure of its round trip."""


class PathWatch:
    """Seconds of a monotonic clock come in; nothing is known before the first packet."""

    def __init__(self) -> None:
        self.dead = False
        """Nothing has come for :data:`DEAD_S`, and of three checks none was answered."""
        self.round_trip: float | None = None
        """The shortest that a check took, seconds."""
        self.priority: int | None = None
        """Of the address from which the next check comes; None: as of any that is found by checks."""
        self._silences = 0
        self._asked = self._answered = float("-inf")

    def due(self, now: float, last_received: float | None, *, measured: bool = True) -> bool:
        """Whether to check the path now; ``measured``: feedback about what is sent tells the round trip."""
        if last_received is None:
            return False
        silent = now - last_received
        self.dead = silent > DEAD_S and now - self._answered > DEAD_S
        unknown = not measured and now - self._answered > MEASURED_EVERY_S
        if (silent < SILENT_S and not unknown) or now - self._asked < EVERY_S:
            return False
        self._asked = now
        self.priority = None
        if silent >= SILENT_S:
            self._silences += 1
            self.priority = FIRST_PRIORITY + self._silences
        return True

    def answered(self, asked: float, now: float) -> None:
        """A check was answered: the path is there, though the other side has nothing to say."""
        self._answered = now
        self.round_trip = min(max(_LEAST_S, now - asked), self.round_trip or float("inf"))


async def check(ice: Any, priority: int | None) -> bool:
    """Send one check on each path in use; the controlling side names it again as the one to use.

    ``priority`` is what the other side is to give the address that it sees, where it is new. Returns whether
    a check was answered.
    """
    connection = ice._connection
    password = connection.remote_password
    if password is None:
        return False
    requests = [
        pair.protocol.request(
            _request(connection, pair, priority),
            pair.remote_addr,
            integrity_key=password.encode(),
            retransmissions=0,
        )
        for pair in connection._nominated.values()
    ]
    results = await asyncio.gather(*requests, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, stun.TransactionError | ConnectionError):
            raise result
    return any(not isinstance(result, Exception) for result in results)


def _request(connection: Any, pair: Any, priority: int | None) -> stun.Message:
    request: stun.Message = connection.build_request(pair, nominate=True)
    if priority is not None:
        request.attributes["PRIORITY"] = priority
    return request
