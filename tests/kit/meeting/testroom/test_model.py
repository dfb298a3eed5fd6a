from kit.meeting.testroom.config import RoomConfig
from kit.meeting.testroom.rooms.model import HOSTS_GONE, REVOKED, WAITED_TOO_LONG
from kit.meeting.testroom.rooms.notices import Told
from kit.meeting.testroom.rooms.participant import Role, ServiceType
from tests.kit.meeting.testroom.samples import guest, heard, host, meeting, names


def test_a_guest_waits_until_a_host_is_there() -> None:
    m = meeting()
    kit = guest(m)
    assert kit.is_waiting
    _, notices = m.join("Samordnare Norr", Role.CHAIR, 5)
    assert m.participants[kit.uuid].service_type is ServiceType.CONFERENCE
    assert m.started
    told = heard(m, kit.uuid, notices)
    assert ("conference_update", m.status()) in told
    assert [data["uuid"] for name, data in told if name == "participant_update"] == [kit.uuid]  # type: ignore[index]


def test_in_a_locked_room_guests_wait_and_hosts_do_not() -> None:
    m = meeting()
    host(m)
    m.set_lock(True)
    late = guest(m)
    second_host = host(m, "Läkare")
    assert m.participants[late.uuid].is_waiting
    assert not m.participants[second_host.uuid].is_waiting


def test_admission_tells_the_newcomer_who_is_here() -> None:
    m = meeting()
    coordinator = host(m)
    m.set_lock(True)
    late = guest(m)
    told = heard(m, late.uuid, m.admit(late.uuid))
    assert names(told) == ["participant_update", "participant_create"]
    assert told[1][1]["uuid"] == coordinator.uuid  # type: ignore[index]
    assert m.admit(late.uuid) == []


def test_unlocking_lets_in_everyone_who_waits() -> None:
    m = meeting()
    host(m)
    m.set_lock(True)
    late = [guest(m), guest(m)]
    m.set_lock(False)
    assert not any(m.participants[p.uuid].is_waiting for p in late)


def test_unlocking_before_a_host_is_there_lets_in_nobody() -> None:
    m = meeting(RoomConfig("last", host_pin="1234", locked=True))
    kit = guest(m)
    m.set_lock(False)
    assert m.participants[kit.uuid].is_waiting


def test_who_waits_sees_nobody_and_is_seen_in_no_picture() -> None:
    m = meeting()
    coordinator = host(m)
    m.set_lock(True)
    late = guest(m)
    assert m.others(late.uuid) == []
    assert m.others(coordinator.uuid) == []


def test_everyone_sees_the_others_in_order_of_joining() -> None:
    m = meeting()
    a, b, c = host(m), guest(m), guest(m)
    assert [p.uuid for p in m.others(b.uuid)] == [a.uuid, c.uuid]


def test_in_a_lecture_guests_see_hosts_only_and_are_muted() -> None:
    m = meeting(RoomConfig("information", host_pin="1234", lecture=True))
    speaker, a, b = host(m), guest(m), guest(m)
    assert [p.uuid for p in m.others(a.uuid)] == [speaker.uuid]
    assert {p.uuid for p in m.others(speaker.uuid)} == {a.uuid, b.uuid}
    assert m.participants[a.uuid].is_muted
    assert m.participants[a.uuid].service_type is ServiceType.LECTURE


def test_leaving_is_told_once_and_may_be_repeated() -> None:
    m = meeting()
    coordinator, kit = host(m), guest(m)
    told = heard(m, coordinator.uuid, m.leave(kit.uuid, 10))
    assert told == [("participant_delete", {"uuid": kit.uuid})]
    assert m.leave(kit.uuid, 11) == []


def test_the_last_one_out_resets_the_room() -> None:
    m = meeting()
    coordinator = host(m)
    m.set_lock(True)
    m.leave(coordinator.uuid, 10)
    assert not m.started
    assert not m.locked
    assert guest(m).is_waiting


def test_guests_are_put_out_some_time_after_the_last_host_left() -> None:
    m = meeting()
    coordinator, kit = host(m), guest(m)
    m.leave(coordinator.uuid, 100)
    assert m.overdue(159) == []
    assert m.overdue(160) == [(kit.uuid, HOSTS_GONE)]
    host(m, now=161)
    assert m.overdue(1000) == []


def test_who_waits_too_long_is_put_out() -> None:
    m = meeting()
    kit = guest(m, now=0)
    assert m.overdue(899) == []
    assert m.overdue(900) == [(kit.uuid, WAITED_TOO_LONG)]


def test_muting_all_guests_reaches_those_who_come_later() -> None:
    m = meeting()
    coordinator, early = host(m), guest(m)
    m.mute_guests(True)
    late = guest(m)
    assert m.participants[early.uuid].is_muted
    assert m.participants[late.uuid].is_muted
    assert not m.participants[coordinator.uuid].is_muted
    m.mute_guests(False)
    assert not m.participants[late.uuid].is_muted


