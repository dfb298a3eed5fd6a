"""Joining and leaving again and again leaves nothing behind, neither in the engine nor in the room."""

import subprocess
from pathlib import Path

import pytest

from bench.joins.kit import Engine
from bench.joins.many import grown
from bench.joins.meetings import KINDS, Kind, meeting
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.pulse import Pulse

JOINS = 10


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    unshared = subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True)
    if chosen == "janus" and unshared.returncode:
        pytest.skip("Janus needs a network namespace, and this machine lets us make none")
    return chosen


async def test_joins_leave_no_descriptors_threads_tasks_or_tokens_behind(
    kind: Kind, tmp_path: Path, certificates: Certificates, pulse: Pulse
) -> None:
    async with (
        meeting(kind, certificates) as there,
        Engine(tmp_path / kind, certificates.ca, there.host, pulse) as engine,
    ):
        growth = await grown(there, engine, JOINS)
    assert growth.left_behind == ""
    assert growth.after.descriptors <= growth.before.descriptors
    assert growth.after.threads <= growth.before.threads
    assert growth.tasks[1] <= growth.tasks[0]
