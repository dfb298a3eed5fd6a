from pathlib import Path

import pytest

from tests.checks.samples import tree
from tools.checks import catalogue

CODE = """
HELLO = N_("Hej {namn}")

def draw(tr, n):
    return tr("Avsluta"), tr.plural("{n} person", "{n} personer", n)
"""
HEADER = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
HELLO = 'msgid "Hej {namn}"\nmsgstr "Hello {namn}"\n\n'
END = 'msgid "Avsluta"\nmsgstr "End"\n\n'
PEOPLE = 'msgid "{n} person"\nmsgid_plural "{n} personer"\nmsgstr[0] "{n} person"\nmsgstr[1] "{n} people"\n\n'


def problems(folder: Path, *entries: str) -> list[str]:
    files = {"kit/ui/a.py": CODE, "kit/ui/locale/en/LC_MESSAGES/screen.po": HEADER + "".join(entries)}
    return [finding.what for finding in catalogue.find(tree(folder, files))]


def test_a_complete_catalogue_passes(tmp_path: Path) -> None:
    assert problems(tmp_path, HELLO, END, PEOPLE) == []


def test_a_tree_without_catalogue_passes(tmp_path: Path) -> None:
    assert catalogue.find(tree(tmp_path, {"kit/ui/a.py": CODE})) == []


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ((HELLO, PEOPLE), "not in the catalogue: Avsluta"),
        ((HELLO, END, PEOPLE, 'msgid "Borta"\nmsgstr "Gone"\n'), "no longer in the code: Borta"),
        ((HELLO, 'msgid "Avsluta"\nmsgstr ""\n\n', PEOPLE), "not translated: Avsluta"),
        ((HELLO, "#, fuzzy\n" + END, PEOPLE), "not translated: Avsluta"),
        (
            (HELLO.replace("Hello {namn}", "Hello {name}"), END, PEOPLE),
            "other braces in the translation: Hej {namn}",
        ),
    ],
)
def test_a_catalogue_that_is_not_current_is_found(
    tmp_path: Path, entries: tuple[str, ...], problem: str
) -> None:
    assert problems(tmp_path, *entries) == [problem]
