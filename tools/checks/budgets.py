"""Sizes that one person can still read: lines per file and lines per function."""

import ast

from tools.checks.model import Finding
from tools.tree import Tree

FILE_LINES = 400
FUNCTION_LINES = 40
SOURCES = (".py", ".js", ".mjs", ".ts", ".html", ".css", ".kv", ".sh")


def find(tree: Tree) -> list[Finding]:
    """Files and Python functions over their budget."""
    findings: list[Finding] = []
    for name in tree.named(*SOURCES):
        text = tree.text(name)
        if text is None:
            continue
        lines = len(text.splitlines())
        if lines > FILE_LINES:
            findings.append(Finding(name, f"{lines} lines in the file, {FILE_LINES} are allowed"))
        if name.endswith(".py"):
            findings += _functions(name, text)
    return findings


def _functions(name: str, text: str) -> list[Finding]:
    try:
        module = ast.parse(text)
    except SyntaxError as error:
        return [Finding(f"{name}:{error.lineno}", "not Python")]
    return [
        Finding(f"{name}:{node.lineno}", f"{node.name}: {lines} lines, {FUNCTION_LINES} are allowed")
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
