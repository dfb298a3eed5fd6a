"""What it costs to pass a snapshot or a picture between the kit's processes, beside `multiprocessing.Pipe`.

The snapshot is that of a call with six participants. Ours is encoded, framed, decoded and validated; the pipe
pickles. A picture of ours goes through shared memory, that of the pipe through its socket.
"""

import asyncio
import functools
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

from bench import Figure, write
from kit.ipc import wire
from kit.ipc.call import Call, ChatLine, Participant
from kit.ipc.pictures import PictureReader, PictureWriter, Plane, Stream
from kit.ipc.state import KitState
from kit.ipc.wire import Link, Peer

ROUND_TRIPS = 3000
SENT = 20_000
PICTURES = 300
SIZE = (1280, 720)
STRIDE = 1280

_spawn = multiprocessing.get_context("spawn")


def snapshot() -> KitState:
    """A call with six participants and twenty chat lines."""
    people = tuple(Participant(uuid=f"{number:032x}", name=f"Deltagare {number}") for number in range(6))
    lines = tuple(ChatLine(author="Deltagare 1", text="Hör ni oss? " * 4, at=1e9) for _ in range(20))
    return KitState(kit_id="kit-0007", call=Call(participants=people, chat=lines))


def planes() -> tuple[Plane, Plane, Plane]:
    """The planes of a 720p picture of noise."""
    luma, chroma = STRIDE * SIZE[1], STRIDE * SIZE[1] // 4
    data = memoryview(bytearray(os.urandom(luma + 2 * chroma)))
    ends = (0, luma, luma + chroma, luma + 2 * chroma)
    y, u, v = (data[begin:end] for begin, end in pairwise(ends))
    return Plane(y, STRIDE, SIZE[1]), Plane(u, STRIDE // 2, SIZE[1] // 2), Plane(v, STRIDE // 2, SIZE[1] // 2)


async def ours(path: Path) -> tuple[list[float], float]:
    """Seconds of each round trip, and snapshots per second one way, over the kit's own link."""
    connected: asyncio.Future[Link[KitState]] = asyncio.get_running_loop().create_future()

    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await wire.accept(reader, writer):
            connected.set_result(Link(reader, writer, KitState))

    server = await asyncio.start_unix_server(welcome, path)
    peer = _spawn.Process(target=_echo_ours, args=(path,), daemon=True)
    peer.start()
    link = await connected
    message, times = snapshot(), []
    for _ in range(ROUND_TRIPS):
        begun = time.perf_counter()
        await link.send(message)
        await link.receive()
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    for _ in range(SENT):
        await link.send(message)
    await link.receive()
    rate = SENT / (time.perf_counter() - begun)
    await link.close()
    server.close()
    peer.join()
    return times, rate


def _echo_ours(path: Path) -> None:
    async def echo() -> None:
        link = await wire.connect(path, Peer.SCREEN, KitState)
        for _ in range(ROUND_TRIPS):
            await link.send(await link.receive() or KitState())
        for _ in range(SENT):
            last = await link.receive() or KitState()
        await link.send(last)
        await link.receive()

    asyncio.run(echo())


def pipes() -> tuple[list[float], float, float]:
    """The same two figures of a pipe that pickles, and the seconds for one picture through it."""
    here, there = _spawn.Pipe()
    peer = _spawn.Process(target=_echo_pipe, args=(there,), daemon=True)
    peer.start()
    message, times = snapshot(), []
    for _ in range(ROUND_TRIPS):
        begun = time.perf_counter()
        here.send(message)
        here.recv()
        times.append(time.perf_counter() - begun)
    rate = SENT / _seconds(lambda: _send_all(here, message))
    picture = b"".join(plane.data for plane in planes())
    one_picture = _seconds(lambda: _send_pictures(here, picture)) / PICTURES
    peer.join()
    return times, rate, one_picture


def _send_all(here: Connection, message: KitState) -> None:
    for _ in range(SENT):
        here.send(message)
    here.recv()


def _send_pictures(here: Connection, picture: bytes) -> None:
    for _ in range(PICTURES):
        here.send_bytes(picture)
    here.recv()


def _echo_pipe(there: Connection) -> None:
    for _ in range(ROUND_TRIPS):
        there.send(there.recv())
    for _ in range(SENT):
        last = there.recv()
    there.send(last)
    for _ in range(PICTURES):
        there.recv_bytes()
    there.send(last)


def shared_picture() -> float:
    """Seconds for one picture through shared memory: copied in, found, copied out."""
    writer, picture = PictureWriter(Stream.REMOTE), planes()
    reader = PictureReader(os.dup(writer.descriptor))

    def pass_on() -> None:
        for number in range(PICTURES):
            writer.write(SIZE, number, picture)
            newest = reader.latest()
            assert newest is not None
            for plane in newest.planes:
                bytes(plane.data)
            assert newest.intact()

    pass_on()
    return _seconds(pass_on) / PICTURES


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Measure and leave the figures in build/bench/ipc.json."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        times, rate = asyncio.run(ours(Path(folder) / "agent.sock"))
    pipe_times, pipe_rate, pipe_picture = pipes()
    trip, pipe_trip = statistics.quantiles(times, n=100), statistics.quantiles(pipe_times, n=100)
    beside = functools.partial(Figure, peer="Pipe")
    figures = (
        beside(
            what="snapshot there and back, median",
            unit="ms",
            better="less",
            value=trip[49] * 1e3,
            peer_value=pipe_trip[49] * 1e3,
        ),
        beside(
            what="snapshot there and back, 99 %",
            unit="ms",
            better="less",
            value=trip[98] * 1e3,
            peer_value=pipe_trip[98] * 1e3,
        ),
        beside(what="snapshots one way", unit="per s", better="more", value=rate, peer_value=pipe_rate),
        beside(
            what="720p picture",
            unit="ms",
            better="less",
            value=shared_picture() * 1e3,
            peer_value=pipe_picture * 1e3,
        ),
    )
    write("ipc", figures, load)


if __name__ == "__main__":
    main()
