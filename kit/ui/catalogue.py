"""Texts in the language of the screen.

Swedish is the source: a text without translation is still right Swedish. Other languages are gettext
catalogues, read from ``locale/<language>/LC_MESSAGES/screen.po``.
"""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from kit.ipc.state import Language

LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogue where it is not shown yet."""
    return text


class Catalogue:
    """Turns Swedish texts into the screen's language; call it with a text and the values in its braces."""

    def __init__(self, language: Language, translations: gettext.NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def __call__(self, text: str, **values: object) -> str:
        """Return the text in this language; the empty text stays empty."""
        translated = self._translations.gettext(text) if text else ""
        return translated.format(**values) if values else translated

    def plural(self, one: str, many: str, n: int) -> str:
        """Return the form for ``n``, with ``{n}`` filled in."""
        return self._translations.ngettext(one, many, n).format(n=n)


@cache
def catalogue(language: Language) -> Catalogue:
    """Return the texts of one language."""
    if language is Language.SWEDISH:
        return Catalogue(language, gettext.NullTranslations())
    # Only here: a killed screen that speaks Swedish is back sooner without it.
    from babel.messages import mofile, pofile

    compiled = BytesIO()
    with (LOCALE / language / "LC_MESSAGES" / "screen.po").open("rb") as source:
        mofile.write_mo(compiled, pofile.read_po(source))
    compiled.seek(0)
    return Catalogue(language, gettext.GNUTranslations(compiled))
