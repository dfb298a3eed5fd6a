"""Hostile QR codes: damaged, crowded, holding anything. What is read was printed, and leads nowhere else."""

import io

import numpy as np
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from kit.media.qr import read
from kit.meeting.invitation import Refused, scanned
from kit.visit.model import Refusal

LINK = "https://meet.region.test/webapp/m/sip-norr?pin=1234"
HOSTS = ("meet.region.test",)
FORMS = (
    "",
    LINK,
    "https://evil.test/",
    "WIFI:T:WPA;S:",
    "BEGIN:VCARD\nFN:",
    "C+46701740605;1;",
    "https://meet.region.test/",
)
texts = st.tuples(st.sampled_from(FORMS), st.text(max_size=120)).map("".join).filter(bool)
shares = st.floats(0, 1)


def printed(text: str) -> Image.Image:
    file = io.BytesIO()
    segno.make(text, error="m", micro=False).save(file, kind="png", scale=5)
    return Image.open(io.BytesIO(file.getvalue())).convert("L")


def looked_at(picture: Image.Image) -> list[str]:
    return read(np.asarray(picture, np.uint8))[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(shares, shares, shares, shares, st.integers(0, 255)), max_size=4))
def test_a_damaged_code_says_what_it_said_or_nothing(
    blots: list[tuple[float, float, float, float, int]],
) -> None:
    code = printed(LINK)
    for x, y, wide, high, ink in blots:
        left, top = round(x * code.width), round(y * code.height)
        code.paste(
            ink, (left, top, left + round(wide * code.width / 2) + 1, top + round(high * code.height / 2) + 1)
        )
    assert looked_at(code) in ([LINK], [])


@settings(max_examples=60, deadline=None)
@given(texts)
def test_whatever_a_code_holds_is_refused_or_leads_to_an_allowed_host(text: str) -> None:
    for found in looked_at(printed(text)):
        outcome = scanned(found, HOSTS)
        if isinstance(outcome, Refused):
            assert outcome.reason in set(Refusal)
        else:
            assert outcome.host in HOSTS


@settings(max_examples=20, deadline=None)
@given(st.lists(texts, min_size=2, max_size=4))
def test_several_codes_are_read_apart_or_not_at_all(held: list[str]) -> None:
    codes = [printed(text) for text in held]
    picture = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 255)
    left = 0
    for code in codes:
        picture.paste(code, (left, 0))
        left += code.width
    alone = [text for code in codes for text in looked_at(code)]
    assert set(looked_at(picture)) <= set(alone)
