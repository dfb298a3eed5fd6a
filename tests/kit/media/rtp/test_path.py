import inspect
import itertools

import pytest
from aioice.candidate import candidate_priority
from aioice.ice import Connection
from aiortc.rtcicetransport import RTCIceTransport

from kit.media.rtp.path import DEAD_S, EVERY_S, MEASURED_EVERY_S, SILENT_S, PathWatch


def test_silence_is_asked_about_three_times_before_the_path_is_called_dead() -> None:
    watch, asked, dead = PathWatch(), [], None
    for step in range(80):
        now = step * 0.05
        if watch.due(now, 0.0):
            asked.append(now)
        dead = now if watch.dead and dead is None else dead
    assert SILENT_S <= asked[0] < 0.5
    assert all(later - earlier >= EVERY_S for earlier, later in itertools.pairwise(asked))
    assert dead is not None
    assert DEAD_S <= dead < 1.5
    assert sum(at < dead for at in asked) >= 3


def test_nothing_is_asked_while_packets_come_or_before_the_first() -> None:
    watch = PathWatch()
    assert not any(watch.due(step * 0.05, None) for step in range(100))
    assert not any(watch.due(step * 0.05, step * 0.05 - 0.1) for step in range(100))
    assert not watch.dead


def test_a_path_whose_checks_are_answered_is_not_dead_however_silent_the_other_side_is() -> None:
    watch = PathWatch()
    for step in range(200):
        if watch.due(step * 0.05, 0.0):
            watch.answered(step * 0.05, step * 0.05 + 0.03)
        assert not watch.dead


def test_a_way_that_only_brings_something_is_measured_by_checks() -> None:
    watch, asked = PathWatch(), []
    for step in range(400):
        now = step * 0.05
        if watch.due(now, now - 0.02, measured=False):
            asked.append(now)
            if len(asked) > 2:
                watch.answered(now, now + (0.06 if len(asked) == 4 else 0.2))
    assert asked[1] - asked[0] < 0.4
    assert all(MEASURED_EVERY_S <= later - earlier < 5.3 for earlier, later in itertools.pairwise(asked[2:]))
    assert watch.round_trip == pytest.approx(0.06)
    watch.answered(now, now)
    assert watch.round_trip == pytest.approx(0.001)


def test_after_a_silence_the_address_is_above_all_others_and_the_next_time_still_higher() -> None:
    watch = PathWatch()
    given = [
        watch.priority or 0
        for heard in (0.0, 10.0)
        for step in range(20)
        if watch.due(heard + step * 0.05, heard)
    ]
    highest = candidate_priority(1, "host")
    assert given[0] > highest
    assert given == sorted(set(given))
    assert given[-1] < 1 << 31
    assert watch.due(20.0, 19.95, measured=False)
    assert watch.priority is None


def test_what_a_check_needs_of_aioice_is_there() -> None:
    assert list(inspect.signature(Connection.build_request).parameters) == ["self", "pair", "nominate"]
    source = inspect.getsource(Connection)
    assert '"PRIORITY"' in inspect.getsource(Connection.build_request)
    for name in ("self._nominated", "self.remote_password", "pair.protocol.request(", "pair.remote_addr"):
        assert name in source
    assert "self._connection = " in inspect.getsource(RTCIceTransport)
