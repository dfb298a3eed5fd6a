"""What a check is and what it reports."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.tree import Tree


@dataclass(frozen=True)
class Finding:
    """One broken rule: `where` is `path` or `path:line` below the root, `what` is one line for people."""

    where: str
    what: str


@dataclass(frozen=True)
class Check:
    """A rule: its name on the command line, how it is tested, and what to do about a finding."""

    name: str
    find: Callable[[Tree], list[Finding]]
    remedy: str
