"""``KitState``: the one immutable snapshot that the agent sends to the screen, a function of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from kit.ipc.call import Call, DialIn, Ringing
from kit.ipc.network import LinkTest, Mobile, PatientWifi, Uplink, UplinkView
from kit.ipc.portal import PortalChoice, PortalView
from kit.ipc.scan import ScanTrouble
from kit.visit.model import (
    AgendaItem,
    Check,
    CheckResult,
    Confirmation,
    DoorState,
    EndReason,
    Evaluator,
    HygieneStep,
    JournalFacts,
    PackedPart,
    PinState,
    Refusal,
    Step,
    Text64,
    Text200,
    TidyTask,
    UnixTime,
)

Percent = Annotated[int, Meta(ge=0, le=100)]


class Language(StrEnum):
    """What the screen speaks. Swedish is the source language of all texts."""

    SWEDISH = "sv"
    ENGLISH = "en"


class Page(StrEnum):
    """What the screen shows while no visit is under way; a visit's step goes before it."""

    HOME = "home"
    MEETING = "meeting"
    """Choose among today's meetings, or type a link or code."""
    SCAN = "scan"
    """Hold an invitation's QR code before the camera."""
    PRACTICE = "practice"
    """The test room and the echo room, at any time."""
    PHONE = "phone"
    """The way into a meeting by phone: works without any network."""
    NETWORK = "network"
    FAULT = "fault"
    HELP = "help"
    """Phone numbers and what to do: works without any network."""
    SETTINGS = "settings"


class Panel(StrEnum):
    """What lies over the call."""

    NONE = "none"
    PARTICIPANTS = "participants"
    CHAT = "chat"
    AGENDA = "agenda"
    SETTINGS = "settings"
    PHONE = "phone"
    FAULT = "fault"
    SHARE = "share"
    """A still picture or the second camera, shown to the others."""
    CONFIRM = "confirm"
    """The confirmations that an unplanned call has begun without."""
    HELP = "help"
    """Whom to call and what to do, beside a portal."""
    HANG_UP = "hang_up"
    """The question before leaving."""


class Condition(StrEnum):
    """How well a part is: shown as icon, word and colour."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Battery(Struct, frozen=True, kw_only=True):
    """The kit's battery; ``percent`` is None when the machine has none."""

    condition: Condition = Condition.UNKNOWN
    percent: Percent | None = None
    charging: bool = False


class Network(Struct, frozen=True, kw_only=True):
    """What carries the kit now. ``region_reachable`` is None until it is known."""

    condition: Condition = Condition.UNKNOWN
    uplink: Uplink = Uplink.NONE
    region_reachable: bool | None = None
    """Whether the fleet's broker answers."""
    changing: bool = False
    """The kit is on its way from one uplink to another."""
    uplinks: Annotated[tuple[UplinkView, ...], Meta(max_length=4)] = ()
    """In the order in which they are taken."""
    mobile: Mobile = Mobile()
    test: LinkTest | None = None
    patient: PatientWifi = PatientWifi()


class Device(Struct, frozen=True, kw_only=True):
    """Camera, microphone or speaker. ``label`` names the device as its driver does."""

    condition: Condition = Condition.UNKNOWN
    label: Text64 = ""
    simulated: bool = False


class Devices(Struct, frozen=True, kw_only=True):
    """Everything that the start screen's status row shows."""

    battery: Battery = Battery()
    network: Network = Network()
    camera: Device = Device()
    microphone: Device = Device()
    speaker: Device = Device()
    level_dbfs: Annotated[float, Meta(ge=-120, le=20)] | None = None
    """Microphone level, while it is being tested or a call is on."""
    clipping: bool = False
    """The microphone is too loud for its input."""
    second_camera: Device = Device(condition=Condition.MISSING)


class Support(Struct, frozen=True, kw_only=True):
    """Whom to call. The municipality's agreement (rental or owned) decides."""

    name: Text64 = ""
    phone: Annotated[str, Meta(max_length=24)] = ""
    hours: Text64 = ""


class MeetingToday(Struct, frozen=True, kw_only=True):
    """A booked meeting: neutral title, when, and its place in the agent's list."""

    number: Annotated[int, Meta(ge=0, le=99)]
    title: Text64
    starts_at: UnixTime
    joinable: bool = True
    dial_in: DialIn | None = None
    """By phone, where the meeting has a way of its own."""


