"""What the screen may know of networks: words, and places in lists. Never an address, never a password."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct

Kbps = Annotated[int, Meta(ge=0, le=1_000_000)]
Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
Megabytes = Annotated[int, Meta(ge=0, le=10_000_000)]
DATA_NEARLY: Final = 0.8
UnixTime = Annotated[float, Meta(ge=0)]


class Uplink(StrEnum):
    """What carries the kit to the network."""

    CABLE = "cable"
    CARE_WIFI = "care_wifi"
    MOBILE = "mobile"
    PATIENT_WIFI = "patient_wifi"
    NONE = "none"


class Signal(StrEnum):
    """Strength in four words: figures say nothing to those who carry the kit."""

    NONE = "none"
    WEAK = "weak"
    FAIR = "fair"
    GOOD = "good"


class Technology(StrEnum):
    """How an uplink reaches the network."""

    NONE = "none"
    ETHERNET = "ethernet"
    WIFI = "wifi"
    GSM = "2g"
    UMTS = "3g"
    LTE = "4g"
    NR = "5g"
    UNKNOWN = "unknown"


class UplinkState(StrEnum):
    """How far an uplink is from carrying the kit."""

    ABSENT = "absent"
    """No such hardware, or nothing provisioned for it."""
    DOWN = "down"
    """There, and nothing to connect to: no cable in it, no network in reach."""
    CONNECTING = "connecting"
    FAILED = "failed"
    """It was tried, and it does not work; tried again later."""
    READY = "ready"
    """Connected, and could carry the kit at once."""
    IN_USE = "in_use"


class SimState(StrEnum):
    """What the modem says of its card."""

    UNKNOWN = "unknown"
    NO_SERVICE = "no_service"
    """What looks after modems on this machine (ModemManager) does not run."""
    NO_MODEM = "no_modem"
    MISSING = "missing"
    PIN_NEEDED = "pin_needed"
    """Locked, and provisioning brought no PIN."""
    PIN_WRONG = "pin_wrong"
    """Provisioning's PIN was refused once; it is not tried again, since the third time locks the card."""
    PUK_NEEDED = "puk_needed"
    FAILED = "failed"
    READY = "ready"


class Registration(StrEnum):
    """Where the modem is at home (3GPP TS 27.007, +CREG)."""

    UNKNOWN = "unknown"
    SEARCHING = "searching"
    DENIED = "denied"
    HOME = "home"
    ROAMING = "roaming"
    ROAMING_REFUSED = "roaming_refused"
    """There is only a foreign network, and the region's policy says no."""


class Verdict(StrEnum):
    """Whether an uplink holds for a meeting: "bra", "går", "räcker inte"."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class DataLevel(StrEnum):
    """How a month's data stands to what the card may use. It is told, and hinders no meeting."""

    WITHIN = "within"
    NEARLY = "nearly"
    """From 80 % on."""
    OVER = "over"


class Mobile(Struct, frozen=True, kw_only=True):
    """Mobile broadband in words. Megabytes are this month's, both ways; without a budget it is 0."""

    sim: SimState = SimState.UNKNOWN
    registration: Registration = Registration.UNKNOWN
    technology: Technology = Technology.NONE
    signal: Signal = Signal.NONE
    used_mb: Megabytes = 0
    budget_mb: Megabytes = 0

    @property
    def data(self) -> DataLevel:
        """How the month's data stands."""
        if not self.budget_mb or self.used_mb < DATA_NEARLY * self.budget_mb:
            return DataLevel.WITHIN
        return DataLevel.OVER if self.used_mb >= self.budget_mb else DataLevel.NEARLY


class UplinkView(Struct, frozen=True, kw_only=True):
    """One uplink as the screen shows it."""

    uplink: Uplink
    state: UplinkState = UplinkState.ABSENT
    technology: Technology = Technology.NONE
    signal: Signal | None = None
    """None where there is none to tell."""
    metered: bool = False
    hotspot: bool = False
    """A phone shares its network: it stops when the phone leaves the room, and it pays for it."""
    verdict: Verdict | None = None
    """Of the last link test."""


class LinkAdvice(StrEnum):
    """What to do about a link, from what was measured."""

    NONE = "none"
    MOVE = "move"
    """The signal is weak: nearer a window."""
    CABLE = "cable"
    """Others share this link, or it drops packets: a cable if there is one."""
    OTHER = "other"
    """Another uplink of this kit was better."""
    SOUND_ONLY = "sound_only"
    """Sound holds, pictures do not."""
    PHONE = "phone"
    """Nothing holds: take the meeting by phone."""


