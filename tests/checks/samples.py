"""Small trees for the checks to look at."""

from pathlib import Path

from tools.checks.model import Finding
from tools.tree import Tree


def tree(root: Path, files: dict[str, str]) -> Tree:
    """Write the files, path → text, below the root."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(root, tuple(sorted(files)))


def places(findings: list[Finding]) -> list[str]:
    """Where the findings are."""
    return [finding.where for finding in findings]
