"""Bookings as FHIR R5, and what the server can do."""

from __future__ import annotations

from typing import Any, Final

from fleet.booking.names import DROPPED, KIND_SYSTEM, KIT_SYSTEM, SUBSETTED, UNIT_SYSTEM
from fleet.booking.outcome import Issue
from fleet.booking.service import Kept
from fleet.clock import local
from fleet.store.meetings import KINDS

PROFILE_TEXT: Final = (
    "Bokade videomöten till hembesökskit. Enheten anges som Device (kit-id) eller Location (enhetens namn), "
    "länken som virtualService.addressUrl med PIN i sessionKey, inringning som ett virtualService med "
    "addressContactPoint. Allt annat tas bort och nämns i svaret. En bokning glöms när dess dag är förbi."
)


def appointment(kept: Kept) -> dict[str, Any]:
    """What is kept, as an `Appointment`; elements that were dropped are named in its meta."""
    row = kept.row
    code = next((code for code, title in KINDS.items() if title == row.title), "vardmote")
    resource: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": kept.id,
        "meta": _meta(kept),
        "status": row.status,
        "serviceType": [{"concept": {"coding": [{"system": KIND_SYSTEM, "code": code}]}}],
        "virtualService": _services(kept),
        "start": _instant(row.start),
        "participant": [
            _place("Device", KIT_SYSTEM, row.kit_id),
            _place("Location", UNIT_SYSTEM, kept.unit),
        ],
    }
    return {**resource, "end": _instant(row.end)} if row.end is not None else resource


def etag(kept: Kept) -> str:
    """The version as an entity tag."""
    return f'W/"{kept.row.revision}"'


def statement(now: int) -> dict[str, Any]:
    """The `CapabilityStatement`."""
    interactions = [{"code": code} for code in ("read", "create", "update", "delete")]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _instant(now),
        "kind": "instance",
        "software": {"name": "Hembesök: bokning"},
        "implementation": {"description": PROFILE_TEXT},
        "fhirVersion": "5.0.0",
        "format": ["json", "application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "Authorization: Bearer med systemets nyckel, över TLS."},
                "resource": [
                    {
                        "type": "Appointment",
                        "documentation": PROFILE_TEXT,
                        "interaction": interactions,
                        "versioning": "versioned-update",
                        "readHistory": False,
                        "updateCreate": True,
                        "conditionalCreate": False,
                        "conditionalUpdate": False,
                        "conditionalDelete": "not-supported",
                    }
                ],
            }
        ],
    }


def _meta(kept: Kept) -> dict[str, Any]:
    meta: dict[str, Any] = {
        "versionId": str(kept.row.revision),
        "lastUpdated": _instant(kept.row.changed_at),
    }
    dropped = [issue for issue in kept.notes if issue.code == "suppressed"]
    if dropped:
        meta["tag"] = [{"system": SUBSETTED, "code": "SUBSETTED"}]
        meta["extension"] = [_extension(issue) for issue in dropped]
    return meta


def _extension(issue: Issue) -> dict[str, Any]:
    return {"url": DROPPED, "valueString": issue.where}


def _services(kept: Kept) -> list[dict[str, Any]]:
    row = kept.row
    link = {"addressUrl": row.link} | ({"sessionKey": row.pin} if row.pin else {})
    if not row.phone:
        return [link]
    phone: dict[str, Any] = {"addressContactPoint": {"system": "phone", "value": row.phone}}
    return [link, phone | ({"sessionKey": row.phone_id} if row.phone_id else {})]


def _place(kind: str, system: str, value: str) -> dict[str, Any]:
    return {
        "actor": {"type": kind, "identifier": {"system": system, "value": value}},
        "status": "accepted",
    }


def _instant(at: int) -> str:
    return local(at).isoformat(timespec="milliseconds")