class LinkFigures(Struct, frozen=True, kw_only=True):
    """What ten seconds of real media met. ``loss_percent`` and ``longest_gap_ms`` are the worse way's."""

    up_kbps: Kbps = 0
    down_kbps: Kbps = 0
    round_trip_ms: Milliseconds = 0
    jitter_ms: Milliseconds = 0
    loss_percent: Annotated[float, Meta(ge=0, le=100)] = 0.0
    longest_gap_ms: Milliseconds = 0


class LinkVerdict(Struct, frozen=True, kw_only=True):
    """What a link test said of an uplink that stands by; None: the region did not answer through it."""

    uplink: Uplink
    verdict: Verdict | None = None


class LinkTest(Struct, frozen=True, kw_only=True):
    """A link test under way, or its outcome: of the uplink in use, and then of those that stand by.

    While it runs ``uplink`` is the one that is being tried, afterwards the one that was in use.
    """

    uplink: Uplink
    running: bool = False
    progress: Annotated[float, Meta(ge=0, le=1)] = 0.0
    verdict: Verdict | None = None
    advice: LinkAdvice = LinkAdvice.NONE
    figures: LinkFigures | None = None
    unreachable: bool = False
    """There was nobody to test with: the region's server did not answer."""
    others: Annotated[tuple[LinkVerdict, ...], Meta(max_length=4)] = ()
    """What has been tried beside it."""


class WifiStep(StrEnum):
    """How far staff has come with the patient's own Wi-Fi."""

    CLOSED = "closed"
    REASON = "reason"
    """Why it is offered, and the first question."""
    CONSENT = "consent"
    """The second question: has the patient been asked?"""
    CHOOSE = "choose"
    """From a scan, or by the QR code of the router."""
    KEY = "key"
    """Its password."""
    JOINING = "joining"
    ON = "on"
    REMOVING = "removing"
    REMOVED = "removed"
    """Verified: no profile, no address, no lease."""


class WifiTrouble(StrEnum):
    """Why the patient's Wi-Fi does not carry the kit."""

    NONE = "none"
    KEY_WRONG = "key_wrong"
    KEY_FORM = "key_form"
    """8 to 63 characters, or 64 hexadecimal digits."""
    NAME_FORM = "name_form"
    """1 to 32 bytes."""
    OUT_OF_REACH = "out_of_reach"
    NO_ADDRESS = "no_address"
    PORTAL = "portal"
    """It wants somebody to log in on a web page."""
    NO_INTERNET = "no_internet"
    NOT_SUPPORTED = "not_supported"
    """A company's login, or a security that is broken (WEP)."""
    CODE_INVALID = "code_invalid"
    NO_WIFI = "no_wifi"
    """The kit has no Wi-Fi that works."""
    TIME_OVER = "time_over"


class WifiSecurity(StrEnum):
    """What a network asks for, as far as staff must know."""

    OPEN = "open"
    KEY = "key"
    NOT_SUPPORTED = "not_supported"


class WifiNetwork(Struct, frozen=True, kw_only=True):
    """One network of the scan. ``label`` is made safe to show, and may be alike for two networks."""

    number: Annotated[int, Meta(ge=0, le=99)]
    label: Annotated[str, Meta(max_length=96)]
    signal: Signal = Signal.NONE
    security: WifiSecurity = WifiSecurity.KEY
    hotspot: bool = False


class PatientWifi(Struct, frozen=True, kw_only=True):
    """The emergency way, as the screen shows it. What it is called is known only while it is chosen."""

    offered: bool = False
    """Nothing else carries the kit, and the region's policy allows it."""
    step: WifiStep = WifiStep.CLOSED
    trouble: WifiTrouble = WifiTrouble.NONE
    scanning: bool = False
    networks: Annotated[tuple[WifiNetwork, ...], Meta(max_length=100)] = ()
    chosen: Annotated[str, Meta(max_length=96)] = ""
    ends_at: UnixTime | None = None
    """When the time limit removes it."""
    ends_soon: bool = False
    reading_code: bool = False
    """The camera looks for the router's code."""
    code_waiting: bool = False
    """A Wi-Fi's code was read before a meeting was chosen; it waits in memory, for some minutes."""
    stuck: bool = False
    """Removal was tried again and again and is not verified: only switching the kit off is sure."""
