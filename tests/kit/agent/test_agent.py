"""The agent between screen and engine: what staff touches, what the room says, what a death does."""

from __future__ import annotations

from kit.ipc import commands as cmd
from kit.ipc import engine as ng
from kit.ipc.state import Condition, Device, NoticeKind, Page, Panel
from kit.visit import events as ev
from kit.visit.model import Check, Confirmation, EndReason, Refusal, Step, TidyTask
from tests.kit.agent.conftest import HOST, LINK, ME, OK, Bench, Engine, Screen


async def to_confirm(screen: Screen) -> None:
    await screen.touch(cmd.SubmitInvitation(LINK), *[ev.AnswerCheck(c, passed=True) for c in Check])
    await screen.sees(lambda s: s.visit.step is Step.PREPARE)
    await screen.touch(ev.AnswerCheck(Check.NETWORK, passed=True), ev.Proceed())
    await screen.sees(lambda s: s.visit.step is Step.CONFIRM)
    await screen.touch(*[ev.Confirm(c, given=True) for c in Confirmation])


async def to_call(screen: Screen, engine: Engine) -> ng.JoinRoom:
    await to_confirm(screen)
    await screen.touch(ev.Proceed())
    order: ng.JoinRoom = await engine.is_told(ng.JoinRoom)
    await engine.tells(ng.RoomJoined(waiting=False), ng.Session(b"seat"), ng.Roster((ME, HOST)))
    await screen.sees(lambda s: s.visit.step is Step.IN_CALL)
    return order


