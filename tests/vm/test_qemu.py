"""A machine is reached as soon as it can be, and one that cannot be reached is refused."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.vm.qemu import MachineFailed, connected


def test_it_is_reached_though_its_path_is_there_before_it_listens(tmp_path: Path) -> None:
    path, steps = tmp_path / "monitor", iter(("bind", "nothing", "listen"))
    with socket.socket(socket.AF_UNIX) as server:

        def go_on() -> None:
            match next(steps):
                case "bind":
                    server.bind(str(path))
                case "listen":
                    server.listen()

        with connected(path, go_on) as line:
            accepted, _ = server.accept()
            with accepted:
                accepted.sendall(b"hello")
                assert line.recv(5) == b"hello"
    assert list(steps) == []


@pytest.mark.parametrize("bound", [False, True])
def test_one_that_never_listens_is_refused_when_it_is_late(bound: bool, tmp_path: Path) -> None:
    path, left = tmp_path / "monitor", iter(range(3))

    def refuse_late() -> None:
        if next(left) == 2:
            raise MachineFailed("late")

    with socket.socket(socket.AF_UNIX) as server:
        if bound:
            server.bind(str(path))
        with pytest.raises(MachineFailed, match="late"):
            connected(path, refuse_late)
