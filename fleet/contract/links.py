"""Links and codes of meetings, read and spelled by the same rules on the kit, the dashboard and for bookings.

Accepted are the forms in which the services invite, and nothing else::

    https://host/webapp/m/<alias>?pin=…&role=guest&extension=…       Pexip
    https://host/webapp/m/?conference=<alias>          also /webapp/?…, /webapp/home?…, webapp2, webapp3
    https://host/webapp/conference/<alias>
    https://host/webapp/#/?conference=<alias>
    pexip://<alias>?host=host
    <alias>                                            a typed code: a room at the first allowed host
    https://host/janus/<room>?pin=…&token=…                          Janus
    janus://host/<room>?pin=…&token=…
    https://portal/…                                   an address at the origin of a configured portal

The host is compared with the allow-list as ASCII text, port included: a homograph, user information, an IP
address in another notation or a trailing dot never equals an entry. An entry ``*.name`` stands for every name
below it, but for encoded ones (``xn--``), which may look like others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from msgspec import Struct

LinkService = Literal["pexip", "janus", "portal"]
LinkProblem = Literal[
    "link_invalid", "link_host_not_allowed", "link_too_long", "link_scheme", "code_unknown", "code_personal"
]

MAX_TEXT: Final = 2048
MAX_ALIAS: Final = 250
_MAX_FIELDS = 24
_CENTURY = "19"
_CODE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PEXIP_ALIAS = re.compile(r"/webapp[23]?/(?:m|conference)/([^/]+)/?")
_PEXIP_BARE = re.compile(r"/webapp[23]?(?:/(?:m|conference|home))?/?")
_JANUS_WEB = re.compile(r"/janus/([^/]+)/?")
_JANUS_NATIVE = re.compile(r"/([^/]+)/?")
_ALIAS_SIGNS = frozenset("-._@+~=:")
_HOST = re.compile(r"[a-z0-9.-]{1,253}(?::[0-9]{1,5})?")
_LABEL = re.compile(r"(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DIGITS = re.compile(r"[0-9]{1,32}")
_NO_NUMBER = re.compile(r"[^0-9+-]+")
_NUMBER = re.compile(r"[0-9]{1,20}")
_SIGNS = re.compile(r"[0-9A-Za-z*]{1,32}")
_TOKEN = re.compile(r"[!-~]{1,512}")
_DAY = "(?:[0-2][0-9]|3[01]|[6-8][0-9]|9[01])"
_PERSONAL = re.compile(f"(?:19|20)?([0-9]{{2}}(?:0[1-9]|1[0-2]){_DAY})[-+]?([0-9]{{4}})")
"""A coordination number has 60 added to its day."""


class PortalOrigin(Struct, frozen=True, kw_only=True):
    """A portal by its name in the configuration and its origin, ``https://host`` or ``https://host:port``."""

    name: str
    origin: str


class MeetingLink(Struct, frozen=True, kw_only=True):
    """Where a text leads. ``host`` as the allow-list spells it, or as the link does below a ``*.`` entry.

    ``alias`` is the room, for a portal the portal's name, and ``address`` then the whole link; ``pin`` is
    None when unknown and empty for a guest without one; ``extension`` the room's number behind a reception.
    """

    service: LinkService
    host: str
    alias: str
    pin: str | None = None
    token: str | None = None
    extension: str | None = None
    address: str = ""

    def __repr__(self) -> str:
        """Say nothing: room, PIN and token never reach a log."""
        return "MeetingLink(…)"


class _No(Exception):  # noqa: N818 - it names the refusal
    def __init__(self, problem: LinkProblem) -> None:
        super().__init__(problem)
        self.problem: LinkProblem = problem


def read_link(
    text: str, allowed_hosts: Sequence[str], portals: Sequence[PortalOrigin] = ()
) -> MeetingLink | LinkProblem:
    """Read what was typed, pasted, booked or scanned.

    ``allowed_hosts`` are ``name`` or ``name:port`` (443 if none). Never raises.
    """
    try:
        return _read(text.strip(), allowed_hosts, portals)
    except _No as no:
        return no.problem


