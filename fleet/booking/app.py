"""The interface over HTTP: `/fhir/Appointment`, `/fhir/metadata`."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from typing import Any, Final

import structlog
from msgspec import Struct
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from fleet.booking import service
from fleet.booking.limits import Buckets
from fleet.booking.outcome import Issue, Refusal, operation_outcome, refuse
from fleet.booking.parse import MAX_BYTES
from fleet.booking.render import appointment, etag, statement
from fleet.booking.service import Kept
from fleet.booking.systems import of_token
from fleet.clock import now_ms
from fleet.store import Store
from fleet.store.engine import name_of
from fleet.store.tables import BookingSystem

log = structlog.get_logger()

JSON: Final = "application/fhir+json"
BODY_S: Final = 10.0
PREFERENCES: Final = ("minimal", "representation", "OperationOutcome")


class Limits(Struct, frozen=True, kw_only=True):
    """Requests at once and a second: of one system, and from one address without a valid token."""

    burst: float = 100
    per_s: float = 20
    wrong_burst: float = 20
    wrong_per_s: float = 0.2


DEFAULT: Final = Limits()


class Booking:
    """Handlers over a migrated database."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._asked = Buckets(limits.burst, limits.per_s)
        self._wrong = Buckets(limits.wrong_burst, limits.wrong_per_s)

    async def metadata(self, _request: Request) -> Response:
        """What the server can do; open to all, as FHIR wants it."""
        return _answer(200, statement(now_ms()))

    async def read(self, request: Request) -> Response:
        """One booking of the system's own."""
        system = await self._system(request)
        kept = await asyncio.to_thread(self._read, system, request.path_params["id"])
        headers = {"ETag": etag(kept)}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return _answer(200, appointment(kept), headers)

    async def create(self, request: Request) -> Response:
        """A new booking; its id is ours."""
        system = await self._system(request)
        if "if-none-exist" in request.headers:
            raise refuse(412, "not-supported", "Villkorat skapande (If-None-Exist) stöds inte. Använd PUT.")
        return await self._put(request, system, str(uuid.uuid4()), if_match=None)

    async def update(self, request: Request) -> Response:
        """A booking under the system's own id: made, changed or cancelled."""
        system = await self._system(request)
        return await self._put(
            request, system, request.path_params["id"], if_match=request.headers.get("if-match")
        )

    async def delete(self, request: Request) -> Response:
        """Take a booking away."""
        system = await self._system(request)
        await asyncio.to_thread(
            self._remove, system, request.path_params["id"], request.headers.get("if-match")
        )
        return Response(status_code=204)

    async def _put(
        self, request: Request, system: BookingSystem, resource_id: str, if_match: str | None
    ) -> Response:
        preference = _preference(request)
        data = await _body(request)
        if request.method == "PUT":
            _check_id(data, resource_id)
        kept = await asyncio.to_thread(self._write, system, resource_id, data, if_match)
        return _written(kept, preference)

    def _read(self, system: BookingSystem, resource_id: str) -> Kept:
        with self._store.reading() as session:
            return service.read(session, system, resource_id)

    def _write(self, system: BookingSystem, resource_id: str, data: bytes, if_match: str | None) -> Kept:
        with self._store.writing() as session:
            return service.put(session, system, resource_id, data, if_match=if_match, now=now_ms())

    def _remove(self, system: BookingSystem, resource_id: str, if_match: str | None) -> None:
        with self._store.writing() as session:
            service.remove(session, system, resource_id, if_match=if_match, now=now_ms())

    async def _system(self, request: Request) -> BookingSystem:
        """Who asks. Whoever guesses tokens is held back by address, a system by its own name."""
        address = request.client.host if request.client else ""
        if self._wrong.left(address) < 1:
            raise _too_often()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        system = None
        if scheme.lower() == "bearer":
            system = await asyncio.to_thread(self._of_token, token.strip())
        if system is None:
            self._wrong.take(address)
            log.info("booking_refused", code="login")
            raise refuse(401, "login", "Nyckeln saknas eller gäller inte.")
        if not self._asked.take(system.id):
            raise _too_often()
        return system

    def _of_token(self, token: str) -> BookingSystem | None:
        with self._store.reading() as session:
            return of_token(session, token)


