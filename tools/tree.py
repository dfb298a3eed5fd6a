"""The files of this checkout."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Tree:
    """Tracked files, and new ones that git does not ignore, as names below the root."""

    root: Path
    files: tuple[str, ...]

    @classmethod
    def of_checkout(cls, root: Path = ROOT) -> "Tree":
        """Read the list from git; raises CalledProcessError outside a git checkout."""
        # CI may run as root in a checkout that belongs to somebody else, which git refuses by default.
        command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"]
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
        return cls(root, tuple(sorted(name for name in listed.split("\0") if (root / name).is_file())))

    def named(self, *suffixes: str) -> Iterator[str]:
        """Files whose name ends in one of the suffixes."""
        return (name for name in self.files if name.endswith(suffixes))

    def text(self, name: str) -> str | None:
        """Content of a file, or None where there is none or it is not UTF-8."""
        try:
            return (self.root / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            return None
