"""What a QR code that is no meeting's is about, so that staff can be told. Pure.

Forms: WIFI and MECARD as ZXing's wiki gives them, vCard (RFC 6350), Swish ("Guide Swish QR code"), the
Swedish invoices' UsingQR, EPC069-12 (bank transfer), EMVCo's merchant codes, BankID's animated code.
"""

from __future__ import annotations

import re

from kit.visit.model import Refusal

_ABOUT: tuple[tuple[re.Pattern[str], Refusal], ...] = (
    (re.compile(r"WIFI:", re.IGNORECASE), Refusal.CODE_WIFI),
    (re.compile(r"BEGIN:VCARD|MECARD:|BIZCARD:", re.IGNORECASE), Refusal.CODE_CONTACT),
    (re.compile(r"[A-D]\+?[0-9]{6,16};"), Refusal.CODE_PAYMENT),
    (
        re.compile(r"(?:swish|payto|bitcoin|upi):|https://app\.swish\.nu/", re.IGNORECASE),
        Refusal.CODE_PAYMENT,
    ),
    (re.compile(r'\{\s*"uqr"\s*:'), Refusal.CODE_PAYMENT),
    (re.compile(r"BCD\r?\n00[12]\r?\n"), Refusal.CODE_PAYMENT),
    (re.compile(r"0002010[12][0-9]{2}|SPC\r?\n0200"), Refusal.CODE_PAYMENT),
    (
        re.compile(r"bankid[.:]|https://app\.bankid\.com/|siths[.:]|otpauth", re.IGNORECASE),
        Refusal.CODE_LOGIN,
    ),
)


def about(text: str) -> Refusal | None:
    """What the text is about, or None when it may be a meeting's link or code."""
    text = text.strip()
    return next((meaning for form, meaning in _ABOUT if form.match(text)), None)