class VisitView(Struct, frozen=True, kw_only=True):
    """The visit as the screen shows it: no room name, no PIN."""

    step: Step = Step.IDLE
    unplanned: bool = False
    """Nobody booked this meeting."""
    has_meeting: bool = False
    """False when only the equipment is being tested."""
    since: UnixTime = 0.0
    """When this step began."""
    started_at: UnixTime | None = None
    """When the kit was first let into the meeting; interruptions do not change it."""
    checks: tuple[tuple[Check, CheckResult], ...] = ()
    confirmations: tuple[tuple[Confirmation, bool], ...] = ()
    relatives: int = 0
    may_proceed: bool = False
    pin: PinState = PinState.NOT_NEEDED
    pin_tries_left: int = 0
    door: DoorState = DoorState.OPEN
    """What else the room wants to know before it lets the kit in."""
    waiting_advice: bool = False
    """Nobody came for so long that staff should call somebody."""
    resume_asked: bool = False
    agenda: AgendaItem = AgendaItem.WELCOME
    end_reason: EndReason | None = None
    tidy: TidyTask | None = None
    tidy_tasks: tuple[TidyTask, ...] = ()
    wifi_used: bool = False
    wifi_removed: bool = False
    journal: JournalFacts | None = None
    ratings: tuple[tuple[Evaluator, int], ...] = ()
    hygiene: tuple[tuple[HygieneStep, bool], ...] = ()
    packing: tuple[tuple[PackedPart, bool], ...] = ()


class NoticeKind(StrEnum):
    """Faults of the kit itself that are shown until they pass; refusals have codes of their own."""

    ENGINE_RESTARTING = "engine_restarting"
    BROKER_AWAY = "broker_away"
    REPORT_REFUSED = "report_refused"
    OUTBOX_FULL = "outbox_full"
    NO_CAMERA = "no_camera"
    NO_MICROPHONE = "no_microphone"
    NO_SPEAKER = "no_speaker"
    NETWORK_AWAY = "network_away"
    GUARD_AWAY = "guard_away"
    """What guards the networks does not answer, or fails: no patient's network can be used."""
    NOT_REACHABLE = "not_reachable"
    """Nobody can call the kit: its registration fails."""
    ROOM_AWAY = "room_away"
    """The meeting's server stopped answering in mid-call."""
    DATA_USED = "data_used"
    """What the card of the mobile broadband may use in a month is used up."""


class Refused(Struct, frozen=True, kw_only=True):
    """Input or a room was refused: the last such, until staff dismisses it."""

    reason: Refusal
    support_code: Annotated[str, Meta(max_length=12)] = ""
    """For example ``#pex101``: what the region's support knows the error by."""


class FaultCategory(StrEnum):
    """What staff says is wrong, in one tap."""

    SOUND = "sound"
    PICTURE = "picture"
    NETWORK = "network"
    CHARGING = "charging"
    SCREEN = "screen"
    DAMAGE = "damage"
    OTHER = "other"


class FaultState(StrEnum):
    """How far the kit's own fault report has come."""

    QUEUED = "queued"
    """Kept on the kit, sent when there is a network."""
    RECEIVED = "received"
    REPLACEMENT_CHOSEN = "replacement_chosen"
    SWAPPED = "swapped"
    CLOSED = "closed"


class Fault(Struct, frozen=True, kw_only=True):
    """The kit's newest fault report."""

    state: FaultState
    category: FaultCategory
    number: Text64 = ""
    """The case's number, once the fleet has given it one."""
    handled_by: Text64 = ""
    replaced_by: Text64 = ""


class Lock(Struct, frozen=True, kw_only=True):
    """This kit has been taken out of use."""

    replaced_by: Text64 = ""
    since: UnixTime = 0.0


class KitState(Struct, frozen=True, kw_only=True):
    """Everything that the screen may know."""

    revision: int = 0
    kit_id: Text64 = ""
    unit_name: Text64 = ""
    place: Text64 = ""
    language: Language = Language.SWEDISH
    page: Page = Page.HOME
    panel: Panel = Panel.NONE
    devices: Devices = Devices()
    support: Support = Support()
    dial_in: DialIn | None = None
    meetings: tuple[MeetingToday, ...] = ()
    test_room: bool = False
    """Whether the region has a room to try in."""
    scan_trouble: ScanTrouble = ScanTrouble.NONE
    portals: Annotated[tuple[PortalChoice, ...], Meta(max_length=20)] = ()
    portal: PortalView | None = None
    """The portal that is open, in place of a call."""
    visit: VisitView = VisitView()
    ringing: Ringing | None = None
    contacts: Annotated[tuple[Text64, ...], Meta(max_length=4)] = ()
    """Whom staff reaches at once with one tap, by their place in this list."""
    still_pictures: bool = True
    second_camera: bool = True
    """What the region's policy allows to be shown to the others."""
    call: Call = Call()
    notices: tuple[NoticeKind, ...] = ()
    refused: Refused | None = None
    fault: Fault | None = None
    lock: Lock | None = None
    takes_over: Text64 = ""
    """Name of the unit whose place this kit has just taken, until staff has seen it."""
    allowed_hosts: tuple[Text200, ...] = ()
