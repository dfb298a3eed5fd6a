"""The words of a home visit: its steps, what is checked, confirmed, talked about and tidied."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Text64 = Annotated[str, Meta(max_length=64)]
Text200 = Annotated[str, Meta(max_length=200)]
Seconds = Annotated[float, Meta(ge=0)]
UnixTime = Annotated[float, Meta(ge=0)]


class Step(StrEnum):
    """Where the visit is. The order is that of a visit without trouble."""

    IDLE = "idle"
    RINGING = "ringing"
    """Somebody calls the kit, and nobody has answered."""
    PREPARE = "prepare"
    CONFIRM = "confirm"
    JOINING = "joining"
    WAITING = "waiting"
    IN_CALL = "in_call"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    TIDY = "tidy"


class Check(StrEnum):
    """What the function test asks before the first call."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    NETWORK = "network"


class CheckResult(StrEnum):
    """How far one check has come."""

    UNTESTED = "untested"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


class Confirmation(StrEnum):
    """What staff confirms before a meeting; the region's policy says which are demanded."""

    CONSENT = "consent"
    """The patient consents, or a men-/sekretessprövning has been made by the one who discloses."""
    PLACE_PRIVATE = "place_private"
    DOOR_SIGN = "door_sign"
    PATIENT_IDENTIFIED = "patient_identified"
    RELATIVES_CONFIRMED = "relatives_confirmed"


class AgendaItem(StrEnum):
    """The meeting's structure, in order."""

    WELCOME = "welcome"
    PURPOSE = "purpose"
    REASON = "reason"
    INTRODUCTIONS = "introductions"
    QUESTIONS = "questions"
    SUMMARY = "summary"


class TidyTask(StrEnum):
    """What remains after the meeting, in the order shown."""

    WIFI = "wifi"
    JOURNAL = "journal"
    EVALUATION = "evaluation"
    HYGIENE = "hygiene"
    PACKING = "packing"


class PackedPart(StrEnum):
    """The package's parts, ticked off when the backpack is packed."""

    TABLET = "tablet"
    STAND = "stand"
    SPEAKERPHONE = "speakerphone"
    CHARGER = "charger"
    EXTENSION_CABLE = "extension_cable"
    BACKPACK = "backpack"


class HygieneStep(StrEnum):
    """How shared equipment is disinfected between patients."""

    HANDS = "hands"
    SCREEN = "screen"
    SPEAKERPHONE = "speakerphone"
    CABLES = "cables"


class Evaluator(StrEnum):
    """Who answers the anonymous evaluation."""

    PATIENT = "patient"
    STAFF = "staff"


class PinState(StrEnum):
    """Whether the room wants a PIN, and what became of the last one."""

    NOT_NEEDED = "not_needed"
    NEEDED = "needed"
    WRONG = "wrong"


class DoorState(StrEnum):
    """What the room wants to know, beside a PIN, before it lets the kit in."""

    OPEN = "open"
    EXTENSION = "extension"
    EXTENSION_WRONG = "extension_wrong"
    LOGIN = "login"


class EndReason(StrEnum):
    """Why the call is over. The words for the screen are in ``kit.ui``."""

    HUNG_UP = "hung_up"
    HOST_ENDED = "host_ended"
    REMOVED = "removed"
    """Another participant or an administrator took the kit out of the meeting."""
    WAITED_TOO_LONG = "waited_too_long"
    CONNECTION_LOST = "connection_lost"
    NEVER_JOINED = "never_joined"
    RESTARTED = "restarted"
    """The kit's own agent died; what it held in memory is gone, as it should be."""


class Refusal(StrEnum):
    """Why input or a room was refused. One static code per sentence on the screen and counter in health."""

    LINK_INVALID = "link_invalid"
    LINK_HOST_NOT_ALLOWED = "link_host_not_allowed"
    LINK_TOO_LONG = "link_too_long"
    LINK_SCHEME = "link_scheme"
    CODE_UNKNOWN = "code_unknown"
    CODE_PERSONAL = "code_personal"
    """It looks like a personal number, which is sent nowhere."""
    CODE_WIFI = "code_wifi"
    CODE_CONTACT = "code_contact"
    CODE_PAYMENT = "code_payment"
    CODE_LOGIN = "code_login"
    CODE_OTHER = "code_other"
    """A code was read, and it is about no meeting."""
    PIN_WRONG = "pin_wrong"
    PIN_TRIES_USED_UP = "pin_tries_used_up"
    ROOM_UNKNOWN = "room_unknown"
    ROOM_FULL = "room_full"
    ROOM_MAINTENANCE = "room_maintenance"
    ROOM_UNREACHABLE = "room_unreachable"
    ROOM_CERTIFICATE = "room_certificate"
    ROOM_LOGIN_NEEDED = "room_login_needed"
    ROOM_NOT_INVITED = "room_not_invited"
    """The room lets in by a list, and what the invitation brought is not, or no longer, on it."""
    ROOM_ANSWER_INVALID = "room_answer_invalid"
    MEETING_ENDED = "meeting_ended"
    """The host has ended this meeting; the same invitation leads nowhere."""
    MEDIA_FAILED = "media_failed"
    PORTAL_FAILED = "portal_failed"
    """The browser for web portals is not there, or fell twice."""
    KIT_LOCKED = "kit_locked"
    CALL_CANCELLED = "call_cancelled"
    """Who called the kit gave up, or somebody else answered."""
    CALL_MISSED = "call_missed"
    """Nobody answered the call at the kit."""


