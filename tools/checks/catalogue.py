"""Translations: each text of the code is in each catalogue, and translated."""

from tools.checks.model import Finding
from tools.tree import Tree


def find(tree: Tree) -> list[Finding]:
    """Placeholder."""
    return []