def spell_link(link: MeetingLink) -> str:
    """The link in its shortest form, with nothing that is not needed to join, and without the PIN."""
    if link.service == "portal":
        return link.address
    room = quote(link.alias, safe="")
    if link.service == "janus":
        fields = {"token": link.token} if link.token else {}
        return f"https://{link.host}/janus/{room}{_query(fields)}"
    fields = {"role": "guest"} if link.pin == "" else {}
    fields |= {"extension": link.extension} if link.extension else {}
    return f"https://{link.host}/webapp/m/{room}{_query(fields)}"


def home_host(allowed_hosts: Sequence[str]) -> str | None:
    """The host that a typed code and the echo room lead to: the first that is one name."""
    return next((entry for entry in allowed_hosts if entry and not entry.startswith("*.")), None)


def looks_personal(text: str) -> bool:
    """Whether a text has the form, the date and the check digit of a Swedish personal number."""
    match = _PERSONAL.fullmatch(text.strip())
    if match is None:
        return False
    digits = [int(digit) * (2 - at % 2) for at, digit in enumerate(match[1] + match[2])]
    return sum(digit - 9 if digit > 9 else digit for digit in digits) % 10 == 0


def _read(text: str, allowed_hosts: Sequence[str], portals: Sequence[PortalOrigin]) -> MeetingLink:
    if len(text) > MAX_TEXT:
        raise _No("link_too_long")
    if scheme := _SCHEME.match(text):
        return _link(scheme[1].lower(), text, allowed_hosts, portals)
    if "/" in text:
        raise _No("link_invalid")
    if looks_personal(text):
        raise _No("code_personal")
    host = home_host(allowed_hosts)
    if host is None or not _CODE.fullmatch(text) or not _is_name(text):
        raise _No("code_unknown")
    return MeetingLink(service="pexip", host=host, alias=text)


def _link(
    scheme: str, text: str, allowed_hosts: Sequence[str], portals: Sequence[PortalOrigin]
) -> MeetingLink:
    parts = _split(scheme, text)
    if scheme == "pexip":
        return _pexip_native(parts.netloc, parts.path, parts.query, parts.fragment, allowed_hosts)
    host = _allowed(parts.netloc, allowed_hosts)
    portal = _portal(parts.netloc, text, portals) if scheme == "https" else None
    form = _JANUS_NATIVE if scheme == "janus" else _JANUS_WEB
    in_path = form.fullmatch(parts.path)
    if host is not None and in_path is not None:
        return _janus(host, in_path[1], parts.query, parts.fragment)
    if portal is not None and not (host is not None and _PEXIP_ALIAS.fullmatch(parts.path)):
        return portal
    if host is None or scheme == "janus":
        raise _No("link_host_not_allowed" if host is None else "link_invalid")
    return _pexip_web(host, parts.path, parts.query, parts.fragment)


def _split(scheme: str, text: str) -> SplitResult:
    if scheme not in {"https", "pexip", "janus"}:
        raise _No("link_scheme")
    if not text.isprintable() or " " in text or "\\" in text:
        # urlsplit drops tabs and line ends silently, and browsers read \ as /.
        raise _No("link_invalid")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise _No("link_host_not_allowed") from None
    if not text[len(scheme) + 1 :].startswith("//") or not parts.netloc:
        raise _No("link_invalid")
    return parts


def _pexip_web(host: str, path: str, query: str, fragment: str) -> MeetingLink:
    if fragment.startswith("/?") and not query:
        query, fragment = fragment[2:], ""
    if fragment:
        raise _No("link_invalid")
    fields = _fields(query)
    if in_path := _PEXIP_ALIAS.fullmatch(path):
        alias = _unescaped(in_path[1])
    elif _PEXIP_BARE.fullmatch(path):
        alias = fields.get("conference", "")
    else:
        raise _No("link_invalid")
    return _pexip(host, _alias(alias), fields)