class Service(StrEnum):
    """What kind of room it is, and so how the kit joins it."""

    PEXIP = "pexip"
    JANUS = "janus"
    PORTAL = "portal"


class Invitation(Struct, frozen=True, kw_only=True):
    """A meeting that the kit may join. Lives in memory only and ends with the visit.

    ``host`` is ``name`` or ``name:port`` from the allow-list; ``alias`` the room's name at that host
    (unescaped); ``pin`` the digits without ``#``, ``None`` when unknown, ``""`` for a guest without PIN.
    For a portal ``host`` is its host and ``alias`` its name in the kit's configuration. ``extension`` is the
    room's number behind a reception, ``login`` the chosen way of logging in, as the room names it.
    """

    host: Annotated[str, Meta(max_length=260)]
    alias: Annotated[str, Meta(min_length=1, max_length=250)]
    pin: Annotated[str, Meta(max_length=32)] | None = None
    service: Service = Service.PEXIP
    token: Annotated[str, Meta(max_length=512)] | None = None
    """Janus' own, where it asks for one."""
    address: Annotated[str, Meta(max_length=2048)] = ""
    """A portal's whole link."""
    extension: Annotated[str, Meta(max_length=20)] | None = None
    login: Annotated[str, Meta(max_length=64)] | None = None
    ring_token: Annotated[str, Meta(max_length=4096)] | None = None
    """Opens the room once: the service gave it with a call that rings on the kit."""
    caller: Annotated[str, Meta(max_length=120)] = ""
    """Who calls, as the service names them."""

    def __repr__(self) -> str:
        """Say nothing: the room's name and PIN never reach a log."""
        return "Invitation(…)"


class JournalFacts(Struct, frozen=True, kw_only=True):
    """Shown once after the meeting for the patient's record, then gone. Times are unix seconds."""

    started_at: UnixTime
    ended_at: UnixTime
    participants: Annotated[int, Meta(ge=0, le=1000)]
    contact_type: Text64
    """What to register, as the region's record system words it."""
    patient_fee_kr: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    """What the visit costs the patient, when the region has configured it; counts towards frikort."""


class Policy(Struct, frozen=True, kw_only=True):
    """The region's rules for a visit."""

    confirmations: tuple[Confirmation, ...] = tuple(Confirmation)
    checks: tuple[Check, ...] = tuple(Check)
    waiting_advice_s: Seconds = 300.0
    join_limit_s: Seconds = 45.0
    reconnect_limit_s: Seconds = 60.0
    """How long the kit tries by itself before it asks ("Återuppta samtalet")."""
    pin_tries: Annotated[int, Meta(ge=1, le=10)] = 3
    patient_wifi: bool = True
    """The patient's own Wi-Fi may carry a meeting when nothing else does."""
    wifi_limit_s: Seconds = 7200.0
    tidy_limit_s: Seconds = 3600.0
    """A kit that was left in the middle of tidying forgets the visit after this."""
    checks_valid_s: Seconds = 1800.0
    """How long a passed function test holds, so that a mistyped link does not mean testing again."""
    unplanned_first: bool = False
    """Unplanned calls begin at once, and the confirmations are asked for during the call."""
    auto_answer_s: Seconds | None = None
    """A call that rings answers itself after this; only with ``unplanned_first``: nobody has confirmed."""
    ring_limit_s: Seconds = 60.0
    still_pictures: bool = True
    """The kit may show the others a still picture, for example of a wound."""
    second_camera: bool = True
    """The kit may show the others the picture of a second camera."""
    contact_type: Text64 = "Distanskontakt video team"
    patient_fee_kr: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    packing: tuple[PackedPart, ...] = tuple(PackedPart)

    @property
    def answers_itself_s(self) -> float | None:
        """After how long a call that rings answers itself; None: never."""
        return self.auto_answer_s if self.unplanned_first or not self.confirmations else None
