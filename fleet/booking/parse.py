"""From bytes to a FHIR R5 `Appointment`: limits, form, and which elements are known. Pure.

Errors of the validator carry what was sent, so that they go no further than this module.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from fhir.resources.appointment import Appointment
from pydantic import ValidationError

from fleet.booking.names import REFUSED
from fleet.booking.outcome import Issue, Refusal, refuse

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 24
MAX_ISSUES: Final = 10
ELEMENTS: Final = frozenset(Appointment.elements_sequence())


def parse(data: bytes) -> tuple[Appointment, dict[str, Any]]:
    """The checked resource, and the same as it was sent."""
    raw = _json(data)
    if raw.get("resourceType") != "Appointment":
        raise refuse(400, "invalid", "Resursen är ingen Appointment.", "resourceType")
    for name in sorted(REFUSED & raw.keys()):
        text = "Elementet ändrar betydelsen av resten och kan inte tas emot."
        raise refuse(422, "not-supported", text, f"Appointment.{name}")
    for name in ("status", "participant"):
        if name not in raw:
            text = "Här saknas något som måste vara med."
            raise refuse(400, "required", text, f"Appointment.{name}")
    problems: tuple[Issue, ...] = ()
    try:
        return Appointment.model_validate(raw), raw
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        problems = tuple(_problem(each["loc"], each["type"]) for each in found[:MAX_ISSUES])
    except (RecursionError, ValueError, TypeError, OverflowError):
        problems = (Issue(code="structure", text="Resursen går inte att läsa."),)
    # Raised out here, because inside `except` the validator's own text would follow along as __context__.
    raise Refusal(400, *problems)


def where(location: tuple[Any, ...]) -> str:
    """A place as FHIRPath. It ends at the first name that FHIR does not know: that may be somebody's."""
    path = "Appointment"
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part in _NAMES:
            path += f".{part}"
        else:
            break
    return path


def _json(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise refuse(413, "too-long", "Resursen är för stor.")
    if _depth(data) > MAX_DEPTH:
        raise refuse(400, "structure", "Resursen är för djupt nästlad.")
    try:
        raw = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        raise refuse(400, "structure", "Det är ingen läsbar JSON.")
    return raw


def _depth(data: bytes) -> int:
    """How deep brackets are nested, those in texts included: a bound, found without recursion."""
    depth = deepest = 0
    for sign in data:
        if sign in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in b"]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values for one name: which one counts differs between programs."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def _problem(location: tuple[Any, ...], kind: str) -> Issue:
    place = where(location)
    if kind == "extra_forbidden":
        return Issue(code="structure", text="Här finns ett element som FHIR R5 inte har.", where=place)
    if kind in {"missing", "model_validation_error"}:
        return Issue(code="required", text="Här saknas något som måste vara med.", where=place)
    return Issue(code="value", text="Värdet följer inte FHIR R5.", where=place)


_NAMES: Final = ELEMENTS | frozenset(
    {
        *("actor", "addressContactPoint", "addressUrl", "coding", "code", "concept", "identifier", "period"),
        *("reference", "required", "sessionKey", "status", "system", "type", "use", "value", "display"),
        *(
            "additionalInfo",
            "addressString",
            "channelType",
            "maxParticipants",
            "addressExtendedContactDetail",
        ),
    }
)
