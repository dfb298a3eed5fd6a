"""Topics, messages and codec between kit and fleet; pure, and all that a kit imports of fleet.

A kit sends `Report`s in a numbered stream and keeps each until an `Ack` covers its number; it publishes
`Presence` (retained, also as its last will) and follows the retained `Desired` and `Case`.
`docs/asyncapi.yaml` is generated from these types by `python -m fleet.contract`.
"""

from fleet.contract.codec import (
    RefusalCode,
    Refused,
    decode,
    decode_body,
    decode_head,
    decode_report,
    encode,
)
from fleet.contract.commands import (
    Ack,
    Case,
    Desired,
    DialIn,
    Locked,
    Meeting,
    RefusedReport,
    SupportContact,
    TakesOver,
)
from fleet.contract.health import Battery, CallQuality, Device, Health, Memory, Mobile, Storage, Uplink
from fleet.contract.limits import MAX_MESSAGE_BYTES
from fleet.contract.reports import (
    Body,
    DesiredApplied,
    Dropped,
    Fault,
    PatientWifiRemoved,
    Presence,
    Report,
    ReportHead,
    VisitSummary,
)
from fleet.contract.topics import (
    ACK,
    CASE,
    CHANNELS,
    CONTENT_TYPE,
    DESIRED,
    PRESENCE,
    REPORT,
    Channel,
    all_kits,
    parse_topic,
    topic,
)

__all__ = [
    "ACK",
    "CASE",
    "CHANNELS",
    "CONTENT_TYPE",
    "DESIRED",
    "MAX_MESSAGE_BYTES",
    "PRESENCE",
    "REPORT",
    "Ack",
    "Battery",
    "Body",
    "CallQuality",
    "Case",
    "Channel",
    "Desired",
    "DesiredApplied",
    "Device",
    "DialIn",
    "Dropped",
    "Fault",
    "Health",
    "Locked",
    "Meeting",
    "Memory",
    "Mobile",
    "PatientWifiRemoved",
    "Presence",
    "RefusalCode",
    "Refused",
    "RefusedReport",
    "Report",
    "ReportHead",
    "Storage",
    "SupportContact",
    "TakesOver",
    "Uplink",
    "VisitSummary",
    "all_kits",
    "decode",
    "decode_body",
    "decode_head",
    "decode_report",
    "encode",
    "parse_topic",
    "topic",
]
