"""`python -m tests.vm.traces NEEDLES PATH…`: looks for needles in raw images, in every form they may have.

NEEDLES is a JSON file of names and needles, PATH a file or a folder of files. Says what it found and where;
ends with 1 where anything was. Files are searched as they are, byte by byte, whatever file system is in them.
Holes are passed over.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.vm.needles import forms

_CHUNK = 1 << 24
_PAIRS = 1 << 16


@dataclass(frozen=True, order=True)
class Hit:
    """One place: which needle, in which form, at which byte of the file."""

    needle: str
    form: str
    offset: int


class Scanner:
    """Looks for all forms of all needles at once."""

    def __init__(self, needles: Mapping[str, str]) -> None:
        """``needles`` by name. Each form must be six bytes long or more, which is refused with ValueError."""
        self._patterns: dict[bytes, tuple[str, str]] = {}
        for name, needle in needles.items():
            for form, pattern in forms(needle).items():
                if len(pattern) < 6:
                    raise ValueError(f"{name}: too short as {form}")
                self._patterns.setdefault(pattern, (name, form))
        self._longest = max(map(len, self._patterns))
        # Wherever a pattern lies, its first or its second byte is at an even place. Two tables tell which
        # pairs of bytes may be there and which may follow: nearly everything is passed over by looking up.
        self._first = np.zeros(_PAIRS, dtype=bool)
        self._second = np.zeros(_PAIRS, dtype=bool)
        self._by_start: dict[bytes, list[tuple[int, bytes]]] = {}
        for pattern in self._patterns:
            for skipped in (0, 1):
                start = pattern[skipped : skipped + 4]
                self._first[int.from_bytes(start[:2], "little")] = True
                self._second[int.from_bytes(start[2:], "little")] = True
                self._by_start.setdefault(start, []).append((skipped, pattern))

    def file(self, path: Path) -> list[Hit]:
        """Search a file of any size."""
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return []
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                found = {
                    hit for begin, end in _written(file.fileno()) for hit in self._part(data, begin, end)
                }
        return sorted(found)

    def folder(self, path: Path) -> dict[str, list[Hit]]:
        """Search each file below; what was found, by names of files."""
        searched = {str(file.relative_to(path)): self.file(file) for file in _below(path)}
        return {name: hits for name, hits in searched.items() if hits}

    def memory(self, data: bytes) -> list[Hit]:
        """Search what is in memory."""
        return sorted(self._chunk(data, 0))

    def _part(self, data: mmap.mmap, begin: int, end: int) -> Iterator[Hit]:
        for place in range(begin, end, _CHUNK):
            # As much before and after as a pattern that crosses the border needs.
            first = max(place - self._longest, 0) & ~1
            yield from self._chunk(data[first : min(place + _CHUNK, end) + self._longest], first)

    def _chunk(self, chunk: bytes, offset: int) -> Iterator[Hit]:
        words = np.frombuffer(chunk, dtype="<u2", count=len(chunk) // 2)
        likely = self._first[words[:-1]] & self._second[words[1:]]
        for place in (np.flatnonzero(likely) * 2).tolist():
            for skipped, pattern in self._by_start.get(chunk[place : place + 4], ()):
                if place >= skipped and chunk.startswith(pattern, place - skipped):
                    needle, form = self._patterns[pattern]
                    yield Hit(needle, form, offset + place - skipped)


def _written(file: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each stretch that is not a hole."""
    size, end = os.fstat(file).st_size, 0
    while end < size:
        try:
            begin = os.lseek(file, end, os.SEEK_DATA)
        except OSError:  # only a hole is left
            return
        end = os.lseek(file, begin, os.SEEK_HOLE)
        yield begin, end


def _below(path: Path) -> list[Path]:
    """The file, or all files of a folder."""
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def main(words: list[str]) -> int:
    """Print each hit; 1 where there is any, 2 where the command is wrong."""
    if len(words) < 2:
        sys.stdout.write(f"{__doc__}\n")
        return 2
    scanner = Scanner(json.loads(Path(words[0]).read_text(encoding="utf-8")))
    found = 0
    for file in (file for path in words[1:] for file in _below(Path(path))):
        hits = scanner.file(file)
        found += len(hits)
        sys.stdout.write(f"{file}: {len(hits)} found\n")
        for hit in hits:
            sys.stdout.write(f"  {hit.needle} at {hit.offset}: {hit.form}\n")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
