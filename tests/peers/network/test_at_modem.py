"""The modem of software on a serial line, as in a virtual machine: commands, hanging up, a call for data."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.peers.network import at_modem, at_ports
from tests.peers.network.namespace import end, until

LIMIT_S = 30.0


class Line:
    """The other end of the serial line."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        self.path = os.ttyname(theirs)
        os.set_blocking(self._ours, False)
        self._theirs = theirs

    def ask(self, command: str, until_said: str = "OK") -> str:
        os.write(self._ours, f"{command}\r".encode())
        return self.read(until_said)

    def read(self, until_said: str) -> str:
        said = b""
        deadline = time.monotonic() + LIMIT_S
        while until_said.encode() not in said:
            assert time.monotonic() < deadline, f"{until_said} was not said"
            if select.select([self._ours], [], [], 0.1)[0]:
                said += os.read(self._ours, 4096)
        return said.decode()

    def close(self) -> None:
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@contextmanager
def serving(folder: Path, data: str, *lines: Line) -> Iterator[Path]:
    """A modem on the lines, and the shell script that a call for data starts."""
    control, script = folder / "control", folder / "data.sh"
    script.write_text(data)
    words = ("-m", at_ports.__name__, "serve", *(line.path for line in lines), "--control", str(control))
    program = subprocess.Popen(
        [sys.executable, *words, "--data", f"sh {script} {{}}"], stdout=subprocess.DEVNULL, text=True
    )
    try:
        until(control.exists)
        yield control
    finally:
        end(program)


@pytest.fixture
def control(line: Line, tmp_path: Path) -> Iterator[Path]:
    """A modem on the line, whose data program says that it was started, and with what."""
    with serving(tmp_path, 'echo data >"$1"\n', line) as control:
        yield control


def test_commands_are_answered_and_changes_are_told_unasked(line: Line, control: Path) -> None:
    assert "+CPIN: READY" in line.ask("AT+CPIN?")
    assert "OK" in line.ask("AT+CFUN=1")
    at_ports.tell(control, {"registration": at_modem.ROAMING})
    assert '+CEREG: 5,"1A2B"' in line.read("+CEREG: 5")
    assert "ERROR" in line.ask("AT+NONSENSE", "ERROR")
    assert "OK" in line.ask("A" * 3000 + "\rAT")


def test_a_call_for_data_hands_the_line_over_and_takes_it_back(line: Line, control: Path) -> None:
    assert "NO CARRIER" in line.ask("ATD*99***1#", "NO CARRIER")
    line.ask("AT+CFUN=1")
    said = line.ask("ATD*99***1#", "data")
    assert said.index("CONNECT") < said.index("data")
    until(lambda: "OK" in line.ask("AT"))


@pytest.mark.parametrize("way", ["network lost", "asked to"])
def test_data_ends_while_the_other_line_is_answered(way: str, line: Line, tmp_path: Path) -> None:
    commands = Line()
    data = 'trap "echo over >"$1"; exit" TERM; echo data >"$1"; while :; do sleep 0.1; done\n'
    try:
        with serving(tmp_path, data, line, commands) as control:
            commands.ask("AT+CFUN=1")
            line.ask("ATD*99***1#", "data")
            assert "+CEREG: 2,1" in commands.ask("AT+CEREG?")
            if way == "asked to":
                assert "OK" in commands.ask("AT+CGACT=0,1")
            else:
                at_ports.tell(control, {"registration": at_modem.SEARCHING})
                assert "+CEREG: 2" in commands.read("+CEREG: 2")
            line.read("over")
            until(lambda: "OK" in line.ask("AT"))
    finally:
        commands.close()


def test_a_behaviour_that_there_is_not_is_refused(control: Path) -> None:
    with pytest.raises(AssertionError, match="refused"):
        at_ports.tell(control, {"colour": "red"})
    with pytest.raises(AssertionError, match="refused"):
        at_ports.tell(control, {"csq": "strong"})
    assert at_ports.tell(control)["csq"] == 20
