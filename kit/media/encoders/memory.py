"""Which encoder was found to work on this machine, kept for the next start. Blocking: call it in a thread.

The file is only a hint: what it names is tried again, and a file that is damaged or of another machine is as
good as none.
"""

from __future__ import annotations

import contextlib
import platform
import zlib
from pathlib import Path
from typing import Annotated

import av
import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from kit.hw import inventory, sysfs

FILE = "encoders.json"
MOST_BYTES = 4096
Word = Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$")]


class Remembered(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``machine`` is what it holds for: another kernel, chip or library may open other encoders."""

    machine: Annotated[str, Meta(max_length=300)]
    chosen: Annotated[dict[Word, Word], Meta(max_length=4)] = {}
    """By codec, in small letters."""
    trying: Word | None = None
    """The encoder under test: still there at the next start, it took the process down with it."""


class Memory:
    """One file. Without a folder, or one that cannot be written, nothing is remembered."""

    def __init__(self, folder: Path | None, root: Path) -> None:
        """``root`` is where the machine's /sys and /proc are."""
        self._path = None if folder is None else folder / FILE
        self._machine = machine(root)
        self._known = self._read()
        self.deadly = self._known.trying
        """What ended the process when it was tried last time."""

    def chosen(self, codec: str) -> str | None:
        """The encoder that worked last time."""
        return self._known.chosen.get(codec.lower())

    def trying(self, name: str | None) -> None:
        """Note what is about to be tried; None when that is over."""
        self._write(replace(self._known, trying=name))

    def choose(self, codec: str, name: str | None) -> None:
        """Remember the choice, or forget it."""
        others = {key: value for key, value in self._known.chosen.items() if key != codec.lower()}
        chosen = others if name is None else {**others, codec.lower(): name}
        self._write(replace(self._known, chosen=chosen, trying=None))

    def _read(self) -> Remembered:
        fresh = Remembered(machine=self._machine)
        if self._path is None:
            return fresh
        try:
            with self._path.open("rb") as file:
                known = msgspec.json.decode(file.read(MOST_BYTES), type=Remembered)
        except (OSError, msgspec.DecodeError):
            return fresh
        return known if known.machine == self._machine else fresh

    def _write(self, known: Remembered) -> None:
        if known == self._known:
            return
        self._known = known
        if self._path is None:
            return
        partial = self._path.with_suffix(".partial")
        with contextlib.suppress(OSError):
            partial.write_bytes(msgspec.json.encode(known))
            partial.replace(self._path)


def machine(root: Path) -> str:
    """Kernel release, system image, make and model, and the version of the libraries."""
    seen = inventory.read(root)
    image = f"{zlib.crc32((sysfs.text(root / 'etc/os-release') or '').encode()):08x}"
    words = (platform.release(), image, seen.architecture, seen.maker, seen.model, f"av {av.__version__}")
    return "|".join(word[:60] for word in words)
