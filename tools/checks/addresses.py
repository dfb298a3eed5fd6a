"""Nothing in the tree ties it to one machine or one package mirror."""

import re

from tools.checks.model import Finding
from tools.tree import Tree

REGISTRY = re.compile(
    r"(?:\b[a-z0-9-]+\.)*\b(?:pypi|pythonhosted|npmjs|yarnpkg|debian)\.(?:org|com|net)\b", re.IGNORECASE
)
LOCK_FILES = (".lock", "-lock.json")
LOCKED = re.compile(r'"resolved":\s*"[a-z+]+://|^--(?:extra-index-url|index-url|find-links)\b')
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|farm)(?:/|\b(?![-.]))")


def find(tree: Tree) -> list[Finding]:
    """Lines that name a registry's host, a source in a lock file, or a folder of one machine."""
    findings: list[Finding] = []
    for name in tree.files:
        for number, line in enumerate((tree.text(name) or "").splitlines(), start=1):
            if found := REGISTRY.search(line):
                findings.append(Finding(f"{name}:{number}", f"registry address {found[0]}"))
            elif name.endswith(LOCK_FILES) and LOCKED.search(line):
                findings.append(Finding(f"{name}:{number}", "a lock file that says where to fetch"))
            if MACHINE_PATH.search(line):
                findings.append(Finding(f"{name}:{number}", "path of one machine"))
    return findings
