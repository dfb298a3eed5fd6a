"""The command that tells what becomes of texts: one JSON line for each line, whatever comes."""

import json
import subprocess
import sys
from typing import Any

from kit.meeting.invitation import PortalOrigin
from kit.meeting.reading import outcome


def ask(lines: bytes, *words: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "kit.meeting.invitation", *words]
    run = subprocess.run(command, input=lines, capture_output=True, check=True, timeout=60)
    assert run.stderr == b""
    return [json.loads(line) for line in run.stdout.split(b"\n")[:-1]]


def test_each_line_is_answered_with_where_it_leads_or_why_not() -> None:
    lines = [
        b"https://meet.region.test/webapp/m/sip-1?pin=1234",
        b"https://meet.region.test/janus/77",
        b"hembesok\r",
        b"https://evil.test/webapp/m/x",
        b"WIFI:T:WPA;S:Hemma;P:hemligt;;",
        b"BEGIN:VCARD",
        b"C+46701740605;100;Fika;0",
        b"",
        b"\xff\xfe\x00\x1b",
        "https://meet.region.test/webapp/m/\u202egnp".encode(),
        b"x" * 10_000,
        b"y" * 300_000,
        b"[" * 9_000,
    ]
    rows = ask(b"\n".join(lines), "--allow", "meet.region.test, *.lab.test")
    assert [(row["accepted"], row["kind"], row["host"], row["room"]) for row in rows] == [
        (True, "pexip", "meet.region.test", "sip-1"),
        (True, "janus", "meet.region.test", "77"),
        (True, "pexip", "meet.region.test", "hembesok"),
        (False, "link", None, None),
        (False, "wifi", None, None),
        (False, "contact", None, None),
        (False, "payment", None, None),
        *[(False, "text", None, None)] * 2,
        (False, "link", None, None),
        *[(False, "text", None, None)] * 3,
    ]
    assert all(bool(row["reason"]) is not row["accepted"] for row in rows)
    assert "1234" not in json.dumps(rows[0])


def test_without_allowed_hosts_nothing_is_accepted_and_nothing_in_is_nothing_out() -> None:
    assert ask(b"") == []
    (row,) = ask(b"https://meet.region.test/webapp/m/x\n")
    assert not row["accepted"]


def test_portals_may_be_given_by_name_and_origin() -> None:
    portals = [PortalOrigin(name="Visiba", origin="https://portal.test")]
    row = outcome(b"https://portal.test/m/1", (), portals)
    assert (row["kind"], row["host"], row["room"]) == ("portal", "portal.test", "Visiba")
