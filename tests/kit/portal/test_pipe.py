"""The DevTools pipe: what does not fit is counted, what is asked is answered or given up."""

import asyncio
import json
import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.portal.pipe import Event, Pipe, PipeClosed


class Far:
    """The browser's side: two descriptors."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.gone = asyncio.Event()
        self.pipe = Pipe(self.heard.append, self.gone.set)
        self.commands, near_commands = os.pipe()
        near_events, self.events = os.pipe()
        self._near = near_commands, near_events

    async def open(self) -> None:
        await self.pipe.open(*self._near)

    def says(self, *messages: object) -> None:
        for message in messages:
            raw = message if isinstance(message, bytes) else json.dumps(message).encode()
            os.write(self.events, raw + b"\0")


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    made = Far()
    await made.open()
    yield made
    made.pipe.close()
    for descriptor in (made.commands, made.events):
        try:
            os.close(descriptor)
        except OSError:
            continue
    await asyncio.sleep(0)


async def test_an_answer_says_whether_it_was_done(far: Far) -> None:
    done, refused = asyncio.create_task(far.pipe.ask("A")), asyncio.create_task(far.pipe.ask("B"))
    await asyncio.sleep(0)
    far.says({"id": 2, "error": {"code": -32000, "message": "Not allowed"}}, {"id": 1, "result": {}})
    assert (await done, await refused) == (True, False)


async def test_what_does_not_fit_is_counted_and_the_rest_is_heard(far: Far) -> None:
    far.says(b"{", b"[]", {"method": 3}, {"method": "Target.targetCrashed", "params": {"targetId": "x"}})
    async with asyncio.timeout(5):
        while not far.heard:  # noqa: ASYNC110 - a list tells nobody
            await asyncio.sleep(0.01)
    assert far.pipe.misfits == 3
    assert far.heard[0].params.target_id == "x"


async def test_a_browser_that_ends_leaves_nobody_waiting(far: Far) -> None:
    asked = asyncio.create_task(far.pipe.ask("A"))
    await asyncio.sleep(0)
    os.close(far.events)
    with pytest.raises(PipeClosed):
        await asked
    await far.gone.wait()


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_without_falling(raw: bytes) -> None:
    heard: list[Event] = []
    pipe = Pipe(heard.append, lambda: None)
    pipe._take(raw)
    assert pipe.misfits + len(heard) <= 1
