"""The lock file installs what pyproject.toml asks for, and says what each file must hash to."""

import re
import tomllib

from tools.checks.model import Finding
from tools.tree import Tree

LOCK = "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def find(tree: Tree) -> list[Finding]:
    """Requirements without an exact pin, and pins that the lock file does not carry."""
    project = tomllib.loads(tree.text("pyproject.toml") or "")
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = _locked(tree.text(LOCK) or "")
    findings: list[Finding] = []
    for requirement in wanted:
        pin = _PIN.match(requirement)
        if pin is None:
            findings.append(Finding("pyproject.toml", f"{requirement}: not pinned to one version"))
        elif locked.get(_normal(pin[1])) != pin[2]:
            findings.append(Finding(LOCK, f"{requirement} is not in the lock file"))
    return findings


def _locked(text: str) -> dict[str, str]:
    pins = (_PIN.match(block) for block in re.split(r"(?<!\\)\n", text) if "--hash=" in block)
    return {_normal(pin[1]): pin[2] for pin in pins if pin}


def _normal(name: str) -> str:
    """Project name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
