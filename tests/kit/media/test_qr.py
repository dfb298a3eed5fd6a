"""QR codes in pictures: read once, told apart, and never more than a thread's work."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import av
import numpy as np
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageFilter

from kit.ipc.scan import CodeRead, ScanTrouble, ScanTroubled
from kit.media.cameras.source import Shot, planes
from kit.media.qr import EVERY_S, HELD_S, UNCLEAR_LOOKS, CodeReader, Luma, read

LINK = "https://meet.region.test/webapp/m/sip-norr?pin=1234"


def code(text: str | bytes, scale: int = 6, error: str = "m") -> Image.Image:
    """A printed code."""
    file = io.BytesIO()
    segno.make(text, error=error, micro=False).save(file, kind="png", scale=scale)
    return Image.open(io.BytesIO(file.getvalue())).convert("L")


def seen(*codes: Image.Image, turn: float = 0, width: int = 1280, height: int = 720) -> Image.Image:
    """A camera's picture of codes side by side on a table."""
    picture = Image.new("L", (width, height), 110)
    for number, one in enumerate(codes):
        turned = one.rotate(turn, expand=True, fillcolor=110)
        left = (2 * number + 1) * width // (2 * len(codes)) - turned.width // 2
        picture.paste(turned, (left, (height - turned.height) // 2))
    return picture


def luma(picture: Image.Image) -> Luma:
    return np.asarray(picture, np.uint8)


def shot(picture: Image.Image) -> Shot:
    frame = av.VideoFrame(picture.width, picture.height, "yuv420p")
    y, u, v = planes(frame)
    y[:], u[:], v[:] = luma(picture), 128, 128
    return Shot(frame, 0)


@pytest.mark.parametrize("turn", [0, 17, 90, 180])
def test_a_link_is_read_however_it_is_turned(turn: float) -> None:
    assert read(luma(seen(code(LINK), turn=turn))) == ([LINK], False)


def test_a_code_that_is_small_dark_and_blurred_is_read() -> None:
    picture = seen(code(LINK, scale=4)).filter(ImageFilter.GaussianBlur(1.2))
    dim = Image.fromarray((luma(picture) * 0.35 + 20).astype(np.uint8))
    assert read(luma(dim))[0] == [LINK]


def test_swedish_letters_are_read_as_they_were_written() -> None:
    assert read(luma(seen(code("Möte på Åsgatan"))))[0] == ["Möte på Åsgatan"]


def test_the_largest_code_is_read_whole_and_a_business_card_in_one_piece() -> None:
    digits = "7" * 7089
    assert read(luma(seen(code(digits, scale=5, error="l"), width=1280, height=960)))[0] == [digits]
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Nobody\r\nEND:VCARD"
    assert read(luma(seen(code(card))))[0] == [card]


def test_a_damaged_code_is_seen_and_says_nothing() -> None:
    broken = code(LINK).copy()
    middle = broken.width // 2
    broken.paste(128, (middle - 40, middle - 40, middle + 60, middle + 60))
    texts, unclear = read(luma(seen(broken)))
    assert texts == []
    assert unclear


def test_several_codes_are_told_apart_and_the_same_twice_is_one() -> None:
    assert sorted(read(luma(seen(code(LINK), code("WIFI:S:x;;"))))[0]) == ["WIFI:S:x;;", LINK]
    assert read(luma(seen(code(LINK), code(LINK))))[0] == [LINK]


@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 64), st.integers(1, 64))))
def test_no_picture_fails(picture: Luma) -> None:
    read(picture)


class Bench:
    """A reader with hands on its clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.told: list[Any] = []
        self.reader = CodeReader(self.told.append, lambda: self.now)
        self.reader.switch(on=True)

    async def see(self, *pictures: Image.Image, wait_s: float = EVERY_S) -> None:
        for picture in pictures:
            self.reader.offer(shot(picture))
            while self.reader._looking is not None:
                await self.reader._looking
            self.now += wait_s


async def test_a_code_that_is_held_is_told_once_and_again_when_it_comes_back() -> None:
    bench, link, nothing = Bench(), seen(code(LINK)), seen()
    await bench.see(link, link, nothing, link)
    assert bench.told == [CodeRead(LINK)]
    bench.now += HELD_S
    await bench.see(link)
    assert bench.told == [CodeRead(LINK)] * 2
    await bench.see(seen(code("https://meet.region.test/webapp/m/other")))
    assert len(bench.told) == 3


async def test_several_codes_are_a_trouble_until_one_is_left() -> None:
    bench = Bench()
    await bench.see(seen(code(LINK), code("WIFI:S:x;;")), seen(code(LINK)))
    assert bench.told == [
        ScanTroubled(ScanTrouble.SEVERAL),
        ScanTroubled(ScanTrouble.NONE),
        CodeRead(LINK),
    ]


async def test_a_code_that_cannot_be_read_is_a_trouble_after_a_second() -> None:
    bench = Bench()
    broken = code(LINK).copy()
    middle = broken.width // 2
    broken.paste(128, (middle - 40, middle - 40, middle + 60, middle + 60))
    await bench.see(*[seen(broken)] * (UNCLEAR_LOOKS - 1))
    assert bench.told == []
    await bench.see(seen(broken), seen())
    assert bench.told == [ScanTroubled(ScanTrouble.UNCLEAR), ScanTroubled(ScanTrouble.NONE)]


async def test_pictures_that_come_too_fast_or_while_it_looks_are_not_looked_at() -> None:
    bench = Bench()
    bench.reader.offer(shot(seen(code(LINK))))
    looking = bench.reader._looking
    bench.now += EVERY_S
    bench.reader.offer(shot(seen(code("WIFI:S:x;;"))))
    assert bench.reader._looking is looking
    assert looking is not None
    await looking
    await asyncio.sleep(0)
    bench.now -= EVERY_S / 2
    bench.reader.offer(shot(seen(code("WIFI:S:x;;"))))
    assert bench.reader._looking is None
    assert bench.told == [CodeRead(LINK)]


async def test_what_was_seen_when_it_is_switched_off_is_not_told() -> None:
    bench = Bench()
    bench.reader.offer(shot(seen(code(LINK))))
    bench.reader.switch(on=False)
    assert bench.reader._looking is not None
    await bench.reader._looking
    await bench.see(seen(code(LINK)))
    assert bench.told == []


def test_what_was_read_is_not_in_a_log() -> None:
    assert LINK not in repr(CodeRead(LINK))
