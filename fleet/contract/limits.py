"""The words and limits that every message between a kit and the fleet is built of.

Patterns end with `END` instead of `$`, because `$` also matches before a trailing newline, and because this
spelling means the same in Python and in the ECMA-262 patterns of JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta

END: Final = r"(?![\s\S])"
PRINTABLE: Final = r"^[^\u0000-\u001f\u007f]*" + END

MAX_MESSAGE_BYTES: Final = 64 * 1024
"""No message in either direction is larger. 25 meetings with the longest links stay below it."""

KitId = Annotated[str, Meta(pattern=r"^kit-[0-9]{4,6}" + END, description="Asset number, printed on the kit")]
Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}" + END, description="128 random bits in hexadecimal")]
Code = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,39}" + END, description="Static code from the program, never typed text"
    ),
]
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1, description="Number within one stream, without holes, from 1")]
UnixMs = Annotated[
    int, Meta(ge=0, le=4_102_444_800_000, description="UTC, milliseconds since 1970; near 0 without a clock")
]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=600_000)]
Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=PRINTABLE)]
Phone = Annotated[str, Meta(pattern=r"^[0-9+][0-9 \-]{2,23}" + END)]
HostPort = Annotated[
    str,
    Meta(
        max_length=260,
        pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.\-]*[a-z0-9])?(:[0-9]{1,5})?" + END,
        description="Host name, with an optional leading '*.' and an optional port",
    ),
]

Link = Annotated[str, Meta(max_length=1024, pattern=r"^[a-z][a-z0-9+.\-]*:[^\s\u0000-\u001f]+" + END)]

Agreement = Literal["rental", "owned"]
Responsible = Literal["region", "municipality"]
Language = Literal["sv", "en"]
UplinkKind = Literal["none", "cable", "care_wifi", "mobile", "patient_wifi"]
Signal = Literal["none", "weak", "fair", "good"]
LinkVerdict = Literal["good", "fair", "poor"]
Technology = Literal["none", "ethernet", "wifi", "2g", "3g", "4g", "5g", "unknown"]
SimState = Literal[
    "unknown",
    "no_service",
    "no_modem",
    "missing",
    "pin_needed",
    "pin_wrong",
    "puk_needed",
    "failed",
    "ready",
]
Registration = Literal["unknown", "searching", "denied", "home", "roaming", "roaming_refused"]
GuardState = Literal["ok", "silent", "failed"]
DeviceState = Literal[
    "ok", "missing", "busy", "failed", "silent", "muted", "low_volume", "simulated", "unknown"
]
VisitState = Literal["idle", "visit"]
FaultCategory = Literal["sound", "picture", "network", "charging", "screen", "damage", "other"]
CaseState = Literal["received", "handling", "swapping", "swapped", "closed"]
LockReason = Literal["replaced", "lost", "repair", "scrapped"]
PackagePart = Literal[
    "tablet", "case", "stand", "puck", "backpack", "charger", "extension_cable", "webcam", "headset"
]
