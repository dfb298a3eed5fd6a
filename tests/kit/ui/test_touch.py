"""What each target sends when it is touched."""

from typing import Any

import pytest
from msgspec.structs import replace

from kit.ipc import commands as cmd
from kit.ipc import wifi
from kit.ipc.network import WifiStep
from kit.ipc.state import FaultCategory, KitState, Language, Page, Panel, Refused
from kit.ui.root import TWICE_S
from kit.ui.targets import visible
from kit.visit import events as ev
from kit.visit.model import (
    AgendaItem,
    Check,
    Confirmation,
    EndReason,
    Evaluator,
    HygieneStep,
    PackedPart,
    Refusal,
    Step,
    TidyTask,
)
from tests.kit.ui import network_scenes
from tests.kit.ui.driver import Driver
from tests.kit.ui.gallery import stage
from tests.kit.ui.scenes import SCENES
from tests.kit.ui.states import HOME, NOW, tidy, visit

BY_NAME = {scene.name: scene for scene in SCENES}

TOUCHES: list[tuple[str, str, Any]] = [
    ("start", "home.join", cmd.Open(Page.MEETING)),
    ("start-meeting-near", "home.join", cmd.ChooseMeeting(1)),
    ("start-meeting-near", "home.other", cmd.Open(Page.MEETING)),
    ("start", "home.check", ev.StartCheck()),
    ("start", "home.network", cmd.Open(Page.NETWORK)),
    ("start", "home.fault", cmd.Open(Page.FAULT)),
    ("start", "home.help", cmd.Open(Page.HELP)),
    ("start", "home.settings", cmd.Open(Page.SETTINGS)),
    ("start", "home.language", cmd.SetLanguage(Language.ENGLISH)),
    ("start-takes-over", "home.dismiss", cmd.Dismiss()),
    ("meeting", "meeting.choose.1", cmd.ChooseMeeting(1)),
    ("meeting", "meeting.echo", cmd.JoinEcho()),
    ("meeting", "meeting.back", cmd.Open(Page.HOME)),
    ("meeting", "meeting.scan", cmd.Open(Page.SCAN)),
    ("meeting", "meeting.phone", cmd.Open(Page.PHONE)),
    ("start", "home.phone", cmd.Open(Page.PHONE)),
    ("start-ill", "home.phone", cmd.Open(Page.PHONE)),
    ("start", "home.practice", cmd.Open(Page.PRACTICE)),
    ("scan", "scan.back", cmd.Open(Page.MEETING)),
    ("scan-no-camera", "scan.type", cmd.Open(Page.MEETING)),
    ("phone", "phone.back", cmd.Open(Page.HOME)),
    ("phone-no-meeting", "phone.help", cmd.Open(Page.HELP)),
    ("practice", "practice.test", cmd.JoinTestRoom()),
    ("practice-echo-only", "practice.echo", cmd.JoinEcho()),
    ("practice-offline", "practice.check", ev.StartCheck()),
    ("practice", "practice.back", cmd.Open(Page.HOME)),
    ("refused-host", "refusal.dismiss", cmd.Dismiss()),
    ("prepare-camera", "check.yes", ev.AnswerCheck(Check.CAMERA, True)),
    ("prepare-camera", "check.no", ev.AnswerCheck(Check.CAMERA, False)),
    ("prepare-microphone", "check.run", ev.RunCheck(Check.MICROPHONE)),
    ("prepare-speaker", "check.run", ev.RunCheck(Check.SPEAKER)),
    ("prepare-speaker-asks", "check.yes", ev.AnswerCheck(Check.SPEAKER, True)),
    ("prepare-ill", "check.network", ev.RunCheck(Check.NETWORK)),
    ("prepare-well", "prepare.next", ev.Proceed()),
    ("prepare-well", "prepare.cancel", ev.HangUp()),
    ("confirm", "confirm.consent", ev.Confirm(Confirmation.CONSENT, False)),
    ("confirm", "confirm.door_sign", ev.Confirm(Confirmation.DOOR_SIGN, True)),
    ("confirm", "relatives.more", ev.SetRelatives(3)),
    ("confirm", "relatives.less", ev.SetRelatives(1)),
    ("confirm", "confirm.cancel", ev.HangUp()),
    ("confirm-writing", "name.done", cmd.Introduce("Förnamn Efternamn, undersköterska")),
    ("confirm-all", "confirm.next", ev.Proceed()),
    ("joining", "joining.cancel", ev.HangUp()),
    ("pin", "key.ok", ev.EnterPin("47")),
    ("waiting", "waiting.leave", cmd.OpenPanel(Panel.HANG_UP)),
    ("waiting-leave", "hangup.leave", ev.HangUp()),
    ("call", "call.mute", cmd.Mute(True)),
    ("call-silent", "call.mute", cmd.Mute(False)),
    ("call", "call.camera", cmd.CameraOff(True)),
    ("call-silent", "call.camera", cmd.CameraOff(False)),
    ("call", "call.leave", cmd.OpenPanel(Panel.HANG_UP)),
    ("call", "call.participants", cmd.OpenPanel(Panel.PARTICIPANTS)),
    ("call-participants", "call.participants", cmd.OpenPanel(Panel.NONE)),
    ("call-participants", "panel.close", cmd.OpenPanel(Panel.NONE)),
    ("call", "call.chat", cmd.OpenPanel(Panel.CHAT)),
    ("call-chat", "chat.quick.1", cmd.SendChat("Vi hör er inte")),
    ("call-chat-typing", "chat.send", cmd.SendChat("Vi är strax tillbaka")),
    ("call-agenda", "agenda.next", ev.ShowAgenda(AgendaItem.PURPOSE)),
    ("call-phone", "phone.voice", cmd.VoiceByPhone(False)),
    ("call-settings", "settings.self_view", cmd.ShowSelfView(True)),
    ("call-settings", "settings.language", cmd.SetLanguage(Language.ENGLISH)),
    ("call-fault", "call.fault.sound", cmd.ReportFault(FaultCategory.SOUND)),
    ("call-hang-up", "hangup.stay", cmd.OpenPanel(Panel.NONE)),
    ("call-hang-up", "hangup.leave", ev.HangUp()),
    ("call-resume", "call.resume", ev.Resume()),
    ("ended-hung_up", "ended.back", ev.Resume()),
    ("ended-host_ended", "ended.next", ev.Proceed()),
    ("tidy-wifi", "tidy.next", ev.NextTidy()),
    ("tidy-evaluation", "rate.staff.4", ev.Rate(Evaluator.STAFF, 4)),
    ("tidy-hygiene", "hygiene.speakerphone", ev.DoneHygiene(HygieneStep.SPEAKERPHONE, True)),
    ("tidy-hygiene", "hygiene.hands", ev.DoneHygiene(HygieneStep.HANDS, False)),
    ("tidy-hygiene", "tidy.back", ev.BackTidy()),
    ("tidy-packing", "pack.charger", ev.DonePacking(PackedPart.CHARGER, True)),
    ("fault-typing", "fault.send", cmd.ReportFault(FaultCategory.SOUND, "Ljudet försvinner när")),
    ("fault", "fault.back", cmd.Open(Page.HOME)),
    ("network", "network.back", cmd.Open(Page.HOME)),
    ("network-links", "network.test", cmd.TestLink()),
    ("network-away", "network.meeting", cmd.Open(Page.MEETING)),
    ("network-test", "test.close", cmd.StopLinkTest()),
    ("network-test-none", "test.again", cmd.TestLink()),
    ("prepare-well", "prepare.test", cmd.TestLink()),
    ("prepare-tested", "test.close", cmd.StopLinkTest()),
    ("prepare-offered", "wifi.begin", wifi.BeginWifi()),
    ("joining-offered", "wifi.begin", wifi.BeginWifi()),
    ("call-offered", "wifi.begin", wifi.BeginWifi()),
    ("call-resume-offered", "wifi.begin", wifi.BeginWifi()),
    ("confirm-on-wifi", "wifi.remove", wifi.RemoveWifiNow()),
    ("call-wifi-ends", "wifi.remove", wifi.RemoveWifiNow()),
    ("call-wifi-removed", "wifi.close", wifi.CloseWifi()),
    ("portal-wifi-ends", "wifi.remove", wifi.RemoveWifiNow()),
    ("wifi-reason", "wifi.yes", wifi.AnswerWifi(WifiStep.REASON, True)),
    ("wifi-reason", "wifi.no", wifi.AnswerWifi(WifiStep.REASON, False)),
    ("wifi-reason", "wifi.back", wifi.BackWifi()),
    ("wifi-consent", "wifi.no", wifi.AnswerWifi(WifiStep.CONSENT, False)),
    ("wifi-consent-given", "wifi.next", wifi.AnswerWifi(WifiStep.CONSENT, True)),
    ("wifi-choose", "wifi.choose.1", wifi.ChooseWifi(1)),
    ("wifi-choose", "wifi.code", wifi.ReadWifiCode(True)),
    ("wifi-none", "wifi.scan", wifi.ScanWifi()),
    ("wifi-code", "wifi.back", wifi.BackWifi()),
    ("wifi-name", "wifi.submit", wifi.TypeWifiName("Hemma")),
    ("wifi-key-shown", "wifi.submit", wifi.EnterWifiKey("hemligt-4711")),
    ("wifi-key", "wifi.back", wifi.BackWifi()),
    ("wifi-joining", "wifi.back", wifi.BackWifi()),
    ("wifi-removed", "wifi.close", wifi.CloseWifi()),
    ("help", "help.fault", cmd.Open(Page.FAULT)),
    ("settings", "settings.en", cmd.SetLanguage(Language.ENGLISH)),
]


