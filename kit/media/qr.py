"""QR codes in the camera's pictures, while somebody holds one before the kit.

Only the luma plane is looked at, some times a second, one picture at a time in a thread: what comes meanwhile
is not kept. What was read lives until it was told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import zxingcpp

from kit.ipc.scan import MAX_TEXT, CodeRead, ScanTrouble, ScanTroubled
from kit.log import failed
from kit.media.cameras.source import Shot, planes

EVERY_S = 0.25
HELD_S = 1.5
"""A code that was away for shorter than this is the same one, in a hand that trembles."""
UNCLEAR_LOOKS = 4
"""A code that is read only now and then is no trouble; one that is not, for a second, is."""

Luma = npt.NDArray[np.uint8]


class CodeReader:
    """Looks where it is given a picture and is not busy."""

    def __init__(self, tell: Callable[[Any], None], clock: Callable[[], float] = time.monotonic) -> None:
        """``tell`` takes :class:`CodeRead` and :class:`ScanTroubled`; ``clock`` counts seconds."""
        self._tell = tell
        self._clock = clock
        self._on = False
        self._looking: asyncio.Task[None] | None = None
        self._next = 0.0
        self._said: tuple[str, float] = ("", 0.0)
        self._unclear = 0
        self._trouble = ScanTrouble.NONE

    @property
    def on(self) -> bool:
        """Whether codes are looked for."""
        return self._on

    def switch(self, on: bool) -> None:
        """Begin or stop; both forget what was read."""
        self._on = on
        self._said, self._unclear, self._trouble = ("", 0.0), 0, ScanTrouble.NONE

    def offer(self, shot: Shot) -> None:
        """Look at this picture, unless the last was just now or is still looked at."""
        now = self._clock()
        if self._on and self._looking is None and now >= self._next:
            self._next = now + EVERY_S
            # Copied: the camera's buffer is the encoder's and the screen's too.
            luma = planes(shot.picture).y.copy()
            self._looking = asyncio.create_task(self._look(luma))

    async def _look(self, luma: Luma) -> None:
        try:
            texts, unclear = await asyncio.to_thread(read, luma)
        except Exception as error:
            failed("codes_unread", error)
            return
        finally:
            self._looking = None
        if self._on:
            self._judge(texts, unclear)

    def _judge(self, texts: list[str], unclear: bool) -> None:
        self._unclear = self._unclear + 1 if unclear and not texts else 0
        if len(texts) > 1:
            self._say(ScanTrouble.SEVERAL)
        elif texts:
            self._say(ScanTrouble.NONE)
            self._found(texts[0])
        else:
            self._say(ScanTrouble.UNCLEAR if self._unclear >= UNCLEAR_LOOKS else ScanTrouble.NONE)

    def _found(self, text: str) -> None:
        now = self._clock()
        before, at = self._said
        self._said = (text, now)
        if text != before or now - at > HELD_S:
            self._tell(CodeRead(text))

    def _say(self, trouble: ScanTrouble) -> None:
        if trouble is not self._trouble:
            self._trouble = trouble
            self._tell(ScanTroubled(trouble))


def read(luma: Luma) -> tuple[list[str], bool]:
    """What the codes in a grey picture say, each text once; and whether one was seen that says nothing.

    Bytes that are no text are read as if each were a character, which no link or code has.
    """
    found = zxingcpp.read_barcodes(
        np.ascontiguousarray(luma),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=True,
    )
    texts = {code.text[:MAX_TEXT]: None for code in found if code.valid and code.text}
    return list(texts), any(not code.valid for code in found)
