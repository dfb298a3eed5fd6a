"""The screen's texts: found in the code, and kept in one catalogue for each language.

`python -m tools.texts` brings the catalogues up to date. Swedish is the source and needs none.
"""

import sys
from collections.abc import Iterator
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from tools.tree import Tree

SCREEN = "kit/ui/"
KEYWORDS = {"tr": None, "N_": None, "plural": (1, 2)}


def main() -> int:
    """Add new texts to each catalogue, without translation, and take away those that the code lost."""
    tree = Tree.of_checkout()
    template = texts(tree)
    for name in catalogues(tree):
        known = read(tree, name)
        known.update(template, no_fuzzy_matching=True)
        with (tree.root / name).open("wb") as file:
            write_po(file, known, ignore_obsolete=True, omit_header=False, include_lineno=False, width=100)
        print(f"{name}: {sum(not message.string for message in known if message.id)} to translate")
    return 0


def catalogues(tree: Tree) -> Iterator[str]:
    """Every language's catalogue."""
    return (name for name in tree.named(".po") if name.startswith(SCREEN))


def read(tree: Tree, name: str) -> Catalog:
    """One language's catalogue."""
    return read_po(BytesIO((tree.root / name).read_bytes()))


def texts(tree: Tree) -> Catalog:
    """Every text that the screen's code marks, with the files that use it."""
    found = Catalog()
    for name in tree.named(".py", ".kv"):
        if name.startswith(SCREEN):
            source = BytesIO((tree.root / name).read_bytes())
            for _line, message, _comments, _context in extract("python", source, KEYWORDS):
                found.add(message, locations=[(name, 0)])
    return found


if __name__ == "__main__":
    sys.exit(main())