@pytest.mark.parametrize(("scene", "target", "command"), TOUCHES, ids=lambda value: str(value))
def test_a_touch_sends_its_command(hands: Driver, scene: str, target: str, command: Any) -> None:
    stage(hands, BY_NAME[scene], Language.SWEDISH)
    assert hands.tap(target) == [command]


@pytest.mark.parametrize(
    ("state", "target"),
    [
        (visit(Step.PREPARE, checks=((Check.CAMERA, "untested"),)), "prepare.next"),
        (visit(Step.CONFIRM, confirmations=((Confirmation.CONSENT, False),)), "confirm.next"),
        (tidy(TidyTask.WIFI, wifi_removed=False), "tidy.next"),
        (replace(HOME, page=Page.MEETING), "meeting.submit"),
        (network_scenes.wifi(WifiStep.CONSENT), "wifi.next"),
        (network_scenes.wifi(WifiStep.KEY), "wifi.submit"),
        (network_scenes.wifi(WifiStep.CHOOSE, scanning=True), "wifi.scan"),
        (network_scenes.alone(network_scenes.PAGE), "network.test"),
    ],
    ids=[
        "checks",
        "confirmations",
        "wifi",
        "nothing typed",
        "patient not asked",
        "no password",
        "scanning",
        "no network",
    ],
)
def test_what_is_not_allowed_yet_sends_nothing(hands: Driver, state: KitState, target: str) -> None:
    hands.show(state)
    if target == "meeting.submit":
        hands.tap("meeting.type")
    assert hands.tap(target) == []


