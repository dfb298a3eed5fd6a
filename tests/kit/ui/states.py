"""Snapshots from literals, one for each thing that the screen may have to show."""

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from kit.ipc.call import (
    Call,
    Capabilities,
    ChatLine,
    DialIn,
    LoginWay,
    Participant,
    Quality,
    Role,
)
from kit.ipc.network import Uplink
from kit.ipc.portal import PortalChoice, PortalNotice, PortalStage, PortalView
from kit.ipc.state import (
    Battery,
    Condition,
    Device,
    Devices,
    KitState,
    MeetingToday,
    Network,
    Panel,
    Support,
    VisitView,
)
from kit.visit.model import (
    Check,
    CheckResult,
    EndReason,
    HygieneStep,
    PackedPart,
    Step,
    TidyTask,
)

NOW = 1_795_173_720.0
"""A Friday in November, 11:22 UTC."""

WELL = Device(condition=Condition.OK, label="Kamera 1080p USB")
DEVICES = Devices(
    battery=Battery(condition=Condition.OK, percent=87),
    network=Network(condition=Condition.OK, uplink=Uplink.MOBILE, region_reachable=True),
    camera=WELL,
    microphone=Device(condition=Condition.OK, label="Högtalarpuck USB"),
    speaker=Device(condition=Condition.OK, label="Högtalarpuck USB"),
)
HOME = KitState(
    kit_id="kit-0007",
    unit_name="Enhet 07",
    place="Hemsjukvården Norr",
    devices=DEVICES,
    support=Support(name="Regionens utrustningsservice", phone="08-465 004 10", hours="vardagar 7–17"),
    dial_in=DialIn(phone="08-465 004 44", meeting_id="234 567"),
    allowed_hosts=("moten.region.example", "video.region.example"),
)
MEETINGS = (
    MeetingToday(number=0, title="Vårdmöte", starts_at=NOW - 7200, joinable=False),
    MeetingToday(number=1, title="SIP-möte", starts_at=NOW + 600),
    MeetingToday(number=2, title="Uppföljning", starts_at=NOW + 3 * 3600),
)
PORTALS = (
    PortalChoice(number=0, name="Digitala vårdmöten", phone="08-465 004 55"),
    PortalChoice(number=1, name="Mitt vårdmöte"),
    PortalChoice(number=2, name="Vårdportalen i Norra regionens kommuner"),
)
WITH_PHONE = tuple(
    replace(meeting, dial_in=DialIn(phone="08-465 004 44", meeting_id=f"234 567 0{meeting.number}#"))
    for meeting in MEETINGS
)
PEOPLE = (
    Participant(uuid="1", name="Vårdsamordnare Norr", role=Role.HOST, speaking=True),
    Participant(uuid="2", name="Enhet 07", me=True),
    Participant(uuid="3", name="Sjuksköterska Vårdcentralen Norr", muted=True),
    Participant(uuid="4", name="Biståndshandläggare", camera_off=True),
)
FOUR = (*PEOPLE, Participant(uuid="5", name="Fysioterapeut Rehabiliteringsmottagningen Norr"))
CALL = Call(participants=PEOPLE, remote_picture=True, quality=Quality(send_fps=25, receive_fps=25))
CHAT = (
    ChatLine(author="Vårdsamordnare Norr", text="Välkomna! Vi börjar om en minut.", at=NOW - 200),
    ChatLine(author="Enhet 07", text="Vi hör er bra.", at=NOW - 100, mine=True, delivered=True),
    ChatLine(author="Enhet 07", text="Ett ögonblick", at=NOW - 5, mine=True, delivered=False),
)


ALL_ABLE = Capabilities(raise_hand=True, present=True, captions=True)
CAPTIONS = ("Då börjar vi med att alla säger vad de heter och var de arbetar.", "Jag heter Anna och")
LOGIN_URL = "https://logga-in.region.example/idp/profile?ticket=" + "4f1d0c2b" * 12
WAYS = (LoginWay(id="siths", name="SITHS eID"), LoginWay(id="bankid", name="BankID"))


@dataclass(frozen=True)
class Scene:
    """A snapshot, and what was done on the screen before it is looked at."""

    name: str
    state: KitState | None
    do: tuple[tuple[str, Any], ...] = field(default=())
    """Properties of the view that are set, for what is kept on the screen only."""
    remote: bool = False
    """Whether pictures are coming."""


def visit(step: Step, **values: Any) -> KitState:
    """Return a snapshot of a visit at a step."""
    return replace(HOME, visit=VisitView(step=step, has_meeting=True, since=NOW - 190, **values))


def checks(*results: CheckResult) -> KitState:
    """Return the function test with these results: camera, microphone, speaker, network."""
    pairs = tuple(zip(Check, results, strict=True))
    open_results = (CheckResult.UNTESTED, CheckResult.RUNNING)
    done = all(result not in open_results for result in results)
    return visit(Step.PREPARE, checks=pairs, may_proceed=done)


def call(
    step: Step = Step.IN_CALL, panel: Panel = Panel.NONE, resume: bool = False, **values: Any
) -> KitState:
    """Return a snapshot of the call."""
    return replace(
        visit(step, started_at=NOW - 190, resume_asked=resume), call=replace(CALL, **values), panel=panel
    )


def portal(
    stage: PortalStage = PortalStage.OPEN, notice: PortalNotice | None = None, panel: Panel = Panel.NONE
) -> KitState:
    """A visit to a web portal."""
    shown = PortalView(name="Digitala vårdmöten", phone="08-465 004 55", stage=stage, notice=notice)
    return replace(visit(Step.IN_CALL), panel=panel, portal=shown)


def tidy(task: TidyTask, **values: Any) -> KitState:
    """Return a snapshot of one tidy task."""
    defaults: dict[str, Any] = {
        "hygiene": tuple((s, s is HygieneStep.HANDS) for s in HygieneStep),
        "packing": tuple((p, p in (PackedPart.TABLET, PackedPart.STAND)) for p in PackedPart),
        "wifi_removed": True,
        "end_reason": EndReason.HUNG_UP,
        "tidy_tasks": tuple(TidyTask),
    }
    return visit(Step.TIDY, tidy=task, **{**defaults, **values})
