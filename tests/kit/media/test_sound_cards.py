"""Microphone and speaker on cards that run dry, overflow, stall and are pulled out: a simulated ALSA."""

import asyncio
import errno
import threading
import time
from collections.abc import Callable

import alsaaudio
import numpy as np
import pytest

from kit.ipc.state import Condition, Device
from kit.media.cards import Card
from kit.media.echo import EchoPath
from kit.media.level import BLOCK, RATE, Block
from kit.media.sound import Microphone, Speaker

PUCK, TABLET = Card("puck", "Speakerphone", 1, cancels_echo=True), Card("tablet", "Built in", 0)
BUFFER = 3 * BLOCK


class Pcm:
    """One opened device of pyalsaaudio's, at fifty times its speed."""

    def __init__(self, cards: "Cards", name: str) -> None:
        self.cards, self.name = cards, name
        self.written: list[bytes] = []
        self.waiting = 0
        self.closed = False

    def info(self) -> dict[str, int]:
        return {"buffer_size": BUFFER}

    def avail(self) -> int:
        return BUFFER - self.waiting

    def read(self) -> tuple[int, bytes]:
        time.sleep(0.0004)
        self.cards.check(self.name)
        if self.cards.take_xrun():
            return -errno.EPIPE, b""
        return BLOCK, np.full(BLOCK, 5, np.int16).tobytes()

    def write(self, data: bytes) -> int:
        self.cards.check(self.name)
        if self.cards.take_xrun():
            self.waiting = 0
            return -errno.EPIPE
        if self.waiting >= BUFFER:
            time.sleep(0.0004)
            self.waiting -= BLOCK
        self.waiting += BLOCK
        self.written.append(data)
        return BLOCK

    def drop(self) -> None: ...

    def close(self) -> None:
        self.closed = True


class Cards:
    """What is plugged in."""

    def __init__(self) -> None:
        self.present = [PUCK, TABLET]
        self.opened: list[Pcm] = []
        self._xruns = 0
        self._lock = threading.Lock()

    def listed(self) -> list[Card]:
        return list(self.present)

    def open(self, direction: int, mode: int, *, device: str, **_: object) -> Pcm:
        self.check(device)
        self.opened.append(Pcm(self, device))
        return self.opened[-1]

    def check(self, name: str) -> None:
        if name not in {card.pcm for card in self.present}:
            raise alsaaudio.ALSAAudioError(f"No such device [{name}]")

    def xrun(self) -> None:
        with self._lock:
            self._xruns += 1

    def take_xrun(self) -> bool:
        with self._lock:
            self._xruns, taken = max(self._xruns - 1, 0), self._xruns > 0
        return taken


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> Cards:
    cards = Cards()
    monkeypatch.setattr(alsaaudio, "PCM", cards.open)
    return cards


async def until(condition: Callable[[], object], limit_s: float = 5.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.005)


class Ears:
    """A microphone in use."""

    def __init__(self, cards: Cards) -> None:
        self.told: list[Device] = []
        self.blocks: list[Block] = []
        self.worker = Microphone(cards.listed, self._heard, self.told.append, EchoPath("off"))
        self.worker.start()
        self.worker.use(True)

    def _heard(self, block: Block, clean: Block) -> None:
        assert clean is block
        self.blocks.append(block)

    async def hears(self, card: Card) -> None:
        await until(lambda: self.told and self.told[-1] == Device(condition=Condition.OK, label=card.label))
        count = len(self.blocks)
        await until(lambda: len(self.blocks) > count + 5)


async def test_another_microphone_takes_over_and_the_first_is_taken_again_when_it_is_back(
    cards: Cards,
) -> None:
    ears = Ears(cards)
    await ears.hears(PUCK)
    await asyncio.sleep(0.35)
    cards.present.remove(PUCK)
    began = time.monotonic()
    await ears.hears(TABLET)
    assert time.monotonic() - began < 1
    cards.present.clear()
    await until(lambda: ears.told[-1].condition is Condition.MISSING)
    cards.present.append(TABLET)
    ears.worker.look_again()
    await ears.hears(TABLET)
    cards.present.insert(0, PUCK)
    ears.worker.look_again()
    await ears.hears(PUCK)
    ears.worker.use(False)
    await until(lambda: all(pcm.closed for pcm in cards.opened))


async def test_an_overrun_is_counted_and_hearing_goes_on(cards: Cards) -> None:
    ears = Ears(cards)
    await ears.hears(PUCK)
    for _ in range(3):
        cards.xrun()
    await until(lambda: ears.worker.xruns == 3)
    await ears.hears(PUCK)
    ears.worker.use(False)
    await until(lambda: cards.opened[0].closed)
    assert len(cards.opened) == 1


async def test_an_underrun_loses_no_block_and_is_filled_with_silence(cards: Cards) -> None:
    count = 0

    def next_block(leaves_in_s: float) -> Block:
        nonlocal count
        count += 1
        assert 0 <= leaves_in_s <= BUFFER / RATE
        return np.full(BLOCK, count, np.int16)

    left: list[int] = []
    speaker = Speaker(
        cards.listed, next_block, lambda _: None, EchoPath("off"), lambda block, _: left.append(int(block[0]))
    )
    speaker.start()
    speaker.use(True)
    await until(lambda: len(left) > 5)
    cards.xrun()
    await until(lambda: speaker.xruns == 1 and len(left) > 20)
    speaker.use(False)
    await until(lambda: cards.opened[0].closed)
    played = [int(np.frombuffer(data, np.int16)[0]) for data in cards.opened[0].written]
    assert [number for number in played if number] == list(range(1, len(left) + 1)) == left
    assert played.count(0) == 4


async def test_the_reference_of_the_echo_is_what_left_and_nothing_else(cards: Cards) -> None:
    class Listener(EchoPath):
        def __init__(self) -> None:
            super().__init__("off")
            self.heard: list[bytes] = []

        def played(self, block: Block, leaves_in_s: float) -> None:
            self.heard.append(block.tobytes())

    listener = Listener()
    speaker = Speaker(cards.listed, lambda _: np.full(BLOCK, 9, np.int16), lambda _: None, listener)
    speaker.start()
    speaker.use(True)
    await until(lambda: len(listener.heard) > 10)
    cards.xrun()
    await until(lambda: speaker.xruns == 1 and len(listener.heard) > 30)
    speaker.use(False)
    await until(lambda: cards.opened[0].closed)
    assert listener.heard == cards.opened[0].written
