"""Pictures by shared memory: what is written is what is read, and a torn picture is known as such."""

import asyncio
import os
from pathlib import Path

import pytest

from kit.ipc.pictures import (
    MAX_HEIGHT,
    MAX_WIDTH,
    Picture,
    PictureClient,
    PictureReader,
    PictureServer,
    PictureWriter,
    Plane,
    Stream,
    picture_socket,
)


def planes(width: int, height: int, value: int) -> tuple[Plane, Plane, Plane]:
    half = (height + 1) // 2
    luma = memoryview(bytes([value]) * (width * height))
    chroma = memoryview(bytes([value + 1]) * (width // 2 * half))
    return Plane(luma, width, height), Plane(chroma, width // 2, half), Plane(chroma, width // 2, half)


def pair() -> tuple[PictureWriter, PictureReader]:
    writer = PictureWriter(Stream.REMOTE)
    return writer, PictureReader(os.dup(writer.descriptor))


def newest(reader: PictureReader) -> Picture:
    picture = reader.latest()
    assert picture is not None
    return picture


def test_the_newest_picture_is_read_with_its_size_and_time() -> None:
    writer, reader = pair()
    for value in range(1, 6):
        writer.write((64, 36), 1000 + value, planes(64, 36, value))
    picture = newest(reader)
    assert (picture.width, picture.height, picture.captured_us) == (64, 36, 1005)
    assert [set(bytes(p.data)) for p in picture.planes] == [{5}, {6}, {6}]
    assert picture.intact()


def test_a_picture_that_is_overwritten_while_read_is_known_to_be_torn() -> None:
    writer, reader = pair()
    writer.write((64, 36), 1, planes(64, 36, 1))
    picture = newest(reader)
    for value in range(3):
        writer.write((64, 36), 2, planes(64, 36, value))
    assert not picture.intact()


def test_the_size_may_change_between_pictures() -> None:
    writer, reader = pair()
    writer.write((64, 36), 1, planes(64, 36, 1))
    writer.write((32, 18), 2, planes(32, 18, 2))
    assert (newest(reader).width, newest(reader).planes[0].rows) == (32, 18)


def test_after_clear_there_is_no_picture_and_nothing_of_it_in_memory() -> None:
    writer, reader = pair()
    writer.write((64, 36), 1, planes(64, 36, 77))
    writer.clear()
    assert reader.latest() is None
    assert not any(os.pread(writer.descriptor, 1 << 20, 0))


def test_a_picture_beyond_the_largest_size_is_refused() -> None:
    writer, _ = pair()
    with pytest.raises(ValueError, match="too large"):
        writer.write((MAX_WIDTH, MAX_HEIGHT + 2), 1, planes(MAX_WIDTH, MAX_HEIGHT + 2, 1))


async def test_a_connected_screen_asks_without_waiting_and_without_connecting_again(tmp_path: Path) -> None:
    server = PictureServer()
    listener = await asyncio.to_thread(server.listen, picture_socket(tmp_path))
    serving = asyncio.create_task(server.serve(listener))
    server.writers[Stream.SELF].write((64, 36), 1, planes(64, 36, 1))
    client = PictureClient(picture_socket(tmp_path))
    first = await asyncio.to_thread(client.latest, Stream.SELF)
    # In the loop: the guard of the tests refuses whatever could block.
    again = client.latest(Stream.SELF)
    assert first is not None
    assert again is not None
    assert again.planes[0].data.obj is first.planes[0].data.obj
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_screen_gets_pictures_again_from_a_restarted_engine(tmp_path: Path) -> None:
    client = PictureClient(picture_socket(tmp_path))
    assert await asyncio.to_thread(client.latest, Stream.SELF) is None
    for value in (1, 2):
        server = PictureServer()
        listener = await asyncio.to_thread(server.listen, picture_socket(tmp_path))
        serving = asyncio.create_task(server.serve(listener))
        await asyncio.sleep(0.05)
        server.writers[Stream.SELF].write((64, 36), value, planes(64, 36, value))
        picture = await asyncio.to_thread(client.latest, Stream.SELF)
        assert picture is not None
        assert picture.captured_us == value
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
