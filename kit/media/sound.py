"""Microphone and speaker through ALSA, each in its thread, paced by the card's own clock."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import time
from collections.abc import Callable, Collection

import alsaaudio
import numpy as np

from kit.ipc.state import Condition, Device
from kit.media.cards import NAMED, Card, Direction, cards
from kit.media.choice import Choice
from kit.media.echo import EchoPath
from kit.media.level import BLOCK, RATE, Block, silence
from kit.media.worker import DeviceGone, Worker

AUTO = "auto"
_NO_HANDLER = ctypes.CFUNCTYPE(None)
_ignore = _NO_HANDLER(lambda: None)
_CAPTURE_PERIODS = 4
_PLAYBACK_PERIODS = 3
"""60 ms: less than the threads of a busy machine are late by, once in a while."""
_STALL_S = 3.0
"""A card that takes or gives nothing for this long is ill."""
_PROBE_S = 10.0
"""A device that is known by its ALSA name only has to be opened to see whether it is there."""


class _CardWorker(Worker[alsaaudio.PCM]):
    """What microphone and speaker have in common: which card is used."""

    _type: int
    _periods: int

    def __init__(
        self, name: str, present: Callable[[], list[Card]], changed: Callable[[Device], None]
    ) -> None:
        super().__init__(name, changed)
        self._choice = Choice(present)
        self.card = Card("", "")
        """The one that is open, or was."""
        self.xruns = 0
        """How often sound was lost because this process was late."""
        self._probed: tuple[float, Device] | None = None

    @property
    def first(self) -> Card | None:
        """The one that would be opened now."""
        return next(iter(self._choice.ordered()), None)

    def look(self) -> Device:
        """Known cards by the kernel's list; others are opened once in a while."""
        first = self.first
        if first is None:
            return Device(condition=Condition.MISSING)
        if first.number != NAMED:
            return _found(first)
        now = time.monotonic()
        if self._probed is None or now - self._probed[0] > _PROBE_S:
            self._probed = now, self._probe(first)
        return self._probed[1]

    def open(self) -> tuple[alsaaudio.PCM, Device]:
        """Open the first that works."""
        self._probed = None
        worst = Condition.MISSING
        for card in self._choice.ordered():
            try:
                pcm = _open(card.pcm, self._type, self._periods)
            except DeviceGone as gone:
                self._choice.failed(card)
                worst = gone.condition
                continue
            self._choice.works(card)
            self.card = card
            self._begin(pcm)
            return pcm, _found(card)
        raise DeviceGone(worst)

    def better(self) -> bool:
        """A card that was plugged in goes before the one that is used."""
        return self._choice.better_than(self.card)

    def _begin(self, pcm: alsaaudio.PCM) -> None:
        """The card has just been opened."""
        raise NotImplementedError

    def _ill(self) -> DeviceGone:
        self._choice.failed(self.card)
        gone = self.card.number != NAMED and self.card not in self._choice.ordered()
        return DeviceGone(Condition.MISSING if gone else Condition.BAD)

    def _probe(self, card: Card) -> Device:
        try:
            _open(card.pcm, self._type, self._periods, alsaaudio.PCM_NONBLOCK).close()
        except DeviceGone as gone:
            return Device(condition=gone.condition)
        return _found(card)


