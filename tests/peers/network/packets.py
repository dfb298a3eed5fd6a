"""Whether packets pass: something that answers on ports, and something that asks for an answer."""

from __future__ import annotations

import sys
from typing import Final

_SERVE: Final = """
import selectors, socket, sys
look = selectors.DefaultSelector()
for family in (socket.AF_INET, socket.AF_INET6):
    for port in map(int, sys.argv[1:]):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            made = socket.socket(family, kind)
            if family == socket.AF_INET6:
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            # Answers come from the address that was asked.
            made.setsockopt(*((socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO) if family == socket.AF_INET6
                            else (socket.IPPROTO_IP, 8)), 1)
            made.bind(("", port))
            if kind == socket.SOCK_STREAM:
                made.listen()
            look.register(made, selectors.EVENT_READ)
print("ready", flush=True)
while True:
    for key, _ in look.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            key.fileobj.accept()[0].close()
        else:
            data, asked, _, sender = key.fileobj.recvmsg(100, 100)
            key.fileobj.sendmsg([data], asked, 0, sender)
"""
_ASK: Final = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
kind = socket.SOCK_STREAM if sys.argv[3] == "tcp" else socket.SOCK_DGRAM
made = socket.socket(family, kind)
made.settimeout(float(sys.argv[4]))
try:
    made.connect((sys.argv[1], int(sys.argv[2])))
    if kind == socket.SOCK_DGRAM:
        made.send(b"?")
        made.recv(100)
except OSError as error:
    print("no")
else:
    print("yes")
"""
WAIT_S: Final = 5.0


def serving(*ports: int) -> list[str]:
    """Return the command that answers on these ports, TCP and UDP, both families; it prints "ready"."""
    return [sys.executable, "-c", _SERVE, *map(str, ports)]


def asking(whom: str, port: int, kind: str, wait_s: float = WAIT_S) -> list[str]:
    """Return the command that prints whether there is an answer, "yes" or "no"; ``kind`` is tcp or udp."""
    return [sys.executable, "-c", _ASK, whom, str(port), kind, str(wait_s)]
