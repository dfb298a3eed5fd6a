"""The QR code of a Wi-Fi network, as routers and phones print it: ``WIFI:T:WPA;S:name;P:password;;``. Pure.

By ZXing's form, from which nearly all printed codes come, and the WPA3 specification's "WIFI" URI where it
says more (SAE, fields R, I and K). Its percent-encoding is left alone, as telephones leave it: a password may
hold ``%``. Fields come in any order and an unknown one is passed over. One that is there twice makes the code
invalid, since nobody could say which of the two the router means.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from kit.ipc.network import WifiTrouble
from kit.network.wifi.names import Name, typed
from kit.network.wifi.secrets import Secret

MAX_TEXT: Final = 1024
"""Characters. The longest honest code has some 400: each one of 32 and 128 escaped, or a public key."""
_KNOWN: Final = frozenset("TSPHE")
_KEYED: Final = frozenset({"WPA", "WPA2", "WPA3", "SAE", "WPA/WPA2", "WPA2/WPA3", "WPA-PSK", "WPA2-PSK"})
_REFUSED: Final = frozenset({"WEP", "EAP", "WPA2-EAP", "WPA-EAP", "WPA3-EAP"})


class WifiCode(Struct, frozen=True, kw_only=True):
    """What a code says. Without a secret the network is open."""

    name: Name
    secret: Secret | None
    hidden: bool = False


def read(text: str) -> WifiCode | WifiTrouble:
    """Read a code's text. Never raises; the trouble is CODE_INVALID, NAME_FORM, KEY_FORM or NOT_SUPPORTED."""
    fields = _fields(text.strip("\r\n\t ")) if len(text) <= MAX_TEXT else None
    if fields is None:
        return WifiTrouble.CODE_INVALID
    kind = fields.get("T", "").upper()
    if kind in _REFUSED or "E" in fields:
        return WifiTrouble.NOT_SUPPORTED
    name = typed(fields.get("S", ""))
    if name is None:
        return WifiTrouble.NAME_FORM
    # H was once the hidden anonymous identity of a company's login, which E has refused already.
    hidden = fields.get("H", "").lower() in {"true", "1"}
    is_open = kind == "NOPASS" or (kind == "" and not fields.get("P"))
    if is_open:
        return WifiCode(name=name, secret=None, hidden=hidden)
    if (kind and kind not in _KEYED) or not fields.get("P"):
        return WifiTrouble.CODE_INVALID
    secret = Secret(fields["P"])
    if not (secret.fits_wpa2 or secret.fits_sae):
        return WifiTrouble.KEY_FORM
    return WifiCode(name=name, secret=secret, hidden=hidden)


def _fields(text: str) -> dict[str, str] | None:
    """Return the known fields, unescaped; None when it is no code, or a field is there twice."""
    if text[:5].upper() != "WIFI:":
        return None
    parts = _parts(text[5:])
    if parts is None:
        return None
    fields: dict[str, str] = {}
    for part in parts:
        key, colon, value = part.partition(":")
        if not colon or key.upper() in fields:
            return None
        if key.upper() in _KNOWN:
            fields[key.upper()] = _plain(value)
    return fields


def _parts(text: str) -> list[str] | None:
    """Split at semicolons without a backslash before them; None when a backslash ends the text."""
    parts, start, place = [], 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == ";":
            parts.append(text[start:place])
            start = place + 1
        place += 1
    if place > len(text):
        return None
    return [part for part in [*parts, text[start:]] if part]


def _plain(value: str) -> str:
    """Take off quotes that are not escaped (ZXing's mark for what looks hexadecimal), then backslashes."""
    if len(value) >= 2 and value[0] == value[-1] == '"' and not _escaped(value, len(value) - 1):
        value = value[1:-1]
    plain, escape = [], False
    for character in value:
        if character == "\\" and not escape:
            escape = True
            continue
        plain.append(character)
        escape = False
    return "".join(plain)


def _escaped(value: str, place: int) -> bool:
    before = value[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
