"""Counters that wrap on the wire, made whole."""


class Unwrapper:
    """Turns wrapping numbers into ever-growing ones; late ones come out smaller, never negative."""

    __slots__ = ("_half", "_last", "_modulo")

    def __init__(self, bits: int) -> None:
        self._modulo = 1 << bits
        self._half = self._modulo >> 1
        self._last: int | None = None

    def __call__(self, value: int) -> int:
        """Return the whole number nearest to the highest one so far that equals ``value`` on the wire."""
        if self._last is None:
            self._last = value + self._modulo
            return self._last
        whole = self._last + ((value - self._last + self._half) % self._modulo) - self._half
        if whole > self._last:
            self._last = whole
        return whole if whole >= 0 else whole + self._modulo
