"""How often something was refused since the process began, by static code."""

from __future__ import annotations

import re
from typing import Final

MOST_CODES: Final = 64
OTHER: Final = "other"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Counters:
    """A bounded set of counters for a health report. Codes come from the program, never from input."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def count(self, code: str, times: int = 1) -> None:
        """Count; what is no code, or is one code too many, is counted as ``other``. Nothing for 0 times."""
        if times < 1:
            return
        full = code not in self._counts and len(self._counts) >= MOST_CODES - 1
        key = OTHER if full or _CODE.fullmatch(code) is None else code
        self._counts[key] = self._counts.get(key, 0) + times

    def snapshot(self) -> dict[str, int]:
        """Counts by code, at most 64 codes."""
        return dict(self._counts)
