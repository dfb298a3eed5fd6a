"""From a booking system over HTTP, through the fleet's programs and a real broker, to a kit; and back out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fleet.clock import local, now_ms
from fleet.contract import DESIRED, encode, topic
from fleet.store import Store
from tests.peers.fleet.support import Kit, Program, reachable, wait_for

StartKit = Callable[..., Kit]
CANARIES = ("Kanariefågel", "191212121212", "kanarie-fritext")


def run(*words: str) -> str:
    """The command line, to its end."""
    command = [sys.executable, "-m", "fleet.booking", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


@pytest.fixture
def program(tmp_path: Path, store: Store, free_port: Callable[[], int]) -> Iterator[tuple[Program, str]]:
    """The running interface and its address."""
    port = free_port()
    command = [sys.executable, "-m", "fleet.booking", "serve", "--database", store.url]
    result = Program(tmp_path, "booking", *command, "--listen", f"127.0.0.1:{port}")
    result.start()
    wait_for(lambda: reachable(port))
    yield result, f"http://127.0.0.1:{port}/fhir/"
    result.stop()


def appointment(**more: Any) -> dict[str, Any]:
    start = local(now_ms()) + timedelta(seconds=1)
    return {
        "resourceType": "Appointment",
        "id": "b1",
        "status": "booked",
        "start": start.isoformat(timespec="seconds"),
        "virtualService": [{"addressUrl": "https://meet.example/webapp/m/sip", "sessionKey": "8642"}],
        "participant": [
            {"status": "accepted", "actor": {"reference": "Device/kit-0001"}},
            {"status": "accepted", "actor": {"reference": "Patient/1", "display": "Kanariefågel"}},
        ],
        **more,
    }


def test_a_booking_reaches_the_kit_and_a_patient_reaches_nothing(
    store: Store, taker: Program, kit: StartKit, program: tuple[Program, str], tmp_path: Path
) -> None:
    booking, address = program
    token = run("add", "--database", store.url, "--system", "kalender", "--name", "Kalendern")
    sender = kit("kit-0001")
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"}) as client:
        sent = appointment(description="kanarie-fritext", subject={"display": "191212121212"})
        answer = client.put("Appointment/b1", json=sent)
        assert answer.status_code == 201
        wait_for(lambda: sender.desired is not None and len(sender.desired.meetings) == 1)
        assert sender.desired is not None
        meeting = sender.desired.meetings[0]
        assert (meeting.title, meeting.link, meeting.pin) == (
            "Vårdmöte",
            "https://meet.example/webapp/m/sip",
            "8642",
        )
        assert client.put("Appointment/b1", content=b'{"Kanarief').status_code == 415
        assert client.put("Appointment/b1", json={"191212121212": "Kanariefågel"}).status_code == 400
        retained = encode(sender.desired).decode()
        stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
        for canary in CANARIES:
            assert canary not in answer.text + retained
            assert canary.encode() not in stored
        assert token.partition(".")[2].encode() not in stored
        assert b"8642" not in booking.log().encode() + taker.log().encode()

        assert client.delete("Appointment/b1").status_code == 204
        wait_for(lambda: sender.desired is not None and sender.desired.meetings == [])
    assert topic(DESIRED, "kit-0001") == "kits/kit-0001/cmd/desired"


def test_a_system_is_listed_and_its_token_taken_back(store: Store, program: tuple[Program, str]) -> None:
    _, address = program
    token = run(
        "add", "--database", store.url, "--system", "kalender", "--name", "K", "--municipality", "norr"
    )
    headers = {"authorization": f"Bearer {token}"}
    assert httpx.put(f"{address}Appointment/b1", json=appointment(), headers=headers).status_code == 201
    assert run("list", "--database", store.url).split("\t")[:3] == ["kalender", "valid", "norr"]
    run("revoke", "--database", store.url, "kalender")
    assert "revoked" in run("list", "--database", store.url)
    assert httpx.get(f"{address}Appointment/b1", headers=headers).status_code == 401


def test_others_than_this_machine_are_served_over_tls_only(store: Store) -> None:
    command = [sys.executable, "-m", "fleet.booking", "serve", "--database", store.url]
    refused = subprocess.run([*command, "--listen", "0.0.0.0:1"], capture_output=True, timeout=60)
    assert refused.returncode != 0
    assert b"--cert" in refused.stderr
