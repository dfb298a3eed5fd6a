"""The command that tells what becomes of texts: one JSON line for each line, whatever comes."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from typing import Any

from kit.meeting.invitation import PortalOrigin
from kit.meeting.reading import outcome

COMMAND = (sys.executable, "-m", "kit.meeting.invitation")
HOST = "meet.region.test"


def ask(lines: bytes, *words: str) -> list[dict[str, Any]]:
    run = subprocess.run([*COMMAND, *words], input=lines, capture_output=True, check=True, timeout=60)
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


def test_files_of_other_systems_are_read_as_they_are_meant() -> None:
    link = b"https://meet.region.test/webapp/m/sip-1"
    rows = ask(b"\xef\xbb\xbf" + link + b"\r\n\r\n" + link + b"\n\xef\xbb\xbf" + link, "--allow", HOST)
    assert [row["accepted"] for row in rows] == [True, False, True, False]


def test_hostile_bytes_are_answered_line_by_line() -> None:
    link = b"https://meet.region.test/webapp/m/"
    hostile = (
        *(link + bad for bad in (b"\x00", b"a\x00", b"%00", b"%ff", b"%zz", b"a\x1b[2J", b"\xed\xa0\x80")),
        *(
            b"\x00" + link,
            b"\xf0\x28",
            b"a\x0bb\x0cc\xc2\x85d\xe2\x80\xa8e",
            b"https://[::1",
            b"https://:x/",
            b"://",
        ),
        *(link + b"a?pin=" + 10_000 * b"1", 65_536 * b"x", 65_535 * b"x", 65_537 * b"x", 9_000 * b"%00"),
    )
    rows = ask(b"\n".join(hostile), "--allow", HOST)
    assert len(rows) == len(hostile)
    assert not any(row["accepted"] for row in rows)


ELSEWHERE = """
evil.test meet.region.test.evil.test evil.test#@meet.region.test evil.test/@meet.region.test @meet.region.test
:@meet.region.test meet.region.test@ meet.region.test: meet.region.test:80 meet.region.test:0443
meet.region.test:443443 meet.region.test:-443 meet.region.test:４４３ meet.region.test.. .meet.region.test
[::1] [::ffff:127.0.0.1] [fe80::1%25eth0] [meet.region.test] [v1.meet.region.test] 127.0.0.1 0x7f000001
2130706433 0177.1 xn--met-bja.region.test meet.regıon.test MEET.REGİON.TEST meet。region。test
meet․region.test meet.region.test․evil.test meet%2eregion.test meet.region.test%00.evil.test
meet.region.test%2f@evil.test meet.region.test%252f meet.region.test%23.evil.test
"""
SIGNS = "\u200b\u200d\u00ad\ufeff\u202e\u2066\u2069\u0000\u001b\u0085\u2028\ufffd\U000e0061"
"""Nothing of them is seen, or all that comes after is seen in another order."""
SCHEMES = "http ws wss ftp file data blob view-source intent javascript chrome about sip tel mailto"
PATHS = """
.. %2e%2e %252e%252e ..%2f a%2fb a%5cb %00 a%0d%0aHost:evil a%20b %e2%80%ae %c0%ae%c0%ae %u002e % %2 %zz
a;b a/../../x ../../api/x x/./y /x x#frag x#/../evil x?pin=%F0%9F%98%80 x?pin=１２３４ x?pin=1&pin=2
"""


def test_no_spelling_leads_elsewhere_or_hides_what_it_is() -> None:
    room = f"https://{HOST}/webapp/m/"
    lines = [
        *(f"https://{host}/webapp/m/x" for host in ELSEWHERE.split()),
        *(f"https://{HOST[:4]}{sign}{HOST[4:]}/webapp/m/x" for sign in SIGNS),
        *(f"{sign}https://{HOST}/webapp/m/x" for sign in SIGNS if not sign.isspace()),
        *(f"{room}a{sign}b" for sign in SIGNS),
        *(f"{scheme}:{slashes}{HOST}/webapp/m/x" for scheme in SCHEMES.split() for slashes in ("//", "")),
        *(f"https:{slashes}{HOST}/webapp/m/x" for slashes in ("", "/", "///", "\\\\")),
        *(room + path for path in PATHS.split()),
        *(f"pexip://{rest}" for rest in ("x@evil.test", "x?host=evil.test", HOST, f"x@{HOST}@evil.test")),
    ]
    rows = ask("\n".join(lines).encode(), "--allow", HOST)
    assert [line for line, row in zip(lines, rows, strict=True) if row["accepted"]] == []
    assert {row["kind"] for row in rows} <= {"link", "text"}


def test_lines_without_end_are_answered_as_they_come_and_not_kept() -> None:
    block = b"https://meet.region.test/webapp/m/sip-1\n" * 1000
    with subprocess.Popen([*COMMAND, "--allow", HOST], stdin=PIPE, stdout=PIPE, stderr=PIPE) as run:
        assert run.stdin
        assert run.stdout
        grown = []
        for _ in range(20):
            run.stdin.write(block)
            run.stdin.flush()
            for _ in range(1000):
                assert b'"sip-1"' in run.stdout.readline()
            status = Path(f"/proc/{run.pid}/status").read_text()
            grown.append(next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line))
        run.stdin.close()
        assert run.stdout.read() == b""
        assert run.wait(60) == 0
    assert grown[-1] - grown[1] < 2000


def test_nobody_who_reads_the_answers_and_nobody_who_asks_are_no_crash() -> None:
    link = b"https://meet.region.test/webapp/m/sip-1\n"
    for redirected, codes in (
        ("| true", {0, 1}),
        ("> /dev/full", {1}),
        ("<&-", {0}),
        (">&-", {1}),
    ):
        asked = f"set -o pipefail; {shlex.join(COMMAND)} {redirected}"
        run = subprocess.run(["bash", "-c", asked], input=1000 * link, capture_output=True, timeout=60)
        assert run.stderr == b""
        assert run.returncode in codes


def test_without_allowed_hosts_nothing_is_accepted_and_nothing_in_is_nothing_out() -> None:
    assert ask(b"") == []
    (row,) = ask(b"https://meet.region.test/webapp/m/x\n")
    assert not row["accepted"]


def test_portals_may_be_given_by_name_and_origin() -> None:
    portals = [PortalOrigin(name="Visiba", origin="https://portal.test")]
    row = outcome(b"https://portal.test/m/1", (), portals)
    assert (row["kind"], row["host"], row["room"]) == ("portal", "portal.test", "Visiba")
