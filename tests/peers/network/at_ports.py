"""The modem of software at its ports, and a control socket that says how it is to behave.

    python -m tests.peers.network.at_ports serve abstract:port0:77 --control /run/modem.sock
    … serve /dev/ttyGS0 /dev/ttyGS1 --control /run/modem.sock --data "pppd {} nodetach …"
    … tell /run/modem.sock '{"registration": 5, "rsrp": -112}'

Told is one JSON object, parts of :class:`Behaviour`; the whole is the answer. Standard library only, so that
it also runs in a virtual machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sys
import termios
import tty
from pathlib import Path
from typing import Final

from tests.peers.network.at_modem import CONNECTED, Behaviour, Change, Modem

MAX_LINE: Final = 4096


class Ports:
    """The modem at its ports: abstract Unix sockets as ModemManager's virtual ports are, or serial lines."""

    def __init__(self, modem: Modem, data: str = "") -> None:
        """``data``: the program that a call for data starts, with ``{}`` for the serial line."""
        self._modem = modem
        self._data = data

    async def serve(self, port: str) -> None:
        """Answer until cancelled."""
        if port.startswith("/"):
            while True:
                await self._serial(port)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"\0{port}")
        server = await asyncio.start_unix_server(self._visit, sock=listener)
        await server.serve_forever()

    async def control(self, path: Path) -> None:
        """Be told how to behave, until cancelled."""
        server = await asyncio.start_unix_server(self._obey, path)
        await server.serve_forever()

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._converse(reader, writer)
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one side until it goes away (False) or calls for data (True)."""

        def say(line: str) -> None:
            writer.write(f"\r\n{line}\r\n".encode())

        self._modem.listeners.add(say)
        try:
            while command := await _line(reader):
                answer = self._modem.answer(command)
                print(f"{command} -> {answer!r}", flush=True)  # noqa: T201 - its log
                say(answer)
                if answer.startswith(CONNECTED) and self._data:
                    await writer.drain()
                    return True
        finally:
            self._modem.listeners.discard(say)
        return False

    async def _serial(self, path: str) -> None:
        """A serial line until it hangs up; while data flows, the line is the data program's."""
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(descriptor, termios.TCSANOW)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        file = os.fdopen(descriptor, "r+b", buffering=0)
        reads, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        copy = os.fdopen(os.dup(descriptor), "wb", buffering=0)
        writes, flow = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, copy)
        writer = asyncio.StreamWriter(writes, flow, reader, loop)
        wants_data = False
        with contextlib.suppress(OSError):
            wants_data = await self._converse(reader, writer)
        reads.close()
        writes.close()
        if wants_data:
            await self._carry(path)
        else:
            # The line hung up, and does so again at once while nobody has opened its other end.
            await asyncio.sleep(0.2)

    async def _carry(self, path: str) -> None:
        """Let data flow until either end has enough of it."""
        program = await asyncio.create_subprocess_exec(*self._data.format(path).split())

        def hang_up() -> None:
            if program.returncode is None:
                program.terminate()

        with self._modem.calling(hang_up):
            print(f"data ended: {await program.wait()}", flush=True)  # noqa: T201 - its log

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer: object = self._modem.change(json.loads(await reader.readline()))
        except ValueError as refused:
            answer = {"refused": str(refused)}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()


def tell(control: Path, change: Change | None = None) -> Change:
    """Change how the modem behaves, and return how it behaves then."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(30)
        wire.connect(str(control))
        wire.sendall(json.dumps(change or {}).encode() + b"\n")
        answer: Change = json.loads(wire.makefile().readline())
    assert "refused" not in answer, answer
    return answer


async def _line(reader: asyncio.StreamReader) -> str:
    """The next command; empty when the other side went away, or talks for ever without an end of line."""
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        while command := await reader.readuntil(b"\r"):
            if line := command.decode(errors="replace").strip("\r\n\0 "):
                return line[:MAX_LINE]
    return ""


async def _serve(names: list[str], control: Path, data: str, behaviour: Behaviour) -> None:
    ports = Ports(Modem(behaviour), data)
    await asyncio.gather(*map(ports.serve, names), ports.control(control))


def main() -> None:
    """Serve, or tell one that serves."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ways = parser.add_subparsers(dest="way", required=True)
    serve = ways.add_parser("serve")
    serve.add_argument("ports", nargs="+")
    serve.add_argument("--control", type=Path, required=True)
    serve.add_argument("--data", default="")
    serve.add_argument("--behaviour", type=json.loads, default={})
    telling = ways.add_parser("tell")
    telling.add_argument("control", type=Path)
    telling.add_argument("change", type=json.loads)
    given = parser.parse_args()
    if given.way == "tell":
        json.dump(tell(given.control, given.change), sys.stdout)
    else:
        behaviour = Behaviour(**given.behaviour)
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(given.ports, given.control, given.data, behaviour))


if __name__ == "__main__":
    main()
