"""What a check looks at and what it reports."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One broken rule: `where` is `path` or `path:line` below the root, `what` is one line for people."""

    where: str
    what: str


@dataclass(frozen=True)
class Tree:
    """The files of the project: tracked ones, and new ones that git does not ignore."""

    root: Path
    files: tuple[str, ...]

    @classmethod
    def of_checkout(cls, root: Path) -> "Tree":
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


@dataclass(frozen=True)
class Check:
    """A rule: its name on the command line, how it is tested, and what to do about a finding."""

    name: str
    find: Callable[[Tree], list[Finding]]
    remedy: str