def test_a_network_that_cannot_be_used_cannot_be_chosen(hands: Driver) -> None:
    hands.show(network_scenes.wifi(WifiStep.CHOOSE, networks=network_scenes.NETWORKS[3:]))
    enabled = {target.id: target.enabled for target in hands.targets()}
    assert (enabled["wifi.choose.3"], enabled["wifi.choose.4"]) == (True, False)


@pytest.mark.parametrize("reason", [r for r in EndReason if r is not EndReason.HUNG_UP])
def test_there_is_a_way_back_only_after_a_lost_connection_or_a_hang_up(
    hands: Driver, reason: EndReason
) -> None:
    hands.show(visit(Step.ENDED, end_reason=reason, may_proceed=True))
    offered = "ended.back" in {target.id for target in visible(hands.root)}
    assert offered is (reason is EndReason.CONNECTION_LOST)


def test_under_a_refusal_nothing_else_can_be_touched(hands: Driver) -> None:
    hands.show(replace(HOME, refused=Refused(reason=Refusal.ROOM_FULL)))
    assert [target.id for target in visible(hands.root)] == ["refusal.dismiss"]
    assert hands.tap("home.join") == []


def test_a_finger_that_bounces_sends_once(hands: Driver) -> None:
    hands.show(tidy(TidyTask.WIFI))
    target = hands.widget("tidy.next")
    hands.tap_at(*target.center)
    hands.tap_at(*target.center)
    hands.at += 2 * TWICE_S
    hands.tap_at(*target.center)
    assert hands.sent == [ev.NextTidy(), ev.NextTidy()]


def test_while_the_screen_is_wiped_it_takes_no_touch_and_then_says_that_it_is_done(hands: Driver) -> None:
    hands.root.now = NOW
    hands.show(tidy(TidyTask.HYGIENE))
    assert hands.tap("hygiene.screen") == []
    hands.root.now = NOW + 10
    hands.settle()
    assert visible(hands.root) == []
    assert hands.tap("tidy.next") == []
    hands.root.now = NOW + 20
    hands.settle()
    assert hands.sent == [ev.DoneHygiene(HygieneStep.SCREEN, True)]
    assert "tidy.next" in {target.id for target in visible(hands.root)}
