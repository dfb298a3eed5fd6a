import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable

from msgspec.structs import asdict

from demo.ports import LOOPBACK, Ports, choose


def test_preferred_ports_are_taken_when_they_are_free(free_port: Callable[[], int]) -> None:
    wanted = Ports(**{name: free_port() for name in Ports.__struct_fields__})
    assert choose(wanted) == wanted


def test_a_port_in_use_is_replaced_by_a_free_one(free_port: Callable[[], int]) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        names = {name: free_port() for name in Ports.__struct_fields__}
        wanted = Ports(**{**names, "broker": taken, "room_tls": taken})
        chosen = choose(wanted)
    assert taken not in asdict(chosen).values()
    assert (chosen.room, chosen.fleet) == (wanted.room, wanted.fleet)
    assert len(set(asdict(chosen).values())) == len(names)


def test_of_two_demos_at_once_only_one_gets_the_usual_ports() -> None:
    ask = "from demo import ports; print(ports.choose() == ports.USUAL, flush=True); input()"
    command = [sys.executable, "-c", ask]
    with contextlib.ExitStack() as running:
        demos = [
            running.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            for _ in range(2)
        ]
        answers = [demo.stdout.readline().strip() for demo in demos if demo.stdout]
        for demo in demos:
            demo.kill()
    assert answers.count(b"True") <= 1
