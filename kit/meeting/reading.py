"""``python -m kit.meeting.invitation --allow host,host``: what becomes of texts, one per line.

One JSON object a line: ``accepted``; ``kind`` (pexip, janus, portal; for what is refused link, wifi, contact,
payment, login, text); ``host`` and ``room`` of what is accepted; ``reason`` in Swedish for what is not. Lines
may hold any bytes; of a line longer than 64 KiB the beginning is read. A mark of UTF-8 before the first is no
part of it. PINs are not printed. Ends with 1 when nobody takes the answers any more.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, BinaryIO, Final

import typer

from kit.meeting.invitation import PortalOrigin, Refused, parse
from kit.visit.model import Refusal

MAX_LINE: Final = 64 * 1024

KINDS: Final = {
    Refusal.CODE_UNKNOWN: "text",
    Refusal.CODE_WIFI: "wifi",
    Refusal.CODE_CONTACT: "contact",
    Refusal.CODE_PAYMENT: "payment",
    Refusal.CODE_LOGIN: "login",
}
REASONS: Final = {
    Refusal.LINK_INVALID: "Länken går inte att använda. Kontrollera att hela länken kom med.",
    Refusal.LINK_HOST_NOT_ALLOWED: "Länken leder inte till regionens möten.",
    Refusal.LINK_TOO_LONG: "Texten är för lång för att vara en möteslänk.",
    Refusal.LINK_SCHEME: "Det här är ingen möteslänk. En möteslänk börjar med https://.",
    Refusal.CODE_UNKNOWN: "Texten är varken en möteslänk eller en möteskod.",
    Refusal.CODE_PERSONAL: "Det ser ut som ett personnummer och skickas ingenstans.",
    Refusal.CODE_WIFI: "Det är en kod för wifi, inte för ett möte.",
    Refusal.CODE_CONTACT: "Det är ett visitkort, inte ett möte.",
    Refusal.CODE_PAYMENT: "Det är en kod för betalning, inte för ett möte.",
    Refusal.CODE_LOGIN: "Det är en kod för inloggning, inte för ett möte.",
}


def outcome(
    line: bytes, allowed_hosts: Sequence[str], portals: Sequence[PortalOrigin] = ()
) -> dict[str, Any]:
    """What becomes of one line."""
    text = line.decode("utf-8", errors="replace")
    found = parse(text, allowed_hosts, portals)
    if isinstance(found, Refused):
        kind = KINDS.get(found.reason) or ("link" if ":" in text or "/" in text else "text")
        return _row(kind, None, None, REASONS[found.reason])
    return _row(found.service.value, found.host, found.alias, "")


def main() -> None:
    """The command line."""
    typer.run(_run)


def _run(
    allow: Annotated[str, typer.Option(help="allowed hosts: name or name:port, separated by commas")] = "",
    portal: Annotated[list[str] | None, typer.Option(help="name=https://origin; may be repeated")] = None,
) -> None:
    """Read texts from standard input, one per line; print what becomes of each as JSON."""
    hosts = tuple(host.strip() for host in allow.split(",") if host.strip())
    portals = [PortalOrigin(name=p.partition("=")[0], origin=p.partition("=")[2]) for p in portal or []]
    if sys.stdout is None:
        raise typer.Exit(1)
    try:
        for line in () if sys.stdin is None else _lines(sys.stdin.buffer):
            sys.stdout.write(json.dumps(outcome(line, hosts, portals)) + "\n")
            sys.stdout.flush()
    except OSError:
        # What is still in the buffer has nowhere to go, and Python would try once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(1) from None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    signature = codecs.BOM_UTF8
    while line := stream.readline(MAX_LINE):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        yield line.removesuffix(b"\n").removeprefix(signature)
        signature = b""


def _row(kind: str, host: str | None, room: str | None, reason: str) -> dict[str, Any]:
    return {"accepted": not reason, "kind": kind, "host": host, "room": room, "reason": reason}
