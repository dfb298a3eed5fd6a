"""Nothing in the tree ties it to one machine or one package mirror."""

import re

from tools.checks.model import Finding
from tools.tree import Tree

REGISTRY = re.compile(
    r"(?:\b[a-z0-9-]+\.)*\b(?:pypi|pythonhosted|npmjs|yarnpkg|debian)\.(?:org|com|net)\b", re.IGNORECASE
)
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|farm)(?:/|\b(?![-.]))")


def find(tree: Tree) -> list[Finding]:
    """Lines that name a package registry's host or a folder that exists on one machine only."""
    findings: list[Finding] = []
    for name in tree.files:
        for number, line in enumerate((tree.text(name) or "").splitlines(), start=1):
            if found := REGISTRY.search(line):
                findings.append(Finding(f"{name}:{number}", f"registry address {found[0]}"))
            if MACHINE_PATH.search(line):
                findings.append(Finding(f"{name}:{number}", "path of one machine"))
    return findings
