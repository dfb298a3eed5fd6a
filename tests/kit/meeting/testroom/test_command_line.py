import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from kit.meeting.testroom.__main__ import app


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kit.meeting.testroom", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    rooms = tmp_path / "rooms.toml"
    rooms.write_text('[[rooms]]\nalias = "vardplan"\n')
    command = [
        sys.executable,
        "-m",
        "kit.meeting.testroom",
        "--listen",
        "127.0.0.1:0",
        "--lab",
        "127.0.0.1:0",
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    process = subprocess.Popen(
        [*command, "--rooms", str(rooms)], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        url, lab = (re.search(rf"\b{name}=(http://\S+)", said) for name in ("url", "lab_url"))
        assert url is not None, said
        assert lab is not None, said
        path = "/api/client/v2/conferences/{}/request_token"
        known = httpx.post(url[1] + path.format("vardplan"), json={"display_name": "Kit 7"})
        unknown = httpx.post(url[1] + path.format("hembesok"), json={"display_name": "Kit 7"})
        assert (known.status_code, unknown.status_code) == (200, 404)
        assert httpx.get(lab[1] + "/lab/stats").status_code == 200
        process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 5
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--listen", "8081"],
        ["--listen", "127.0.0.1:99999"],
        ["--tls-listen", "127.0.0.1:0"],
        ["--rooms", "/nonexistent/rooms.toml"],
    ],
)
def test_wrong_arguments_are_explained(arguments: list[str]) -> None:
    outcome = CliRunner().invoke(app, arguments)
    assert outcome.exit_code == 2
    assert "Error" in outcome.output