def test_a_change_that_changes_nothing_is_not_told() -> None:
    m = meeting()
    kit = host(m)
    assert len(m.change(kit.uuid, is_client_muted=True)) == 1
    assert m.change(kit.uuid, is_client_muted=True) == []
    assert m.change("nobody", is_client_muted=True) == []


def test_chat_reaches_the_others_but_not_the_sender_nor_those_who_wait() -> None:
    m = meeting()
    a, b = host(m), guest(m)
    m.set_lock(True)
    late = guest(m)
    notices = m.message(a.uuid, "text/plain", "hej")
    assert heard(m, b.uuid, notices) == [
        (
            "message_received",
            {
                "origin": a.display_name,
                "uuid": a.uuid,
                "type": "text/plain",
                "payload": "hej",
                "direct": False,
            },
        )
    ]
    assert heard(m, a.uuid, notices) == heard(m, late.uuid, notices) == []
    assert m.message(late.uuid, "text/plain", "släpp in mig") == []


def test_a_direct_message_reaches_one_and_says_that_it_is_direct() -> None:
    m = meeting()
    a, b, c = host(m), guest(m), guest(m)
    notices = m.message(a.uuid, "text/plain", "hej", to=c.uuid)
    assert heard(m, b.uuid, notices) == []
    (event,) = heard(m, c.uuid, notices)
    assert event[1]["direct"] is True  # type: ignore[index]


def test_taking_the_floor_is_told_to_the_others_only() -> None:
    m = meeting()
    a, b = host(m), guest(m)
    notices = m.take_floor(a.uuid)
    assert "presentation_start" not in names(heard(m, a.uuid, notices))
    assert "presentation_start" in names(heard(m, b.uuid, notices))
    assert m.participants[a.uuid].is_presenting


def test_a_stolen_floor_is_revoked_before_the_new_presentation_is_told() -> None:
    m = meeting()
    a, b = host(m), guest(m)
    m.take_floor(a.uuid)
    told = [event for event in heard(m, a.uuid, m.take_floor(b.uuid)) if event[0] == "presentation_start"]
    assert told[0][1] == REVOKED
    assert told[1][1]["presenter_uuid"] == b.uuid  # type: ignore[index]
    assert not m.participants[a.uuid].is_presenting
    assert m.release_floor(a.uuid) == []


def test_a_presenter_who_leaves_ends_the_presentation() -> None:
    m = meeting()
    a, b = host(m), guest(m)
    m.take_floor(b.uuid)
    assert names(heard(m, a.uuid, m.leave(b.uuid, 1)))[0] == "presentation_stop"
    assert m.presenter is None


def test_presenting_needs_a_call_admission_and_for_guests_a_room_that_allows_it() -> None:
    m = meeting(RoomConfig("visit", host_pin="1234", guests_can_present=False))
    a, b = host(m), guest(m)
    assert not m.may_present(a.uuid)
    m.change(a.uuid, has_media=True)
    m.change(b.uuid, has_media=True)
    assert m.may_present(a.uuid)
    assert not m.may_present(b.uuid)
    m.set_role(b.uuid, Role.CHAIR, 0)
    assert m.may_present(b.uuid)


def test_a_late_client_hears_of_the_presentation_under_way() -> None:
    m = meeting()
    a, b = host(m), guest(m)
    m.take_floor(a.uuid)
    assert [name for name, _ in m.present_state(b.uuid)] == ["conference_update", "presentation_start"]
    assert [name for name, _ in m.present_state(a.uuid)] == ["conference_update"]


def test_making_a_waiting_guest_host_lets_it_in() -> None:
    m = meeting()
    host(m)
    m.set_lock(True)
    late = guest(m)
    m.set_role(late.uuid, Role.CHAIR, 0)
    assert not m.participants[late.uuid].is_waiting


def test_all_muted_is_told_only_when_there_is_somebody() -> None:
    m = meeting()
    assert m.status()["all_muted"] is False
    a = host(m)
    m.change(a.uuid, is_muted=True)
    assert m.status()["all_muted"] is True


def test_raised_hands_can_be_lowered_all_at_once() -> None:
    m = meeting()
    a, b = host(m), guest(m)
    m.change(a.uuid, buzz_time=5.0)
    m.change(b.uuid, buzz_time=6.0)
    assert len(m.clear_all_buzz()) == 2
    assert {p.buzz_time for p in m.participants.values()} == {0}


def test_status_is_part_of_what_is_told_when_the_room_is_locked() -> None:
    m = meeting()
    host(m)
    (notice,) = m.set_lock(True)
    assert isinstance(notice, Told)
    assert notice.data["locked"] is True  # type: ignore[index]
    assert m.set_lock(True) == []
