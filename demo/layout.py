"""Where the demo keeps its files: below one folder, but for sockets, whose paths must be short."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from msgspec import Struct

_OURS = ("site", "kits", "fleet", "log", "pictures", "report.json", "report.html")


class AlreadyRunning(Exception):  # noqa: N818 - it names what is in the way
    """Another demo uses the folder; ``pid`` is its process."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"a demo runs already as process {pid}")
        self.pid = pid


class Layout(Struct, frozen=True, kw_only=True):
    """The demo's folders; ``run`` is new for each run and goes with it."""

    root: Path
    run: Path

    @property
    def log(self) -> Path:
        """What each process wrote."""
        return self.root / "log"

    @property
    def site(self) -> Path:
        """Authority, certificates and broker."""
        return self.root / "site"

    @property
    def fleet(self) -> Path:
        """Database and seed of the fleet."""
        return self.root / "fleet"

    @property
    def pictures(self) -> Path:
        """Pictures of the steps, for the report."""
        return self.root / "pictures"

    def kit(self, kit_id: str) -> Path:
        """Configuration, state and measurements of one kit."""
        return self.root / "kits" / kit_id

    def kit_run(self, kit_id: str) -> Path:
        """Sockets of one kit."""
        return self.run / kit_id


class Claim:
    """The right to use a folder, kept until :meth:`give_back` or the end of this process."""

    def __init__(self, root: Path) -> None:
        """Clear what an earlier run left; AlreadyRunning when another demo is at work there."""
        root.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(root / "lock")
        for name in _OURS:
            _remove(root / name)
        self.layout = Layout(root=root.resolve(), run=Path(tempfile.mkdtemp(prefix="hembesok-")))
        for folder in (self.layout.log, self.layout.fleet, self.layout.pictures):
            folder.mkdir()

    def give_back(self) -> None:
        """Remove the sockets and let go of the folder."""
        shutil.rmtree(self.layout.run, ignore_errors=True)
        self._lock.close()


def _locked(path: Path) -> IO[str]:
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read().strip()
        lock.close()
        raise AlreadyRunning(owner) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
