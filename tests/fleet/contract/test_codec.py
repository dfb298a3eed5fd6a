"""What the codec lets through, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from fleet.contract import (
    Ack,
    Battery,
    Body,
    Case,
    Desired,
    DesiredApplied,
    Dropped,
    Fault,
    Health,
    Locked,
    Meeting,
    Mobile,
    PatientWifiRemoved,
    Presence,
    Refused,
    RefusedReport,
    Report,
    SupportContact,
    TakesOver,
    VisitSummary,
    decode,
    decode_body,
    decode_head,
    decode_report,
    encode,
)
from fleet.contract.limits import MAX_MESSAGE_BYTES
from tests.fleet.samples import NOON, STREAM, WELL

SUPPORT = SupportContact(
    name="Regionens utrustningsservice", phone="08-465 004 10", hours="vardagar 7–17", responsible="region"
)
DESIRED = Desired(
    version=3,
    unit_name="Enhet 07",
    place="Hemsjukvården Norr",
    municipality="Norrkommunen",
    agreement="rental",
    support=SUPPORT,
    allowed_hosts=["meet.example", "*.meet.example", "localhost:8443"],
    meetings=[
        Meeting(id="m1", title="SIP-möte", start=NOON, link="https://meet.example/webapp/m/x", pin="1234")
    ],
    locked=Locked(reason="replaced", since=NOON, replaced_by="kit-0008", replaced_by_unit="Enhet 08"),
    takes_over=TakesOver(from_kit="kit-0001", since=NOON),
)
BODIES: list[Body] = [
    WELL,
    Health(),
    Fault(local_id=STREAM, category="sound", text="Hörs inte", facts=WELL),
    VisitSummary(
        duration_s=1800, participants=4, evaluation={"sound": 5, "again": "skipped"}, missing_parts=["puck"]
    ),
    DesiredApplied(version=3),
    DesiredApplied(version=3, problem="disk_full"),
    PatientWifiRemoved(verified=True),
    Dropped(reason="outbox_full"),
]
MESSAGES = [
    DESIRED,
    Ack(stream=STREAM, seq=0, refused=[RefusedReport(seq=4, code="not_in_contract")]),
    Case(number=12, state="received", since=NOON, handled_by=SUPPORT, local_id=STREAM),
    Presence(state="offline", session=STREAM, why="connection_lost"),
]


def envelope(body: object) -> bytes:
    return msgspec.json.encode({"kit": "kit-0007", "stream": STREAM, "seq": 1, "at": NOON, "body": body})


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_every_body_comes_back_as_it_was_sent(body: Body) -> None:
    sent = Report(kit="kit-0007", stream=STREAM, seq=1, at=NOON, body=body)
    assert decode_report(encode(sent)) == sent
    assert decode_body(decode_head(encode(sent))) == body


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_message_comes_back_as_it_was_sent(message: msgspec.Struct) -> None:
    assert decode(type(message), encode(message)) == message


def test_the_sender_is_refused_what_the_receiver_would_refuse() -> None:
    with pytest.raises(Refused, match=r"not_in_contract body\.battery\.percent"):
        encode(
            Report(
                kit="kit-0007",
                stream=STREAM,
                seq=1,
                at=NOON,
                body=Health(battery=Battery(percent=101, charging=True)),
            )
        )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"{", "not_json"),
        (b"[]", "not_in_contract"),
        (b" " * (MAX_MESSAGE_BYTES + 1), "too_large"),
        (envelope({"type": "nobody-knows"}), "not_in_contract"),
        (envelope({"type": "health", "visit": "surgery"}), "not_in_contract"),
        (
            envelope({"type": "fault", "local_id": STREAM, "category": "sound", "text": "x" * 201}),
            "not_in_contract",
        ),
        (
            envelope({"type": "fault", "local_id": STREAM, "category": "sound", "text": "a\nb"}),
            "not_in_contract",
        ),
        (envelope({"type": "visit_summary", "duration_s": 1, "evaluation": {"a": 6}}), "not_in_contract"),
        (envelope({"type": "health"}).replace(b"kit-0007", b"kit-0007\\n"), "not_in_contract"),
        (envelope({"type": "health"}).replace(b'"seq":1', b'"seq":0'), "not_in_contract"),
        (b'{"other":' * 5000, "too_deep"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        decode_report(data)
    assert caught.value.code == code


@pytest.mark.parametrize("read", [decode_report, lambda data: decode_body(decode_head(data))])
def test_a_refusal_repeats_nothing_of_what_was_sent(read: Callable[[bytes], object]) -> None:
    with pytest.raises(Refused) as caught:
        read(envelope({"type": "canary-in-the-type", "text": "canary"}))
    assert "canary" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_unknown_body_leaves_the_number_readable() -> None:
    head = decode_head(envelope({"type": "of-a-later-version"}))
    assert (head.kit, head.stream, head.seq) == ("kit-0007", STREAM, 1)


def test_a_newer_peers_extra_fields_are_ignored() -> None:
    assert decode_body(decode_head(envelope({"type": "health", "mood": "fine"}))) == Health()


def test_kits_with_and_without_mobile_broadband_are_both_understood() -> None:
    mobile = {"sim": "ready", "registration": "home", "of_a_later_version": 1}
    with_it = decode_body(decode_head(envelope({"type": "health", "mobile": mobile})))
    assert with_it == Health(mobile=Mobile(sim="ready", registration="home"))
    assert b"mobile" not in encode(Health())


@pytest.mark.parametrize(
    "link",
    ["javascript alert(1)", "no-scheme", "https://meet.example/\u0000", "https://meet.example/a b", ""],
)
def test_a_meeting_link_is_one_address(link: str) -> None:
    with pytest.raises(Refused):
        encode(Meeting(id="m1", title="SIP-möte", start=NOON, link=link))


def test_a_meeting_keeps_its_link_and_pin_out_of_logs() -> None:
    assert repr(DESIRED.meetings[0]) == f"Meeting(start={NOON})"
    assert "1234" not in repr(DESIRED)
