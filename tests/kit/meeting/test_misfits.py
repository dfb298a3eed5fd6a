"""What does not fit is counted, and told so seldom that a flood of it is no flood of ours."""

import asyncio

import pytest

from kit.meeting import misfits
from kit.meeting.misfits import Misfits
from kit.meeting.room import Misread


async def test_however_much_does_not_fit_it_is_told_now_and_then_and_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(misfits, "TELL_S", 0.05)
    told: list[Misread] = []
    counted = Misfits(told.append)
    for times in (1000, 1):
        before = len(told)
        for _ in range(times):
            counted.add()
        assert len(told) == before
        async with asyncio.timeout(5):
            while len(told) == before:  # noqa: ASYNC110 - a list tells nobody
                await asyncio.sleep(0.01)
    assert (told, counted.count) == ([Misread(1000), Misread(1)], 1001)
