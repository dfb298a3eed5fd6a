"""Translations: every text of the screen's code is in every catalogue, and translated."""

import string
from collections.abc import Iterator

from babel.messages.catalog import Message

from tools import texts
from tools.checks.model import Finding
from tools.tree import Tree


def find(tree: Tree) -> list[Finding]:
    """Texts that are missing, superfluous or untranslated, or whose translation fills other braces."""
    wanted = {message.id for message in texts.texts(tree) if message.id}
    findings: list[Finding] = []
    for name in texts.catalogues(tree):
        known = {message.id: message for message in texts.read(tree, name) if message.id}
        findings += [Finding(name, f"not in the catalogue: {text}") for text in wanted - known.keys()]
        findings += [Finding(name, f"no longer in the code: {text}") for text in known.keys() - wanted]
        findings += [
            Finding(name, problem) for text in wanted & known.keys() for problem in _problems(known[text])
        ]
    return sorted(findings, key=lambda finding: finding.what)


def _problems(message: Message) -> Iterator[str]:
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    sources = message.id if isinstance(message.id, tuple | list) else [message.id]
    translated = [form for form in forms if form]
    if len(translated) < len(forms) or message.fuzzy:
        yield f"not translated: {message.id}"
    elif any(_braces(form) != _braces(sources[-1]) for form in translated):
        yield f"other braces in the translation: {message.id}"


def _braces(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
