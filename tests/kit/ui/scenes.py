"""Every screen in every state, to be looked at and checked."""

from typing import Any

from msgspec.structs import replace

from kit.ipc.call import (
    Call,
    Capabilities,
    DialIn,
    Floor,
    Participant,
    PresentSource,
    Quality,
    Ringing,
    Still,
)
from kit.ipc.portal import PortalNotice, PortalStage
from kit.ipc.scan import ScanTrouble
from kit.ipc.state import (
    Battery,
    Condition,
    Device,
    Devices,
    Fault,
    FaultCategory,
    FaultState,
    KitState,
    Lock,
    Network,
    NoticeKind,
    Page,
    Panel,
    Refused,
)
from kit.visit.model import (
    CheckResult,
    Confirmation,
    DoorState,
    EndReason,
    Evaluator,
    JournalFacts,
    PinState,
    Refusal,
    Step,
    TidyTask,
)
from tests.kit.ui import network_scenes
from tests.kit.ui.states import (
    ALL_ABLE,
    CAPTIONS,
    CHAT,
    DEVICES,
    FOUR,
    HOME,
    LOGIN_URL,
    MEETINGS,
    NOW,
    PEOPLE,
    PORTALS,
    WAYS,
    WELL,
    WITH_PHONE,
    Scene,
    call,
    checks,
    portal,
    tidy,
    visit,
)


def _given(count: int) -> tuple[tuple[Confirmation, bool], ...]:
    return tuple((c, n < count) for n, c in enumerate(Confirmation))


P, F, R, U = CheckResult.PASSED, CheckResult.FAILED, CheckResult.RUNNING, CheckResult.UNTESTED
_FAULT = Fault(
    state=FaultState.RECEIVED,
    category=FaultCategory.SOUND,
    number="F-1024",
    handled_by="Regionens utrustningsservice",
)
_JOURNAL = JournalFacts(
    started_at=NOW - 2700,
    ended_at=NOW - 200,
    participants=4,
    contact_type="Distanskontakt video team",
    patient_fee_kr=100,
)
_BATTERY = Battery(condition=Condition.BAD, percent=9)

_SHARES: dict[str, Any] = {"capabilities": Capabilities(present=True)}


def _unplanned() -> KitState:
    shown = call()
    return replace(shown, visit=replace(shown.visit, unplanned=True, confirmations=_given(2)))


