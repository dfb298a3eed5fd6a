"""A portal as it is configured, checked when it is read."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from msgspec import Meta, Struct

_LABEL: Final = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1"})
_ALL_DIGITS: Final = re.compile(r"[0-9.]+")
_PORTS: Final = {"https": 443, "http": 80}


class Portal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A web page for meetings, and everywhere that it may lead. What does not fit is a ValueError.

    Its texts name what is wrong, never a value.
    """

    name: Annotated[str, Meta(min_length=1, max_length=64)]
    address: Annotated[str, Meta(max_length=1000)]
    """Where it begins: ``https://host/path``."""
    origins: Annotated[tuple[str, ...], Meta(min_length=1, max_length=20)]
    """``https://host`` or ``https://host:port``: the portal's own, its login's, its meetings'. No wildcard: a
    subdomain is an origin of its own."""
    phone: Annotated[str, Meta(max_length=24, pattern=r"^[0-9+ -]*$")] = ""
    """The way in by phone."""
    loopback: bool = False
    """Servers of this machine are allowed, also without TLS. For tests and the demo."""

    def __post_init__(self) -> None:
        """Check what a type cannot say."""
        if not self.name.isprintable() or not self.name.strip():
            raise ValueError("the portal's name holds no text, or signs that cannot be shown")
        allowed = {self._origin(origin) for origin in self.origins}
        if len(allowed) != len(self.origins):
            raise ValueError("an origin of the portal is there twice")
        begin = _split(self.address)
        if begin.fragment or begin.username is not None or not self.address.isascii():
            raise ValueError("the portal's address holds a user, a fragment or other than ASCII")
        if _origin_of(begin) not in allowed:
            raise ValueError("the portal's address lies outside its origins")

    @property
    def host(self) -> str:
        """Name of the server where it begins."""
        return self.begin()[1]

    def begin(self) -> tuple[str, str, int]:
        """Scheme, host and port of the server where it begins."""
        return _origin_of(_split(self.address))

    def endpoints(self) -> tuple[tuple[str, str, int], ...]:
        """Scheme, host and port of each origin."""
        return tuple(self._origin(origin) for origin in self.origins)

    def holds(self, address: str) -> bool:
        """Whether an address belongs to the portal."""
        try:
            return _origin_of(_split(address)) in self.endpoints()
        except ValueError:
            return False

    def _origin(self, text: str) -> tuple[str, str, int]:
        parts = _split(text)
        if parts.path or parts.query or parts.fragment or parts.username is not None:
            raise ValueError("an origin of the portal is more than https://host:port")
        scheme, host, port = _origin_of(parts)
        near = host in _LOOPBACK
        if near and not self.loopback:
            raise ValueError("an origin of the portal is this machine itself")
        if scheme != "https" and not near:
            raise ValueError("an origin of the portal does not begin with https://")
        if not near and _ALL_DIGITS.fullmatch(host):
            raise ValueError("an origin of the portal is a number, not a name")
        return scheme, host, port


def _split(text: str) -> SplitResult:
    # urlsplit drops tabs and line ends silently, and browsers read \ as /.
    if not text.isprintable() or " " in text or "\\" in text:
        raise ValueError("an address of the portal holds a space, a backslash or a control sign")
    return urlsplit(text)


def _origin_of(parts: SplitResult) -> tuple[str, str, int]:
    if parts.scheme not in _PORTS:
        raise ValueError("an address of the portal does not begin with https://")
    host = parts.netloc.partition("@")[2] or parts.netloc
    host = host.rpartition(":")[0] if ":" in host else host
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ValueError("an address of the portal has no host name in small ASCII letters")
    port = parts.port
    return parts.scheme, host, _PORTS[parts.scheme] if port is None else port
