"""What a task connects goes through the interface that it chose."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from kit.network import interface

AS_BEFORE = b""


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    sockets, names = socket.socket, asyncio.BaseEventLoop.getaddrinfo
    interface.install()
    yield
    vars(socket)["socket"] = sockets
    setattr(asyncio.BaseEventLoop, "getaddrinfo", names)  # noqa: B010 - mypy refuses the plain way


def device(sock: socket.socket) -> bytes:
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0")


async def of_a_connection() -> bytes:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    sock: socket.socket = writer.get_extra_info("socket")
    bound = device(sock)
    writer.close()
    server.close()
    return bound


async def of_datagrams() -> bytes:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", 9))
    bound = device(transport.get_extra_info("socket"))
    transport.close()
    return bound


async def test_what_a_task_connects_keeps_to_its_interface_and_what_others_connect_does_not() -> None:
    with interface.through(interface.Way(interface="lo")):
        inside = asyncio.create_task(of_a_connection())
        assert await of_datagrams() == b"lo"
    assert await of_datagrams() == AS_BEFORE
    assert await of_a_connection() == AS_BEFORE
    # A task goes on as it began.
    assert await inside == b"lo"


async def test_without_a_choice_all_is_as_everybody_has_it() -> None:
    with interface.through(interface.Way()):
        assert interface.chosen() == interface.Way()
        assert await of_a_connection() == AS_BEFORE


def test_an_interface_that_is_gone_connects_nothing() -> None:
    with interface.through(interface.Way(interface="gone0")), pytest.raises(OSError, match="No such device"):
        socket.socket(socket.AF_INET)


def test_sockets_that_lead_nowhere_are_left_alone() -> None:
    with interface.through(interface.Way(interface="gone0")), socket.socket(socket.AF_UNIX) as here:
        assert here.family is socket.AF_UNIX
