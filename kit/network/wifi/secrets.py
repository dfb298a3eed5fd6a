"""Passwords of Wi-Fi networks: what one can be, and the key that is made of it.

WPA2 takes 8 to 63 printable ASCII characters, or the 256-bit key itself as 64 hexadecimal digits (IEEE
802.11-2020, J.4.1). WPA3's SAE takes any text (12.4.3): up to :data:`MAX_SAE` bytes of UTF-8 without controls
here, more than home routers take. A password is kept as bytes that can be wiped; its repr says nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

MAX_SAE: Final = 128
_PASSPHRASE = re.compile(rb"[\x20-\x7e]{8,63}")
_PMK = re.compile(rb"[0-9A-Fa-f]{64}")


class Secret:
    """What staff typed or a code gave, of any form."""

    __slots__ = ("_octets",)

    def __init__(self, text: str) -> None:
        """Keep ``text``, in UTF-8. (What the keyboard made of it in between is beyond reach.)"""
        self._octets = bytearray(text.encode(errors="replace"))

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._octets == other._octets

    __hash__ = None  # type: ignore[assignment]

    @property
    def is_pmk(self) -> bool:
        """It is WPA2's key itself."""
        return bool(_PMK.fullmatch(self._octets))

    @property
    def fits_wpa2(self) -> bool:
        """It can be a WPA2 network's."""
        return self.is_pmk or bool(_PASSPHRASE.fullmatch(self._octets))

    @property
    def fits_sae(self) -> bool:
        """It can be a WPA3 network's."""
        return 1 <= len(self._octets) <= MAX_SAE and self._text().isprintable()

    def pmk(self, ssid: bytes) -> str:
        """Return WPA2's pairwise master key as 64 hexadecimal digits (IEEE 802.11-2020, J.4.1).

        4096 rounds of SHA-1: 2 ms. ValueError when the secret does not fit.
        """
        if not self.fits_wpa2:
            raise ValueError("the password cannot be WPA2's")
        if self.is_pmk:
            return self._text().lower()
        return hashlib.pbkdf2_hmac("sha1", self._octets, ssid, 4096, 32).hex()

    def password(self) -> str:
        """Return SAE's password, which wpa_supplicant needs as it is. ValueError when it does not fit."""
        if not self.fits_sae:
            raise ValueError("the password cannot be WPA3's")
        return self._text()

    def wipe(self) -> None:
        """Overwrite it. Harmless when done already."""
        for place in range(len(self._octets)):
            self._octets[place] = 0
        self._octets.clear()

    def _text(self) -> str:
        return self._octets.decode()
