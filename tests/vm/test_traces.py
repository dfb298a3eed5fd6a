"""The scanner finds each form of each needle, wherever it lies, and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.vm.needles import NEEDLES, NETWORK, forms
from tests.vm.traces import Scanner, main

CHUNK = 1 << 24
"""How much the scanner reads at once."""


@pytest.fixture(scope="module")
def knows() -> Scanner:
    return Scanner(NEEDLES)


@pytest.mark.parametrize("name", NEEDLES)
def test_each_form_is_found_at_even_and_at_odd_places(name: str, knows: Scanner) -> None:
    for form, pattern in forms(NEEDLES[name]).items():
        for before in (b"", b"x", b"xy"):
            hits = knows.memory(before + pattern + b"#")
            assert name in {hit.needle for hit in hits}, form


@pytest.mark.parametrize("before", range(3))
def test_it_is_found_in_the_middle_of_base64(before: int, knows: Scanner) -> None:
    text = b"-" * before + NETWORK.password.encode() + b" and so on"
    assert {hit.needle for hit in knows.memory(base64.b64encode(text))} == {"password"}


@pytest.mark.parametrize(
    "text",
    [
        NETWORK.ssid.encode("utf-16-le"),
        NETWORK.bssid.upper().encode(),
        NETWORK.bssid.replace(":", "").encode(),
        bytes.fromhex(NETWORK.pmk),
        b"Kungsf%C3%A5gel%20K%C3%B6ket%205317",
        b"Kungsf\\xc3\\xa5gel K\\xc3\\xb6ket 5317",
        b"Kungsf\\303\\245gel K\\303\\266ket 5317",
        b"75;117;110;103;115;102;195;165;103;101;108;32;75;195;182;107;101;116;32;53;51;49;55;",
    ],
)
def test_it_is_found_as_programs_write_it(text: bytes, knows: Scanner) -> None:
    assert knows.memory(b"\0" * 99 + text + b"\0" * 99)


def test_it_is_found_across_the_border_of_what_is_read_at_once(tmp_path: Path, knows: Scanner) -> None:
    disk, secret = tmp_path / "disk", NETWORK.password.encode()
    for place in range(CHUNK - len(secret) - 1, CHUNK + 2):
        with disk.open("wb") as file:
            file.truncate(CHUNK * 2)
            file.seek(place)
            file.write(secret)
        assert [(hit.needle, hit.offset) for hit in knows.file(disk)] == [("password", place)]


def test_nothing_is_found_where_nothing_is(tmp_path: Path, knows: Scanner) -> None:
    disk = tmp_path / "disk"
    for content in (b"", b"\0" * 100_001, NETWORK.ssid.encode()[:-1] * 1000):
        disk.write_bytes(content)
        assert knows.file(disk) == []


def test_a_needle_too_short_to_be_sure_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Scanner({"ssid": "Hem"})


def test_the_command_says_what_it_found_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needles, disk = tmp_path / "needles.json", tmp_path / "disk"
    needles.write_text('{"ssid": "Kungsfagel-5317"}')
    disk.write_bytes(b"nothing")
    assert main([str(needles), str(disk)]) == 0
    disk.write_bytes(b"..Kungsfagel-5317")
    assert main([str(needles), str(disk)]) == 1
    assert "ssid at 2" in capsys.readouterr().out
    assert main([str(needles), str(tmp_path)]) == 1
    assert f"{disk}: 1 found" in capsys.readouterr().out
