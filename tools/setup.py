"""`python3 -m tools.setup`: the virtual environment and the web pages.

Standard library only, as nothing else is there yet.
Offline and quick where requirements.lock, the interpreter and the pages' sources are the same as last time.
"""

import json
import platform
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tools.steps import Command, Step, content_key, do_missing
from tools.tree import ROOT, Tree

OLDEST = (3, 11)
NEWEST = (3, 13)
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
_FETCHED = re.compile(r"(Collecting|Processing|Requirement already satisfied)[: ]")
_OFFLINE = "If the network or the package mirror was away, run make again: what is there is kept."


def main() -> int:
    """Bring the machine to where every other make target can start."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        print(f"Python {platform.python_version()} is here; 3.11 to 3.13 is needed: make PYTHON=python3.13 …")
        return 1
    return 0 if do_missing([environment(), *pages(Tree.of_checkout())]) else 1


def environment() -> Step:
    """The virtual environment, as the lock file says."""
    python = str(VENV / "bin" / "python")
    pins = sum(line[:1].isalpha() for line in LOCK.read_text(encoding="utf-8").splitlines())
    install = [python, "-m", "pip", "install", "--no-input", "--progress-bar=off", "--require-hashes"]
    return Step(
        name="python packages",
        key=content_key(LOCK, sys.version, sys.base_prefix, platform.machine()),
        makes=[Path(python)],
        commands=[
            Command([sys.executable, "-m", "venv", "--clear", str(VENV)]),
            Command(
                [*install, "--requirement", str(LOCK)],
                counted=lambda line: bool(_FETCHED.match(line)),
                total=pins,
            ),
        ],
        on_failure=f"{_OFFLINE} If .venv itself is broken: rm -rf .venv",
    )


def pages(tree: Tree) -> Iterator[Step]:
    """For each folder with a package.json: its packages, and its build where it has one."""
    npm = shutil.which("npm") or "npm"
    for name in tree.named("/package.json"):
        where = PurePosixPath(name).parent
        folder = tree.root / where
        installed = content_key(folder / "package.json", folder / "package-lock.json")
        yield Step(
            name=f"npm packages {where}",
            key=installed,
            makes=[folder / "node_modules"],
            commands=[Command([npm, "ci", "--no-audit", "--no-fund", "--prefer-offline"], folder)],
            on_failure=_OFFLINE,
        )
        if "build" in json.loads((folder / "package.json").read_text(encoding="utf-8")).get("scripts", {}):
            sources = [
                tree.root / other for other in tree.files if PurePosixPath(other).is_relative_to(where)
            ]
            yield Step(
                name=f"web page {where}",
                key=content_key(installed, *sources),
                makes=[],
                commands=[Command([npm, "run", "build"], folder)],
                on_failure="The page's own build failed: the lines above say where.",
            )


if __name__ == "__main__":
    sys.exit(main())
