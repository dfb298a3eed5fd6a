"""One bit that outlives the agent, not the power: a visit is open."""

from __future__ import annotations

from pathlib import Path


class OpenMarker:
    """An empty file beside the sockets. It says that a visit is open, and nothing of it."""

    def __init__(self, run_dir: Path) -> None:
        """``run_dir`` lies in memory (tmpfs) on the kit."""
        self._path = run_dir / "visit-open"

    def is_set(self) -> bool:
        """Whether a visit was open when the agent died."""
        return self._path.exists()

    def set(self, *, is_open: bool) -> None:
        """Keep the bit."""
        if is_open:
            self._path.touch()
        else:
            self._path.unlink(missing_ok=True)