class Microphone(_CardWorker):
    """Hands each 20 ms to ``heard`` in the event loop: as they were heard, and as others shall hear them."""

    _type, _periods = alsaaudio.PCM_CAPTURE, _CAPTURE_PERIODS

    def __init__(
        self,
        present: Callable[[], list[Card]],
        heard: Callable[[Block, Block], None],
        changed: Callable[[Device], None],
        echo: EchoPath,
    ) -> None:
        super().__init__("microphone", present, changed)
        self._heard = heard
        self._echo = echo
        self._rest = b""

    def work(self, opened: alsaaudio.PCM) -> None:
        """Read a period."""
        began = time.monotonic()
        try:
            count, data = opened.read()
            behind = max(opened.avail(), 0)
        except alsaaudio.ALSAAudioError:
            raise self._ill() from None
        if count == -errno.EPIPE:
            # The card had to throw sound away; pyalsaaudio has made it ready again.
            self.xruns += 1
            return
        if count < 0 or time.monotonic() - began > _STALL_S:
            raise self._ill()
        self._rest += data
        while len(self._rest) >= 2 * BLOCK:
            age = (behind + len(self._rest) // 2) / RATE
            block = np.frombuffer(self._rest[: 2 * BLOCK], np.int16)
            self._rest = self._rest[2 * BLOCK :]
            self.post(self._deliver, block, self._echo.clean(block, age))

    def close(self, opened: alsaaudio.PCM) -> None:
        """Give the device back."""
        with contextlib.suppress(alsaaudio.ALSAAudioError):
            opened.close()

    def _begin(self, pcm: alsaaudio.PCM) -> None:  # noqa: ARG002
        self._rest = b""
        self._echo.hears(self.card)

    def _deliver(self, block: Block, clean: Block) -> None:
        if self.wanted:
            self._heard(block, clean)


class Speaker(_CardWorker):
    """Asks ``next_block`` for each 20 ms, in its thread, telling it in how many seconds they leave."""

    _type, _periods = alsaaudio.PCM_PLAYBACK, _PLAYBACK_PERIODS

    def __init__(
        self,
        present: Callable[[], list[Card]],
        next_block: Callable[[float], Block],
        changed: Callable[[Device], None],
        echo: EchoPath,
        leaving: Callable[[Block, float], None] | None = None,
    ) -> None:
        """``leaving`` is told, in the thread, each block and the unix time at which it leaves the card."""
        super().__init__("speaker", present, changed)
        self._next_block = next_block
        self._echo = echo
        self._leaving = leaving
        self._buffer = 0

    def work(self, opened: alsaaudio.PCM) -> None:
        """Write a block when the card has room for it: fetched before, it would only have grown old."""
        began = time.monotonic()
        if 0 <= (free := opened.avail()) < BLOCK:
            time.sleep((BLOCK - free) / RATE)
        waits = self._waiting_s(opened)
        block = self._next_block(waits)
        at = time.time() + waits
        try:
            self._write(opened, block, waits)
        except alsaaudio.ALSAAudioError:
            raise self._ill() from None
        if time.monotonic() - began > _STALL_S:
            raise self._ill()
        if self._leaving is not None:
            self._leaving(block, at)

    def close(self, opened: alsaaudio.PCM) -> None:
        """Give the device back at once; what it still holds is not played."""
        with contextlib.suppress(alsaaudio.ALSAAudioError):
            opened.drop()
            opened.close()

    def _begin(self, pcm: alsaaudio.PCM) -> None:
        """Silence in its buffer keeps the card busy until sound comes."""
        self._buffer = int(pcm.info()["buffer_size"])
        self._echo.speaks(self.card)
        self._fill(pcm)

    def _write(self, pcm: alsaaudio.PCM, block: Block, waits_s: float) -> None:
        written = pcm.write(block.tobytes())
        if written == -errno.EPIPE:
            # The card ran dry; pyalsaaudio has made it ready again, and the block is still ours.
            self.xruns += 1
            self._fill(pcm)
            written = pcm.write(block.tobytes())
        if written < 0:
            raise self._ill()
        self._echo.played(block, waits_s)

    def _waiting_s(self, pcm: alsaaudio.PCM) -> float:
        """What the card has still to play."""
        free = pcm.avail()
        return max(self._buffer - free, 0) / RATE if free >= 0 else 0.0

    def _fill(self, pcm: alsaaudio.PCM) -> None:
        for _ in range(_PLAYBACK_PERIODS - 1):
            pcm.write(silence().tobytes())
            self._echo.played(silence(), 0.0)


def microphones(name: str, cancelling: Collection[str] = ()) -> Callable[[], list[Card]]:
    """Return what lists the microphones that ``name`` allows."""
    return lambda: _allowed(name, Direction.CAPTURE, cancelling)


def speakers(name: str, cancelling: Collection[str] = ()) -> Callable[[], list[Card]]:
    """Return what lists the speakers that ``name`` allows."""
    return lambda: _allowed(name, Direction.PLAYBACK, cancelling)


def quiet() -> None:
    """Keep ALSA from writing to standard error each time that a missing card is looked for."""
    with contextlib.suppress(OSError, AttributeError):
        # The handler is variadic: what it is called with stays in registers that it does not read.
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(_ignore)


def _allowed(name: str, direction: Direction, cancelling: Collection[str]) -> list[Card]:
    if name != AUTO:
        return [Card(name, name[:64])]
    # Without a card of its own the machine may still have a sound server behind ALSA's default.
    return cards(direction, cancelling) or [Card("default", "default")]


def _open(name: str, direction: int, periods: int, mode: int = alsaaudio.PCM_NORMAL) -> alsaaudio.PCM:
    try:
        return alsaaudio.PCM(
            direction,
            mode,
            device=name,
            rate=RATE,
            channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE,
            periodsize=BLOCK,
            periods=periods,
        )
    except alsaaudio.ALSAAudioError as error:
        busy = "busy" in str(error).lower()
        raise DeviceGone(Condition.BAD if busy else Condition.MISSING) from None


def _found(card: Card) -> Device:
    return Device(condition=Condition.OK, label=card.label)
