import socket
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
