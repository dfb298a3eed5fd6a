"""Invitation links and typed codes, checked before anything is contacted. Pure.

Accepted are the forms in which Pexip's clients are invited, and nothing else::

    https://host/webapp/m/<alias>?pin=…&role=guest
    https://host/webapp/m/?conference=<alias>          also /webapp/?…, /webapp/home?…, webapp2, webapp3
    https://host/webapp/conference/<alias>
    https://host/webapp/#/?conference=<alias>
    pexip://<alias>?host=host
    <alias>                                            a typed code: a room at the first allowed host

The host is compared with the allow-list as ASCII text, port included: a homograph, user information, an IP
address in another notation or a trailing dot never equals an entry.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

from kit.visit.model import Invitation, Refusal

MAX_TEXT = 2048
MAX_ALIAS = 250
_MAX_FIELDS = 24
_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PATH_ALIAS = re.compile(r"/webapp[23]?/(?:m|conference)/([^/]+)/?")
_PATH_BARE = re.compile(r"/webapp[23]?(?:/(?:m|conference|home))?/?")
_ALIAS_SIGNS = frozenset("-._@+~=:")
_PIN = re.compile(r"[0-9]{1,32}")


class Refused(Struct, frozen=True):
    """Why a text is no invitation."""

    reason: Refusal


class _No(Exception):  # noqa: N818 - it names the refusal
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


def parse(text: str, allowed_hosts: Sequence[str]) -> Invitation | Refused:
    """Read what was typed, pasted or scanned; ``allowed_hosts`` are ``name`` or ``name:port`` (443 if none).

    The invitation's host is spelled as the allow-list spells it. Never raises.
    """
    try:
        return _parse(text.strip(), allowed_hosts)
    except _No as no:
        return Refused(no.reason)


def _parse(text: str, allowed_hosts: Sequence[str]) -> Invitation:
    if len(text) > MAX_TEXT:
        raise _No(Refusal.LINK_TOO_LONG)
    if scheme := _SCHEME.match(text):
        return _link(scheme[1].lower(), text, allowed_hosts)
    if "/" in text:
        raise _No(Refusal.LINK_INVALID)
    if not allowed_hosts or not _CODE.fullmatch(text) or _is_dots(text):
        raise _No(Refusal.CODE_UNKNOWN)
    return Invitation(host=allowed_hosts[0], alias=text)


def _link(scheme: str, text: str, allowed_hosts: Sequence[str]) -> Invitation:
    if scheme not in {"https", "pexip"}:
        raise _No(Refusal.LINK_SCHEME)
    if not text.isprintable() or " " in text or "\\" in text:
        # urlsplit drops tabs and line ends silently, and browsers read \ as /.
        raise _No(Refusal.LINK_INVALID)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _No(Refusal.LINK_HOST_NOT_ALLOWED) from None
    if not text[len(scheme) + 1 :].startswith("//") or not parts.netloc:
        raise _No(Refusal.LINK_INVALID)
    if scheme == "pexip":
        return _native(parts.netloc, parts.path, parts.query, parts.fragment, allowed_hosts)
    return _web(parts.netloc, parts.path, parts.query, parts.fragment, allowed_hosts)


def _web(netloc: str, path: str, query: str, fragment: str, allowed_hosts: Sequence[str]) -> Invitation:
    host = _allowed(netloc, allowed_hosts)
    if fragment.startswith("/?") and not query:
        query, fragment = fragment[2:], ""
    if fragment:
        raise _No(Refusal.LINK_INVALID)
    fields = _fields(query)
    if in_path := _PATH_ALIAS.fullmatch(path):
        alias = _unescaped(in_path[1])
    elif _PATH_BARE.fullmatch(path):
        alias = fields.get("conference", "")
    else:
        raise _No(Refusal.LINK_INVALID)
    return Invitation(host=host, alias=_alias(alias), pin=_pin(fields))


def _native(netloc: str, path: str, query: str, fragment: str, allowed_hosts: Sequence[str]) -> Invitation:
    if path not in {"", "/"} or fragment:
        raise _No(Refusal.LINK_INVALID)
    fields = _fields(query)
    alias = _alias(_unescaped(netloc))
    host = _allowed(fields.get("host") or alias.rpartition("@")[2], allowed_hosts)
    return Invitation(host=host, alias=alias, pin=_pin(fields))


def _allowed(host: str, allowed_hosts: Sequence[str]) -> str:
    wanted = host.lower().removesuffix(":443")
    for entry in allowed_hosts:
        if wanted and wanted == entry.lower().removesuffix(":443"):
            return entry
    raise _No(Refusal.LINK_HOST_NOT_ALLOWED)


def _fields(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise _No(Refusal.LINK_INVALID) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        # Two values for one name: which one counts differs between programs.
        raise _No(Refusal.LINK_INVALID)
    return fields


def _unescaped(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise _No(Refusal.LINK_INVALID) from None


def _alias(alias: str) -> str:
    fits = alias and len(alias) <= MAX_ALIAS and not _is_dots(alias)
    if not fits or not all(sign.isalnum() or sign in _ALIAS_SIGNS for sign in alias):
        raise _No(Refusal.LINK_INVALID)
    return alias


def _is_dots(alias: str) -> bool:
    """An alias becomes a segment of an address: ``.`` and ``..`` would lead elsewhere."""
    return alias in {".", ".."}


def _pin(fields: dict[str, str]) -> str | None:
    pin = fields.get("pin", "").removesuffix("#")
    if pin in {"", "none"}:
        return "" if fields.get("role", "").lower() == "guest" or pin == "none" else None
    if not _PIN.fullmatch(pin):
        raise _No(Refusal.LINK_INVALID)
    return pin
