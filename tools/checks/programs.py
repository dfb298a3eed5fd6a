"""Checks that other programs make: their output lines are the findings."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tools.checks.model import Finding
from tools.tree import Tree

_LOCATED = re.compile(r"^(?P<where>[^\s:]+(?::\d+)*):\s*(?P<what>.+)$")


def ruff_lint(tree: Tree) -> list[Finding]:
    """Style and likely errors."""
    return _run(tree.root, "ruff", "check", "--quiet", "--output-format=concise")


def ruff_format(tree: Tree) -> list[Finding]:
    """Layout of the code."""
    return _run(tree.root, "ruff", "format", "--check", "--quiet", "--output-format=concise")


def mypy(tree: Tree) -> list[Finding]:
    """Types, strictly, in the whole tree."""
    return _run(tree.root, "mypy", "--no-error-summary", "--no-color-output")


def imports(tree: Tree) -> list[Finding]:
    """Who may import whom."""
    program = Path(sys.executable).with_name("lint-imports")
    findings = _output(tree.root, str(program), "--no-logo")
    # The list of all rules comes first; what breaks them follows this heading.
    headings = [number for number, found in enumerate(findings) if found.what == "Broken contracts"]
    return findings[headings[0] + 2 :] if headings else findings


def _run(root: Path, module: str, *arguments: str) -> list[Finding]:
    return _output(root, sys.executable, "-m", module, *arguments)


def _output(root: Path, *command: str) -> list[Finding]:
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "160"}
    done = subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return []
    lines = [line.rstrip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return [_finding(line) for line in lines] or [Finding(command[0], f"ended with {done.returncode}")]


def _finding(line: str) -> Finding:
    located = _LOCATED.match(line)
    return Finding(located["where"], located["what"]) if located else Finding("", line)
