"""What the agent knows of the call: who is there, what was said, and that it is forgotten."""

from __future__ import annotations

from functools import reduce

from kit.agent import call as calls
from kit.agent.call import ANNOUNCED_S, CHAT_KEPT, CallBook
from kit.ipc import engine as ng
from kit.ipc.call import Capabilities, Participant, Role
from kit.visit.model import EndReason

ME = Participant(uuid="1", name="Enhet 07", me=True)
HOST = Participant(uuid="2", name="Vårdsamordnare", role=Role.HOST)
PHONE = Participant(uuid="3", name="08-465 004 17")
KNOCKING = Participant(uuid="4", name="Sjuksköterska Norr", waiting=True)


def after(*events: ng.Event, book: CallBook | None = None, chat_open: bool = False) -> CallBook:
    return reduce(lambda b, e: calls.heard(b, e, 100.0, chat_open=chat_open), events, book or CallBook())


def test_the_kit_is_together_with_others_only_past_the_waiting_room() -> None:
    assert not calls.together(after(ng.RoomJoined(waiting=False), ng.Roster((ME,))))
    assert not calls.together(after(ng.RoomJoined(waiting=True), ng.Roster((ME, HOST))))
    assert not calls.together(after(ng.RoomJoined(waiting=False), ng.Roster((ME, KNOCKING))))
    assert calls.together(after(ng.RoomJoined(waiting=True), ng.RoomAdmitted(), ng.Roster((ME, HOST))))


def test_those_in_the_waiting_room_are_not_counted() -> None:
    assert calls.count(after(ng.Roster((ME, HOST, KNOCKING)))) == 2


def test_who_comes_later_is_announced_for_some_seconds_and_who_was_there_is_not() -> None:
    book = after(ng.Roster((ME, HOST)))
    assert book.shown.announced == ""
    book = after(ng.Roster((ME, HOST, PHONE)), book=book)
    assert book.shown.announced == PHONE.name
    assert calls.ticked(book, 100.0 + ANNOUNCED_S).shown.announced == ""


def test_who_has_no_name_is_pointed_out() -> None:
    assert after(ng.Roster((ME, HOST, PHONE))).shown.unknown_names == (PHONE.name,)


def test_a_missed_message_is_marked_until_the_chat_is_opened() -> None:
    said = ng.ChatReceived("Vårdsamordnare", "Hör ni oss?")
    assert after(said, said).shown.unread == 2
    assert after(said, chat_open=True).shown.unread == 0
    assert calls.chat_read(after(said)).shown.unread == 0


def test_own_messages_are_delivered_by_number_in_any_order() -> None:
    book = calls.written(calls.written(CallBook(), "ett", 1.0), "två", 2.0)
    book = after(ng.ChatSent(2, delivered=True), ng.ChatSent(9, delivered=True), book=book)
    assert [line.delivered for line in book.shown.chat] == [False, True]
    book = after(ng.ChatSent(1, delivered=True), book=book)
    assert [line.delivered for line in book.shown.chat] == [True, True]


def test_a_message_that_the_room_does_not_take_is_not_said_to_be_under_way() -> None:
    book = calls.written(calls.written(CallBook(), "ett", 1.0), "två", 2.0)
    book = after(ng.ChatSent(1, delivered=False), book=book)
    assert [(line.delivered, line.failed) for line in book.shown.chat] == [(False, True), (False, False)]


def test_captions_of_a_room_that_no_longer_writes_them_do_not_stay() -> None:
    wanted = calls.captioned(CallBook(), on=True)
    said = (ng.CallCapabilities(Capabilities(captions=True)), ng.CaptionHeard("God morgon", final=True))
    book = after(*said, book=wanted)
    assert book.shown.captions == ("God morgon",)
    book = after(ng.CallCapabilities(Capabilities()), book=book)
    assert (book.shown.captions, book.shown.captions_on) == ((), True)


def test_who_is_there_is_one_line_of_what_can_be_shown() -> None:
    book = calls.introduced(CallBook(), " För\u202enamn \n Efternamn,\tundersköterska ")
    assert book.shown.staff == "För namn Efternamn, undersköterska"
    assert calls.introduced(book, "").shown.staff == ""
    assert "Efternamn" not in repr(book)


def test_a_flood_of_messages_keeps_the_newest() -> None:
    book = after(*[ng.ChatReceived("x", str(number)) for number in range(CHAT_KEPT + 5)])
    assert len(book.shown.chat) == CHAT_KEPT
    assert book.shown.chat[-1].text == str(CHAT_KEPT + 4)


def test_voice_by_phone_gives_back_what_the_microphone_was() -> None:
    for before in (True, False):
        book = calls.switched(CallBook(), muted=before)
        on = calls.voice_by_phone(book, on=True)
        assert on.shown.muted
        assert calls.voice_by_phone(on, on=False).shown.muted is before


def test_the_seat_is_given_up_when_the_call_ends() -> None:
    book = after(ng.RoomJoined(waiting=False), ng.Session(b"token"))
    assert book.session == b"token"
    assert "token" not in repr(book)
    assert after(ng.CallEnded(EndReason.HOST_ENDED), book=book).session is None