async def test_a_visit_leads_the_engine_into_the_room_and_the_screen_into_the_call(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    order = await to_call(screen, engine)
    assert (order.invitation.host, order.invitation.alias, order.session) == ("meet.example", "norr", None)
    await screen.sees(lambda s: [p.name for p in s.call.participants] == ["Enhet 07", "Vårdsamordnare"])


async def test_a_bad_link_is_refused_in_a_code_and_counted(bench: Bench) -> None:
    screen = await bench.screen()
    await screen.touch(cmd.SubmitInvitation("https://evil.example/webapp/m/norr"))
    state = await screen.sees(lambda s: s.refused)
    assert state.refused is not None
    assert state.refused.reason is Refusal.LINK_HOST_NOT_ALLOWED
    assert state.visit.step is Step.IDLE
    assert bench.agent.reporter.counters.snapshot() == {"link_host_not_allowed": 1}
    await screen.touch(cmd.Dismiss())
    await screen.sees(lambda s: s.refused is None)


async def test_the_rooms_refusal_reaches_the_screen_with_its_support_code(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_confirm(screen)
    await screen.touch(ev.Proceed())
    await engine.is_told(ng.JoinRoom)
    await engine.tells(ng.RoomRefused(Refusal.ROOM_MAINTENANCE, "#pex110"))
    state = await screen.sees(lambda s: s.refused)
    assert state.refused is not None
    assert (state.refused.reason, state.refused.support_code) == (Refusal.ROOM_MAINTENANCE, "#pex110")
    assert state.visit.step is Step.CONFIRM


async def test_who_is_alone_waits_and_who_comes_makes_it_a_meeting(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_call(screen, engine)
    await engine.tells(ng.Roster((ME,)))
    await screen.sees(lambda s: s.visit.step is Step.WAITING)
    await engine.tells(ng.Roster((ME, HOST)))
    await screen.sees(lambda s: s.visit.step is Step.IN_CALL)


async def test_a_fresh_engine_is_sent_back_to_its_seat(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_call(screen, engine)
    await screen.touch(cmd.Mute(muted=True))
    await engine.is_told(ng.Mute)
    began = screen.state.visit.started_at
    assert began is not None
    await engine.link.close()
    state = await screen.sees(lambda s: s.visit.step is Step.RECONNECTING)
    assert NoticeKind.ENGINE_RESTARTING in state.notices
    fresh = await bench.engine()
    order: ng.JoinRoom = await fresh.is_told(ng.JoinRoom)
    assert (order.session, order.muted) == (b"seat", True)
    await fresh.tells(ng.RoomJoined(waiting=False), ng.Roster((ME, HOST)))
    state = await screen.sees(lambda s: s.visit.step is Step.IN_CALL)
    assert NoticeKind.ENGINE_RESTARTING not in state.notices
    assert state.visit.started_at == began < state.visit.since


async def test_a_fresh_screen_shows_the_call_that_goes_on(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_call(screen, engine)
    await screen.link.close()
    fresh = await bench.screen()
    state = await fresh.sees(lambda s: s.visit.step is Step.IN_CALL)
    assert len(state.call.participants) == 2


async def test_a_restarted_agent_tidies_and_knows_nothing_of_the_visit(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_call(screen, engine)
    await bench.restart()
    screen, engine = await bench.screen(), await bench.engine()
    state = await screen.sees(lambda s: s.visit.step is Step.TIDY and s.visit.wifi_removed)
    assert state.visit.end_reason is EndReason.RESTARTED
    assert state.visit.tidy_tasks == (TidyTask.WIFI, TidyTask.HYGIENE, TidyTask.PACKING)
    assert state.call.participants == ()
    await screen.touch(*[ev.NextTidy()] * 3)
    await screen.sees(lambda s: s.visit.step is Step.IDLE)
    await bench.forgets_the_open_visit()
    await bench.restart()
    assert (await (await bench.screen()).sees(lambda s: s.kit_id)).visit.step is Step.IDLE


async def test_the_host_ends_and_the_same_invitation_is_refused(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_call(screen, engine)
    await engine.tells(ng.CallEnded(EndReason.HOST_ENDED, "#pex125"))
    await screen.sees(lambda s: s.visit.step is Step.ENDED)
    await engine.is_told(ng.LeaveRoom)
    await screen.touch(ev.Proceed())
    await screen.sees(lambda s: s.visit.wifi_removed)
    await screen.touch(*[ev.NextTidy()] * 5)
    await screen.sees(lambda s: s.visit.step is Step.IDLE)
    await screen.touch(cmd.SubmitInvitation(LINK))
    state = await screen.sees(lambda s: s.refused)
    assert state.refused is not None
    assert state.refused.reason is Refusal.MEETING_ENDED
    assert state.call.chat == ()


async def test_missing_devices_are_notices_and_fail_their_checks_at_once(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    missing = Device(condition=Condition.MISSING)
    await engine.tells(ng.DevicesChanged(camera=missing, microphone=missing, speaker=OK))
    state = await screen.sees(lambda s: NoticeKind.NO_CAMERA in s.notices)
    assert NoticeKind.NO_MICROPHONE in state.notices
    await screen.touch(ev.StartCheck(), ev.RunCheck(Check.MICROPHONE))
    await screen.sees(lambda s: dict(s.visit.checks).get(Check.MICROPHONE) == "failed")


async def test_chat_video_without_sound_and_panels(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await to_call(screen, engine)
    await screen.touch(cmd.SendChat("Vi hör er"))
    sent: ng.SendChat = await engine.is_told(ng.SendChat)
    await engine.tells(ng.ChatSent(sent.number, delivered=True), ng.ChatReceived("Vårdsamordnare", "Bra"))
    state = await screen.sees(lambda s: s.call.unread == 1)
    assert [(line.mine, line.delivered) for line in state.call.chat] == [(True, True), (False, None)]
    await screen.touch(cmd.OpenPanel(Panel.CHAT), cmd.VoiceByPhone(on=True))
    await screen.sees(lambda s: s.call.unread == 0 and s.call.muted and s.call.voice_by_phone)
    assert (await engine.is_told(ng.SpeakerOff)).off


async def test_a_fault_report_is_kept_while_the_broker_is_away(bench: Bench) -> None:
    screen = await bench.screen()
    await screen.touch(cmd.Open(Page.FAULT), cmd.ReportFault(category="sound", text="Högtalaren knastrar"))  # type: ignore[arg-type]
    state = await screen.sees(lambda s: s.fault)
    assert state.fault is not None
    assert (state.fault.state, state.fault.category) == ("queued", "sound")


async def test_what_does_not_fit_is_counted_and_ends_nothing(bench: Bench) -> None:
    screen = await bench.screen()
    await screen.link.send(ng.Level(-20.0))
    await screen.link.send(cmd.SendChat("x" * 2001))
    await screen.touch(cmd.Open(Page.HELP))
    await screen.sees(lambda s: s.page is Page.HELP)
    await screen.link.close()
    await (await bench.screen()).sees(lambda s: s.page is Page.HELP)
    assert bench.agent.reporter.counters.snapshot()["ipc_message_misfit"] == 2


async def test_what_a_room_says_that_does_not_fit_is_counted_for_the_fleet(bench: Bench) -> None:
    screen, engine = await bench.screen(), await bench.engine()
    await engine.tells(ng.RoomMisread(3), ng.RoomMisread(2), ng.ChatReceived("Vårdsamordnare", "Hej"))
    await screen.sees(lambda s: s.call.chat)
    assert bench.agent.reporter.counters.snapshot()["room_message_misfit"] == 5
