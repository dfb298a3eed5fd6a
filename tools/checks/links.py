"""Links between the project's own pages: the file and the heading must exist. Nothing is fetched."""

import posixpath
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.checks.model import Finding
from tools.tree import Tree

_HTML_LINK = re.compile(r"""(?:src|href)=["']([^"']+)["']""")


def find(tree: Tree) -> list[Finding]:
    """Relative links in Markdown pages that lead nowhere."""
    folders = {parent for name in tree.files for parent in _parents(name)}
    anchors = {name: _anchors(tree.text(name) or "") for name in tree.named(".md")}
    findings: list[Finding] = []
    for page in anchors:
        for line, target in _links(tree.text(page) or ""):
            path, anchor = _resolve(page, target)
            if path not in tree.files and path not in folders:
                findings.append(Finding(f"{page}:{line}", f"no such file: {target}"))
            elif anchor and path in anchors and anchor not in anchors[path]:
                findings.append(Finding(f"{page}:{line}", f"no such heading: {target}"))
    return findings


def _parents(name: str) -> Iterator[str]:
    yield "."
    while name := posixpath.dirname(name):
        yield name


def _resolve(page: str, target: str) -> tuple[str, str]:
    parts = urlsplit(target)
    if not parts.path:
        return page, parts.fragment
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))), parts.fragment


def _links(text: str) -> Iterator[tuple[int, str]]:
    for block in MarkdownIt().parse(text):
        line = block.map[0] + 1 if block.map else 1
        for token in [block, *(block.children or [])]:
            for target in _targets(token):
                if not urlsplit(target).scheme and not target.startswith("//"):
                    yield line, target


def _targets(token: Token) -> list[str]:
    if token.type in ("html_block", "html_inline"):
        return _HTML_LINK.findall(token.content)
    target = token.attrGet("href") or token.attrGet("src")
    return [str(target)] if target else []


def _anchors(text: str) -> set[str]:
    """Heading anchors as the usual forges make them, numbered where a heading repeats."""
    seen: dict[str, int] = {}
    anchors: set[str] = set()
    blocks = MarkdownIt().parse(text)
    for opening, inline in pairwise(blocks):
        if opening.type != "heading_open":
            continue
        plain = "".join(child.content for child in inline.children or [])
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        anchors.add(f"{slug}-{seen[slug]}" if slug in seen else slug)
        seen[slug] = seen.get(slug, 0) + 1
    return anchors