def _pexip_native(
    netloc: str, path: str, query: str, fragment: str, allowed_hosts: Sequence[str]
) -> MeetingLink:
    if path not in {"", "/"} or fragment:
        raise _No("link_invalid")
    fields = _fields(query)
    alias = _alias(_unescaped(netloc))
    _, at, domain = alias.rpartition("@")
    host = _allowed(fields.get("host") or (domain if at else ""), allowed_hosts)
    if host is None:
        raise _No("link_host_not_allowed")
    return _pexip(host, alias, fields)


def _pexip(host: str, alias: str, fields: dict[str, str]) -> MeetingLink:
    extension = fields.get("extension") or None
    if extension is not None and not _NUMBER.fullmatch(extension):
        raise _No("link_invalid")
    pin = _pin(fields, _DIGITS)
    return MeetingLink(service="pexip", host=host, alias=alias, pin=pin, extension=extension)


def _janus(host: str, room: str, query: str, fragment: str) -> MeetingLink:
    if fragment:
        raise _No("link_invalid")
    fields = _fields(query)
    token = fields.get("token") or None
    if token is not None and not _TOKEN.fullmatch(token):
        raise _No("link_invalid")
    alias = _alias(_unescaped(room))
    return MeetingLink(service="janus", host=host, alias=alias, pin=_pin(fields, _SIGNS), token=token)


def _portal(netloc: str, text: str, portals: Sequence[PortalOrigin]) -> MeetingLink | None:
    origin = f"https://{netloc.lower().removesuffix(':443')}"
    for portal in portals:
        if origin == portal.origin.lower().removesuffix("/").removesuffix(":443") and text.isascii():
            for number in _NO_NUMBER.split(unquote(text)):
                _refuse_personal(number)
            host = origin.removeprefix("https://")
            return MeetingLink(service="portal", host=host, alias=portal.name, address=text)
    return None


def _allowed(host: str, allowed_hosts: Sequence[str]) -> str | None:
    if not host.isascii():
        # Some letters become ASCII when they are made small.
        return None
    wanted = host.lower().removesuffix(":443")
    if not _HOST.fullmatch(wanted):
        return None
    for entry in allowed_hosts:
        known = entry.lower().removesuffix(":443")
        if wanted == known:
            return entry
        if known.startswith("*.") and _is_below(wanted, known[1:]):
            return wanted
    return None


def _is_below(host: str, ending: str) -> bool:
    """``ending`` begins with its dot, and has the port if there is one."""
    labels = host.removesuffix(ending).split(".")
    return host.endswith(ending) and all(_LABEL.fullmatch(label) for label in labels)


def _fields(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise _No("link_invalid") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        # Two values for one name: which one counts differs between programs.
        raise _No("link_invalid")
    return fields


def _unescaped(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise _No("link_invalid") from None


def _alias(alias: str) -> str:
    _refuse_personal(alias)
    fits = len(alias) <= MAX_ALIAS and _is_name(alias)
    if not fits or not all(sign.isalnum() or sign in _ALIAS_SIGNS for sign in alias):
        raise _No("link_invalid")
    return alias


def _refuse_personal(text: str) -> None:
    # Without its century, or with the present one, it may be a room that is named by day and hour.
    if text.startswith(_CENTURY) and looks_personal(text):
        raise _No("code_personal")


def _is_name(alias: str) -> bool:
    """Signs alone name no room. It becomes a segment of an address: ``.`` and ``..`` would lead elsewhere."""
    return any(sign.isalnum() for sign in alias)


def _pin(fields: dict[str, str], form: re.Pattern[str]) -> str | None:
    pin = fields.get("pin", "").removesuffix("#")
    if pin in {"", "none"}:
        return "" if fields.get("role", "").lower() == "guest" or pin == "none" else None
    if not form.fullmatch(pin):
        raise _No("link_invalid")
    return pin


def _query(fields: dict[str, str]) -> str:
    return f"?{urlencode(fields)}" if fields else ""