SCENES = (
    Scene("away", None),
    Scene("start", HOME),
    Scene("start-meeting-near", replace(HOME, meetings=MEETINGS)),
    Scene("start-notice", replace(HOME, notices=(NoticeKind.NO_CAMERA, NoticeKind.BROKER_AWAY))),
    Scene("start-takes-over", replace(HOME, takes_over="Enhet 01", meetings=MEETINGS)),
    Scene(
        "start-ill",
        replace(
            HOME,
            devices=Devices(
                battery=_BATTERY,
                network=Network(condition=Condition.MISSING),
                camera=Device(condition=Condition.MISSING),
                microphone=Device(condition=Condition.BAD),
                speaker=Device(condition=Condition.WARN),
            ),
            notices=(NoticeKind.NETWORK_AWAY,),
            fault=replace(_FAULT, state=FaultState.QUEUED, number=""),
        ),
    ),
    Scene(
        "start-replaced",
        replace(HOME, fault=replace(_FAULT, state=FaultState.REPLACEMENT_CHOSEN, replaced_by="Enhet 09")),
    ),
    Scene("meeting", replace(HOME, page=Page.MEETING, meetings=MEETINGS)),
    Scene("meeting-none", replace(HOME, page=Page.MEETING)),
    Scene(
        "meeting-typing",
        replace(HOME, page=Page.MEETING),
        (
            ("typing", True),
            ("draft", "https://moten.region.example/webapp/m/vardmote.norr?role=guest&pin=4711"),
        ),
    ),
    Scene(
        "refused-host",
        replace(HOME, page=Page.MEETING, refused=Refused(reason=Refusal.LINK_HOST_NOT_ALLOWED)),
    ),
    Scene(
        "refused-maintenance",
        replace(
            visit(Step.CONFIRM, confirmations=_given(5), may_proceed=True),
            refused=Refused(reason=Refusal.ROOM_MAINTENANCE, support_code="#pex101"),
        ),
    ),
    Scene("scan", replace(HOME, page=Page.SCAN), remote=True),
    Scene("scan-several", replace(HOME, page=Page.SCAN, scan_trouble=ScanTrouble.SEVERAL), remote=True),
    Scene("scan-unclear", replace(HOME, page=Page.SCAN, scan_trouble=ScanTrouble.UNCLEAR), remote=True),
    Scene(
        "scan-no-camera",
        replace(HOME, page=Page.SCAN, devices=replace(DEVICES, camera=Device(condition=Condition.MISSING))),
    ),
    Scene(
        "refused-wifi", replace(HOME, page=Page.SCAN, refused=Refused(reason=Refusal.CODE_WIFI)), remote=True
    ),
    Scene("phone", replace(HOME, page=Page.PHONE, meetings=WITH_PHONE)),
    Scene("phone-no-meeting", replace(HOME, page=Page.PHONE, dial_in=DialIn(phone="08-465 004 44"))),
    Scene("phone-no-number", replace(HOME, page=Page.PHONE, dial_in=None)),
    Scene("practice", replace(HOME, page=Page.PRACTICE, test_room=True)),
    Scene("practice-echo-only", replace(HOME, page=Page.PRACTICE)),
    Scene(
        "practice-offline",
        replace(
            HOME,
            page=Page.PRACTICE,
            test_room=True,
            devices=replace(DEVICES, network=Network(condition=Condition.MISSING)),
        ),
    ),
    Scene("prepare-camera", checks(U, U, U, R), remote=True),
    Scene("prepare-microphone", replace(checks(P, U, U, P), devices=replace(DEVICES, level_dbfs=-30.0))),
    Scene("prepare-microphone-on", replace(checks(P, R, U, P), devices=replace(DEVICES, level_dbfs=-24.0))),
    Scene(
        "prepare-microphone-loud",
        replace(checks(P, R, U, P), devices=replace(DEVICES, level_dbfs=-2.0, clipping=True)),
    ),
    Scene("prepare-speaker", checks(P, P, U, R)),
    Scene("prepare-speaker-asks", checks(P, F, R, P)),
    Scene("prepare-network", checks(P, P, P, R)),
    Scene("prepare-well", checks(P, P, P, P)),
    Scene("prepare-ill", checks(P, F, P, F)),
    Scene("prepare-all-ill", checks(F, F, F, F)),
    Scene("confirm", visit(Step.CONFIRM, confirmations=_given(2), relatives=2)),
    Scene(
        "confirm-name",
        replace(
            visit(Step.CONFIRM, confirmations=_given(2)),
            call=Call(staff="Förnamn Mellannamn Efternamn, undersköterska " + "x" * 36),
        ),
    ),
    Scene(
        "confirm-writing",
        visit(Step.CONFIRM, confirmations=_given(2)),
        (("typing", True), ("draft", "Förnamn Efternamn, undersköterska")),
    ),
    Scene("confirm-all", visit(Step.CONFIRM, confirmations=_given(5), relatives=1, may_proceed=True)),
    Scene("joining", visit(Step.JOINING)),
    Scene("pin", visit(Step.JOINING, pin=PinState.NEEDED, pin_tries_left=3), (("draft", "47"),)),
    Scene("pin-wrong", visit(Step.JOINING, pin=PinState.WRONG, pin_tries_left=2)),
    Scene("waiting", visit(Step.WAITING), remote=True),
    Scene("waiting-advice", visit(Step.WAITING, waiting_advice=True)),
    Scene("waiting-leave", replace(visit(Step.WAITING), panel=Panel.HANG_UP)),
    Scene("call", call(), remote=True),
    Scene(
        "call-no-picture",
        call(remote_picture=False, announced="Biståndshandläggare", quality=Quality(packets_lost_percent=9)),
    ),
    Scene("call-sound-only", call(quality=Quality(send_fps=0, video_stopped=True)), remote=True),
    Scene(
        "call-their-pictures-rest",
        call(remote_picture=False, announced="Läkare", quality=Quality(their_video_stopped=True)),
    ),
    Scene("call-changing-path", call(changing_path=True), remote=True),
    Scene("call-silent", call(muted=True, camera_off=True, unread=3), remote=True),
    Scene("call-one", call(pictures=("1",)), remote=True),
    Scene("call-two", call(pictures=("1", "3")), remote=True),
    Scene("call-three", call(pictures=("1", "3", "4")), remote=True),
    Scene("call-four", call(participants=FOUR, pictures=("1", "3", "4", "5"), pinned=True), remote=True),
    Scene(
        "call-four-chat",
        call(
            Step.IN_CALL, Panel.CHAT, participants=FOUR, pictures=("3", "1", "4", "5"), pinned=True, chat=CHAT
        ),
        remote=True,
    ),
    Scene("call-slides", call(slides=True, announced="Sjuksköterska Vårdcentralen Norr"), remote=True),
    Scene(
        "call-unknown",
        call(
            Step.IN_CALL,
            Panel.PARTICIPANTS,
            participants=(
                *PEOPLE,
                Participant(uuid="5", name="iPad"),
                Participant(uuid="6", name="Läkare Norra sjukhuset", waiting=True),
            ),
            unknown_names=("iPad",),
        ),
        remote=True,
    ),
    Scene(
        "call-hands",
        call(capabilities=ALL_ABLE, hand_raised=True, captions_on=True, captions=CAPTIONS, moderated=True),
        remote=True,
    ),
    Scene(
        "call-captions-panel",
        call(Step.IN_CALL, Panel.SETTINGS, capabilities=ALL_ABLE, captions_on=True, captions=CAPTIONS),
        remote=True,
    ),
    Scene("call-moving", call(Step.RECONNECTING, moving=True), remote=True),
    Scene("extension", visit(Step.JOINING, door=DoorState.EXTENSION)),
    Scene("extension-wrong", visit(Step.JOINING, door=DoorState.EXTENSION_WRONG), (("draft", "47"),)),
    Scene("login", replace(visit(Step.JOINING, door=DoorState.LOGIN), call=Call(login_url=LOGIN_URL))),
    Scene("login-ways", replace(visit(Step.JOINING, door=DoorState.LOGIN), call=Call(login_ways=WAYS))),
    Scene("call-participants", call(Step.IN_CALL, Panel.PARTICIPANTS), remote=True),
    Scene("call-chat", call(Step.IN_CALL, Panel.CHAT, chat=CHAT), remote=True),
    Scene(
        "call-chat-typing",
        call(Step.IN_CALL, Panel.CHAT, chat=CHAT),
        (("typing", True), ("draft", "Vi är strax tillbaka")),
        remote=True,
    ),
    Scene("call-agenda", call(Step.IN_CALL, Panel.AGENDA), remote=True),
    Scene("call-phone", call(Step.IN_CALL, Panel.PHONE, voice_by_phone=True), remote=True),
    Scene("call-settings", call(Step.IN_CALL, Panel.SETTINGS, self_view=False), remote=True),
    Scene("call-fault", call(Step.IN_CALL, Panel.FAULT), remote=True),
    Scene(
        "call-fault-sent",
        replace(call(Step.IN_CALL, Panel.FAULT), fault=_FAULT),
        (("reported", True),),
        remote=True,
    ),
    Scene("ring", replace(visit(Step.RINGING), ringing=Ringing(caller="Läkare Jourmottagningen Norr"))),
    Scene(
        "ring-answers-itself",
        replace(visit(Step.RINGING), ringing=Ringing(caller="Läkare Norr", answers_at=NOW + 12)),
    ),
    Scene("call-rings", replace(call(), ringing=Ringing(caller="Läkare Norr")), remote=True),
    Scene("call-share", call(panel=Panel.SHARE, aim=PresentSource.STILL, **_SHARES), remote=True),
    Scene(
        "call-share-cameras",
        replace(
            call(panel=Panel.SHARE, aim=PresentSource.STILL, **_SHARES),
            devices=replace(DEVICES, second_camera=WELL),
        ),
        remote=True,
    ),
    Scene(
        "call-share-second",
        replace(
            call(panel=Panel.SHARE, aim=PresentSource.SECOND_CAMERA, **_SHARES),
            devices=replace(DEVICES, second_camera=WELL),
        ),
        remote=True,
    ),
    Scene(
        "call-share-taken",
        call(panel=Panel.SHARE, aim=PresentSource.STILL, still=Still.TAKEN, **_SHARES),
        remote=True,
    ),
    Scene(
        "call-share-denied",
        call(panel=Panel.SHARE, aim=PresentSource.STILL, still=Still.TAKEN, floor=Floor.DENIED, **_SHARES),
        remote=True,
    ),
    Scene(
        "call-shares",
        call(presenting=PresentSource.STILL, still=Still.TAKEN, floor=Floor.MINE, **_SHARES),
        remote=True,
    ),
    Scene("call-floor-lost", call(floor=Floor.LOST, slides=True, **_SHARES), remote=True),
    Scene("call-unplanned", _unplanned(), remote=True),
    Scene("call-unplanned-confirm", replace(_unplanned(), panel=Panel.CONFIRM), remote=True),
    Scene("call-hang-up", call(Step.IN_CALL, Panel.HANG_UP), remote=True),
    Scene(
        "call-reconnecting", replace(call(Step.RECONNECTING), notices=(NoticeKind.NETWORK_AWAY,)), remote=True
    ),
    Scene("call-resume", call(Step.RECONNECTING, resume=True), remote=True),
    *(Scene(f"portal-{stage}", portal(stage)) for stage in PortalStage),
    *(Scene(f"portal-refused-{notice}", portal(notice=notice)) for notice in PortalNotice),
    Scene("portal-keyboard", portal(), do=(("typing", True),)),
    Scene("portal-help", portal(panel=Panel.HELP)),
    Scene("portal-hang-up", portal(panel=Panel.HANG_UP)),
    *(
        Scene(f"ended-{reason.value}", visit(Step.ENDED, end_reason=reason, may_proceed=True))
        for reason in EndReason
    ),
    Scene("tidy-wifi", tidy(TidyTask.WIFI)),
    Scene("tidy-wifi-not-yet", tidy(TidyTask.WIFI, wifi_removed=False)),
    Scene("tidy-restarted", tidy(TidyTask.WIFI, end_reason=EndReason.RESTARTED)),
    Scene("tidy-journal", tidy(TidyTask.JOURNAL, journal=_JOURNAL)),
    Scene("tidy-evaluation", tidy(TidyTask.EVALUATION, ratings=((Evaluator.PATIENT, 5),))),
    Scene("tidy-hygiene", tidy(TidyTask.HYGIENE)),
    Scene("tidy-wiping", tidy(TidyTask.HYGIENE), (("wiping_until", NOW + 14),)),
    Scene("tidy-packing", tidy(TidyTask.PACKING)),
    Scene("fault", replace(HOME, page=Page.FAULT)),
    Scene(
        "fault-typing",
        replace(HOME, page=Page.FAULT),
        (("chosen", FaultCategory.SOUND), ("typing", True), ("draft", "Ljudet försvinner när")),
    ),
    *(
        Scene(
            f"fault-{state.value}",
            replace(HOME, page=Page.FAULT, fault=replace(_FAULT, state=state, replaced_by="Enhet 09")),
        )
        for state in FaultState
    ),
    Scene("meeting-portals", replace(HOME, page=Page.MEETING, meetings=MEETINGS, portals=PORTALS)),
    Scene("meeting-portals-only", replace(HOME, page=Page.MEETING, portals=PORTALS[:1])),
    Scene("home-contacts", replace(HOME, contacts=("läkare i jour", "sjuksköterska"))),
    Scene(
        "home-contacts-most",
        replace(HOME, contacts=("läkare", "sjuksköterska", "rehab", "tolk"), meetings=MEETINGS),
    ),
    Scene("help", replace(HOME, page=Page.HELP)),
    Scene("settings", replace(HOME, page=Page.SETTINGS)),
    Scene("locked", replace(HOME, lock=Lock(replaced_by="Enhet 02", since=NOW))),
    *network_scenes.SCENES,
)
