"""What must not be left of a patient's network, and every form in which a program may have written it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_ADDRESS = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")


@dataclass(frozen=True)
class Network:
    """A patient's network as its router knows it. ``prefix``: the first three numbers of its addresses."""

    ssid: str
    password: str
    bssid: str
    prefix: str
    domain: str

    @property
    def router(self) -> str:
        """The router's own address."""
        return f"{self.prefix}.1"

    @property
    def pmk(self) -> str:
        """The key that WPA2 derives from the password (IEEE 802.11-2020, J.4), in hexadecimal."""
        derived = hashlib.pbkdf2_hmac("sha1", self.password.encode(), self.ssid.encode(), 4096, 32)
        return derived.hex()

    def needles(self) -> dict[str, str]:
        """By what it is; ``pmk`` and ``bssid`` are bytes, written in hexadecimal."""
        return {
            "ssid": self.ssid,
            "password": self.password,
            "pmk": self.pmk,
            "bssid": self.bssid,
            "router": self.router,
            "subnet": f"{self.prefix}.",
            "hostname": self.domain,
        }


NETWORK = Network(
    ssid="Kungsfågel Köket 5317",
    password="Blabarspaj-7f3c-hemligt",
    bssid="9e:3b:71:c4:5d:a2",
    prefix="10.213.87",
    domain="kungsfagel-hemma.lan",
)
UUID = "7d0c1f9e-55aa-4b0e-9d52-8e3f1c6b2a94"
"""Of the connection. The holder is told one, so that it is known even where the power is cut at once."""
NEEDLES: Mapping[str, str] = NETWORK.needles() | {"uuid": UUID}


def forms(needle: str) -> dict[str, bytes]:
    """Every form of a needle by name. One that is bytes in hexadecimal is looked for as bytes too."""
    found = {name: form for text in _spellings(needle) for name, form in _of_text(text).items()}
    if (raw := _as_bytes(needle)) is not None:
        found |= {f"bytes {name}": form for name, form in _of_bytes(raw).items()}
    return found


def _spellings(text: str) -> set[str]:
    plain = {text, text.lower(), text.upper()}
    if _ADDRESS.fullmatch(text):
        plain |= {spelt.replace(":", other) for spelt in plain for other in ("-", "")}
    return plain


def _as_bytes(needle: str) -> bytes | None:
    if _ADDRESS.fullmatch(needle) or re.fullmatch(r"[0-9a-f]{64}", needle):
        return bytes.fromhex(needle.replace(":", ""))
    return None


def _of_text(text: str) -> dict[str, bytes]:
    plain = text.encode()
    wide = {"utf-16-le": text.encode("utf-16-le"), "utf-16-be": text.encode("utf-16-be")}
    own = {f"{name} {text}": form for name, form in wide.items()}
    return own | {f"{name} {text}": form for name, form in _of_bytes(plain).items()}


def _of_bytes(data: bytes) -> dict[str, bytes]:
    digits = [f"{byte:02x}" for byte in data]
    percent = "".join(f"%{pair}" for pair in digits)
    written = {
        "hex": "".join(digits),
        "hex with colons": ":".join(digits),
        "hex with spaces": " ".join(digits),
        "percent": percent,
        "escaped": "".join(f"\\x{pair}" for pair in digits),
    }
    both = {f"{name} {case}": form for name, low in written.items() for case, form in _cases(low)}
    both["url"] = quote(data, safe="")
    # As GLib's key files and D-Bus tools write arrays of bytes, and wpa_supplicant what is not ASCII.
    both["numbers"] = ";".join(str(byte) for byte in data)
    both["list"] = ", ".join(str(byte) for byte in data)
    both["octal"] = "".join(f"\\{byte:03o}" for byte in data)
    # Only what is not ASCII.
    both["partly octal"] = "".join(chr(byte) if byte < 128 else f"\\{byte:03o}" for byte in data)
    both["partly escaped"] = "".join(chr(byte) if byte < 128 else f"\\x{byte:02x}" for byte in data)
    base = {f"base64 {offset}": form for offset, form in enumerate(_base64(data))}
    return {"plain": data} | {name: text.encode() for name, text in both.items()} | base


def _cases(text: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("lower", text), ("upper", re.sub(r"[a-f]", lambda digit: digit[0].upper(), text))


def _base64(data: bytes) -> list[bytes]:
    """As it looks inside a longer text, wherever it begins: only what its neighbours do not change."""
    found = []
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + data)
        begin, end = (offset * 8 + 5) // 6, (offset + len(data)) * 8 // 6
        found.append(coded[begin:end])
    return found