def create_app(store: Store, limits: Limits = DEFAULT) -> Starlette:
    """The interface over a migrated database."""
    booking = Booking(store, limits)
    one = "/fhir/Appointment/{id}"
    routes = [
        Route("/fhir/metadata", booking.metadata, methods=["GET"]),
        Route("/fhir/Appointment", booking.create, methods=["POST"]),
        Route(one, booking.read, methods=["GET"]),
        Route(one, booking.update, methods=["PUT"]),
        Route(one, booking.delete, methods=["DELETE"]),
    ]
    handlers: dict[Any, Any] = {
        Refusal: _refused,
        HTTPException: _other,
        OperationalError: _busy,
        Exception: _failed,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


async def _body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON, "application/json"):
        raise refuse(415, "not-supported", f"Resursen skickas som {JSON}.")
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > MAX_BYTES:
                    raise refuse(413, "too-long", "Resursen är för stor.")
    except (TimeoutError, ClientDisconnect):
        raise refuse(408, "timeout", "Resursen kom inte fram i tid.") from None
    return bytes(data)


def _check_id(data: bytes, resource_id: str) -> None:
    """FHIR wants the id of the address in the resource too."""
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(sent, dict) and sent.get("id") != resource_id:
        raise refuse(400, "value", "Resursens id och adressens id är inte samma.", "Appointment.id")


def _preference(request: Request) -> str:
    for part in request.headers.get("prefer", "").replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name == "return" and value in PREFERENCES:
            return value
    return ""


def _written(kept: Kept, preference: str) -> Response:
    """What was dropped is always said, whatever the preference: in the outcome, or in the resource's meta."""
    place = f"/fhir/Appointment/{kept.id}/_history/{kept.row.revision}"
    headers = {"ETag": etag(kept), "Location": place}
    status = 201 if kept.created else 200
    if preference:
        headers["Preference-Applied"] = f"return={preference}"
    if preference == "representation":
        return _answer(status, appointment(kept), headers)
    if preference == "minimal" and not kept.notes:
        return Response(status_code=status, headers=headers)
    if preference == "minimal":
        del headers["Preference-Applied"]
    done = Issue(severity="success", code="success", text=_said(kept))
    return _answer(status, operation_outcome((done, *kept.notes)), headers)


def _said(kept: Kept) -> str:
    return "Mötet är avbokat." if kept.row.status == "cancelled" else "Mötet är bokat."


def _refused(_request: Request, refusal: Refusal) -> Response:
    headers = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="fhir"'
    return _answer(refusal.status, operation_outcome(refusal.issues), headers)


def _other(_request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        issue = Issue(code="not-supported", text="Det går inte att göra här.")
    else:
        issue = Issue(code="not-found", text="Adressen finns inte. Här finns /fhir/Appointment.")
    return _answer(error.status_code, operation_outcome([issue]), dict(error.headers or {}))


def _busy(_request: Request, error: OperationalError) -> Response:
    log.error("store_refuses", kind=name_of(error))
    issue = Issue(code="transient", text="Databasen är upptagen. Försök igen om en stund.")
    return _answer(503, operation_outcome([issue]), {"Retry-After": "5"})


def _failed(_request: Request, error: Exception) -> Response:
    log.error("booking_failed", error=type(error).__name__)
    return _answer(500, operation_outcome([Issue(code="exception", text="Något gick fel hos oss.")]))


def _too_often() -> Refusal:
    return Refusal(
        429, Issue(code="throttled", text="För många frågor. Vänta och försök igen."), retry_after_s=5
    )


def _answer(status: int, resource: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(resource, ensure_ascii=False).encode()
    extra: Sequence[tuple[str, str]] = tuple((headers or {}).items())
    return Response(body, status, headers={"Cache-Control": "no-store", **dict(extra)}, media_type=JSON)
