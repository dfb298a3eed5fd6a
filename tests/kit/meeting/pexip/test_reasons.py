"""Pexip's error texts: the codes of its own clients, and a meaning for each."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.meeting.pexip import reasons
from kit.meeting.testroom.page import SOURCE
from kit.visit.model import EndReason, Refusal

UTILS = SOURCE / "node_modules/@pexip/infinity-api/dist/utils.js"


def codes_of_the_sdk(source: Path) -> dict[str, int]:
    return {
        text: int(code)
        for text, code in re.findall(r"case '([^']+)':\s+return '#pex(\d+)';", source.read_text())
    }


def test_every_code_is_that_of_pexips_own_client() -> None:
    known = codes_of_the_sdk(UTILS)
    assert len(known) > 40
    assert {text: reasons.meaning(text).code for text in known} == known


@given(st.sampled_from(sorted(part for part, _ in reasons._TEXTS)), st.text(max_size=10), st.booleans())
def test_a_text_is_known_in_any_case_and_with_words_around(part: str, around: str, upper: bool) -> None:
    text = part.upper() if upper else part
    assert reasons.meaning(f"{around} {text} {around}").code != 0
    assert reasons.meaning(text).code == dict(reasons._TEXTS)[part].code


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("API initiated conference termination", EndReason.HOST_ENDED),
        ("Conference host ended the conference with a DTMF command", EndReason.HOST_ENDED),
        ("Call rejected", EndReason.REMOVED),
        ("Call disconnected", None),
        ("Signaling node disconnected", None),
        ("Disabled", EndReason.HOST_ENDED),
        ("Disabled by nobody", EndReason.CONNECTION_LOST),
        ("", EndReason.CONNECTION_LOST),
    ],
)
def test_nobody_is_blamed_for_an_end_that_nobody_made(text: str, end: EndReason | None) -> None:
    assert reasons.meaning(text).end is end


def test_a_login_that_fails_in_maintenance_is_a_login() -> None:
    meaning = reasons.meaning("SSO Authentication Failed. The system is in Maintenance mode", 403)
    assert (meaning.code, meaning.refusal) == (203, Refusal.ROOM_LOGIN_NEEDED)
