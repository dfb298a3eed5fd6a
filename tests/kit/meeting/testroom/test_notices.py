import pytest

from kit.meeting.testroom.rooms.notices import Created, Deleted, Told, Updated, render, roster
from kit.meeting.testroom.rooms.participant import Participant, Role, ServiceType, row


def person(uuid: str, role: Role = Role.GUEST, *, waiting: bool = False) -> Participant:
    service = ServiceType.WAITING_ROOM if waiting else ServiceType.CONFERENCE
    return Participant(
        uuid=uuid, display_name=uuid.upper(), role=role, service_type=service, start_time=1, call_tag="tag"
    )


HOST, GUEST, WAITING = person("h", Role.CHAIR), person("g"), person("w", waiting=True)
PEOPLE = {p.uuid: p for p in (HOST, GUEST, WAITING)}


def test_who_waits_is_told_of_itself_only() -> None:
    for kind in (Created, Updated, Deleted):
        assert render(kind(GUEST), WAITING) is None
        assert render(kind(WAITING), WAITING) is not None
        assert render(kind(WAITING), HOST) is not None
    assert [entry["uuid"] for entry in roster(PEOPLE, WAITING)] == ["w"]
    assert [entry["uuid"] for entry in roster(PEOPLE, HOST)] == ["h", "g", "w"]


def test_events_for_some_reach_only_them() -> None:
    assert render(Told("bye", None, frozenset({"g"})), GUEST) == ("bye", None)
    assert render(Told("bye", None, frozenset({"g"})), HOST) is None
    assert render(Told("stage", [], waiting_too=False), WAITING) is None
    assert render(Created(HOST, frozenset({"g"})), GUEST) is not None
    assert render(Created(HOST, frozenset({"g"})), HOST) is None


@pytest.mark.parametrize("field", ["uri", "vendor", "protocol", "call_tag"])
def test_some_fields_are_blank_for_guests(field: str) -> None:
    assert row(HOST, to_host=False)[field] == ""


def test_the_roster_object_has_the_fields_and_types_of_the_api() -> None:
    entry = row(HOST, to_host=True)
    yes_no = [key for key, value in entry.items() if value in ("YES", "NO")]
    assert set(yes_no) == {
        "is_muted",
        "is_audio_only_call",
        "is_video_call",
        "is_presenting",
        "presentation_supported",
        "mute_supported",
        "disconnect_supported",
        "transfer_supported",
        "fecc_supported",
    }
    assert entry["api_url"] == "/participants/h"
    assert entry["role"] == "chair"
    assert entry["protocol"] == "api"
    assert isinstance(entry["is_client_muted"], bool)


def test_a_participant_with_a_call_is_a_webrtc_video_participant() -> None:
    talking = Participant(
        uuid="k",
        display_name="K",
        role=Role.GUEST,
        service_type=ServiceType.CONFERENCE,
        start_time=1,
        has_media=True,
        has_video=True,
    )
    entry = row(talking, to_host=True)
    assert (entry["protocol"], entry["has_media"], entry["is_video_call"]) == ("webrtc", True, "YES")
