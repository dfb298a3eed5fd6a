"""What is kept of an `Appointment`, and what is dropped and named. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from fhir.resources.appointment import Appointment
from msgspec import Struct

from fleet.booking.names import KIND_SYSTEM, KIT_SYSTEM, READ, UNIT_SYSTEM, UNUSED
from fleet.booking.outcome import Issue, refuse
from fleet.booking.parse import ELEMENTS
from fleet.store.meetings import KINDS, NEUTRAL, PIN

MAX_LENGTH_MS: Final = 12 * 3_600_000
BOOKED: Final = frozenset({"booked", "arrived", "checked-in"})
OFF: Final = frozenset({"cancelled", "noshow", "fulfilled", "entered-in-error"})
PLACES: Final = {"Device": KIT_SYSTEM, "Location": UNIT_SYSTEM}
_KIT = re.compile(r"(?:[^\s]*/)?Device/(kit-[0-9]{4,6})")
_PHONE = re.compile(r"[0-9+][0-9 -]{2,23}")
_PHONE_ID = re.compile(r"[0-9][0-9 ]{0,30}#?")


Known: TypeAlias = Mapping[str, "Known | None"]
"""What is read of an element, by name, with what is read of that; None: it can name nobody."""
_OF_META: Final[Known] = dict.fromkeys(("versionId", "lastUpdated", "profile"))
_OF_POINT: Final[Known] = dict.fromkeys(("system", "value", "use", "rank"))
_OF_CHANNEL: Final[Known] = dict.fromkeys(("system", "code", "version", "userSelected"))
_OF_SERVICE: Final[Known] = {
    **dict.fromkeys(("addressUrl", "sessionKey", "maxParticipants")),
    "addressContactPoint": _OF_POINT,
    "channelType": _OF_CHANNEL,
}
_OF_ACTOR: Final[Known] = {
    **dict.fromkeys(("reference", "type")),
    "identifier": dict.fromkeys(("system", "value", "use")),
}
_OF_PARTICIPANT: Final[Known] = {**dict.fromkeys(("status", "required")), "actor": _OF_ACTOR}


class Place(Struct, frozen=True):
    """Where the meeting shall be: a kit's id, or a unit's name."""

    kit: str = ""
    unit: str = ""


class Booking(Struct, frozen=True, kw_only=True):
    """All that is kept. Times are UTC ms. Link, PIN and phone id stay out of `repr`."""

    place: Place
    title: str
    start: int
    end: int | None
    link: str
    pin: str | None
    phone: str | None
    phone_id: str | None

    def __repr__(self) -> str:
        return f"Booking(start={self.start})"


class Taken(Struct, frozen=True):
    """A booking and what was dropped on the way to it."""

    booking: Booking
    dropped: tuple[Issue, ...]


def take(resource: Appointment, raw: dict[str, Any]) -> Taken:
    """Read the resource; a refusal when it is no meeting that a kit could show."""
    if resource.status not in BOOKED:
        text = "Bara bokade och avbokade möten tas emot (status booked eller cancelled)."
        raise refuse(422, "business-rule", text, "Appointment.status")
    link, pin, phone, phone_id = _services(resource)
    start, end = _times(resource)
    booking = Booking(
        place=_place(resource),
        title=_title(resource),
        start=start,
        end=end,
        link=link,
        pin=pin,
        phone=phone,
        phone_id=phone_id,
    )
    return Taken(booking, all_dropped(resource, raw))


def all_dropped(resource: Appointment, raw: dict[str, Any]) -> tuple[Issue, ...]:
    """Every element that was sent and is not kept."""
    return tuple(_dropped(resource, raw))


def dropped(place: str) -> Issue:
    """The words for an element that was sent and not kept."""
    text = f"{place} kan handla om en person. Det har tagits bort och sparas ingenstans."
    return Issue(severity="information", code="suppressed", text=text, where=place)


def _times(resource: Appointment) -> tuple[int, int | None]:
    if resource.start is None:
        raise refuse(422, "required", "Det saknas när mötet börjar.", "Appointment.start")
    times = (resource.start, resource.end)
    if any(time is not None and time.tzinfo is None for time in times):
        raise refuse(422, "value", "Tider skrivs med tidszon.", "Appointment.start")
    start, end = (None if time is None else int(time.timestamp() * 1000) for time in times)
    assert start is not None
    if end is not None and not 0 < end - start <= MAX_LENGTH_MS:
        text = "Mötet slutar före det börjar, eller varar mer än 12 timmar."
        raise refuse(422, "business-rule", text, "Appointment.end")
    return start, end


def _services(resource: Appointment) -> tuple[str, str | None, str | None, str | None]:
    """Link, PIN, phone number and phone id of the virtual services."""
    services = resource.virtualService or []
    links = [(n, service) for n, service in enumerate(services) if service.addressUrl]
    if len(links) != 1:
        text = "Det ska finnas exakt en möteslänk (virtualService.addressUrl)."
        raise refuse(422, "business-rule" if links else "required", text, "Appointment.virtualService")
    number, link = links[0]
    pin = link.sessionKey
    if pin is not None and not PIN.fullmatch(pin):
        place = f"Appointment.virtualService[{number}].sessionKey"
        raise refuse(422, "value", "PIN-koden har tecken som en PIN-kod inte har.", place)
    phone, phone_id = _phone(resource)
    return str(link.addressUrl), pin and pin.removesuffix("#"), phone, phone_id


def _phone(resource: Appointment) -> tuple[str | None, str | None]:
    for number, service in enumerate(resource.virtualService or []):
        point = service.addressContactPoint
        if point is None or point.system != "phone" or service.addressUrl:
            continue
        place = f"Appointment.virtualService[{number}]"
        if not _PHONE.fullmatch(point.value or ""):
            raise refuse(422, "value", "Telefonnumret går inte att läsa.", f"{place}.addressContactPoint")
        if service.sessionKey is not None and not _PHONE_ID.fullmatch(service.sessionKey):
            raise refuse(422, "value", "Mötes-id för telefon är siffror.", f"{place}.sessionKey")
        return point.value, service.sessionKey
    return None, None


def _place(resource: Appointment) -> Place:
    found = {place for place in map(_place_of, resource.participant or []) if place is not None}
    if not found:
        text = (
            "Det saknas vilken enhet mötet gäller: en deltagare som är Device (kit-id) eller Location "
            "(enhetens namn)."
        )
        raise refuse(422, "required", text, "Appointment.participant")
    if len(found) > 1:
        text = "Mötet kan bara gälla en enhet."
        raise refuse(422, "multiple-matches", text, "Appointment.participant")
    return found.pop()


def _place_of(participant: Any) -> Place | None:
    actor = participant.actor
    if actor is None:
        return None
    if match := _KIT.fullmatch(actor.reference or ""):
        return Place(kit=match[1])
    identifier = actor.identifier
    if _kind_of(actor) not in PLACES or identifier is None or not identifier.value:
        return None
    kit = identifier.system == KIT_SYSTEM or (identifier.system is None and _kind_of(actor) == "Device")
    return Place(kit=identifier.value[:80]) if kit else Place(unit=identifier.value[:80])


def _kind_of(actor: Any) -> str:
    if actor.type:
        return str(actor.type)
    if actor.reference:
        parts = actor.reference.split("/")
        return parts[-2] if len(parts) > 1 else ""
    systems = {system: kind for kind, system in PLACES.items()}
    return systems.get(actor.identifier.system, "") if actor.identifier else ""


def _title(resource: Appointment) -> str:
    codes = [c.code for c in _codings(resource) if c.system in (None, KIND_SYSTEM)]
    return next((KINDS[code] for code in codes if code in KINDS), NEUTRAL)


def _codings(resource: Appointment) -> Iterator[Any]:
    for service in resource.serviceType or []:
        if service.concept is not None:
            yield from service.concept.coding or []


def _dropped(resource: Appointment, raw: dict[str, Any]) -> Iterator[Issue]:
    for name in sorted(raw):
        element = name.removeprefix("_")
        if element in READ:
            continue
        place = f"Appointment.{element}" if element in ELEMENTS else "Appointment"
        if element in UNUSED:
            text = f"{place} används inte och har inte sparats."
            yield Issue(severity="information", code="suppressed", text=text, where=place)
        else:
            yield dropped(place)
    for name in ("status", "start", "end"):
        if raw.get(f"_{name}"):
            yield dropped(f"Appointment.{name}")
    yield from _beyond(raw.get("meta"), "Appointment.meta", _OF_META)
    yield from _beyond(raw.get("virtualService"), "Appointment.virtualService", _OF_SERVICE)
    yield from _dropped_participants(resource, raw)
    yield from _dropped_type(resource, raw)


def _dropped_participants(resource: Appointment, raw: dict[str, Any]) -> Iterator[Issue]:
    for number, participant in enumerate(resource.participant or []):
        place = f"Appointment.participant[{number}]"
        if _place_of(participant) is None:
            yield dropped(place)
        else:
            yield from _beyond(raw["participant"][number], place, _OF_PARTICIPANT)


def _beyond(sent: Any, place: str, known: Known) -> Iterator[Issue]:
    """What an element that is read has beyond what is read of it; extensions of texts count as well."""
    if isinstance(sent, list):
        for number, one in enumerate(sent):
            yield from _beyond(one, f"{place}[{number}]", known)
    elif isinstance(sent, dict):
        for name in sorted(sent):
            if name not in known:
                yield dropped(f"{place}.{name.removeprefix('_')}")
            elif (within := known[name]) is not None:
                yield from _beyond(sent[name], f"{place}.{name}", within)


def _dropped_type(resource: Appointment, raw: dict[str, Any]) -> Iterator[Issue]:
    known = [c for c in _codings(resource) if c.code in KINDS and c.system in (None, KIND_SYSTEM)]
    if raw.get("serviceType") and (not known or _says_more(resource)):
        yield dropped("Appointment.serviceType")


def _says_more(resource: Appointment) -> bool:
    """Free text beside the codes."""
    services = resource.serviceType or []
    return any(s.reference or (s.concept and s.concept.text) for s in services) or any(
        coding.display for coding in _codings(resource)
    )
