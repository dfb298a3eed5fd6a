"""The application: pages, API, live events, static files."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from sqlalchemy.exc import OperationalError
from sse_starlette import EventSourceResponse
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from fleet.store import Store
from fleet.store.engine import name_of
from fleet.web.api import changing, reading
from fleet.web.docs import router as docs
from fleet.web.live import Changes
from fleet.web.pages import agreements, cases, kit, meetings, overview
from fleet.web.problem import Problem
from fleet.web.security import Guard
from fleet.web.site import Site, SiteDep, site_of

log = structlog.get_logger()

PING_S = 15


def create_app(store: Store, static: Path) -> FastAPI:
    """The dashboard over a migrated database; `static` is what fleet/web/build.mjs makes."""
    changes = Changes(store.url)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(changes.look())
        yield
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching

    app = FastAPI(
        title="Hembesök: flottan",
        version="1.0.0",
        description="Enheter, ärenden, byten och avtal. Tider är UTC i millisekunder.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.site = Site(store, changes)
    for router in (overview.router, kit.router, cases.router, meetings.router, agreements.router, docs):
        app.include_router(router)
    app.include_router(reading.router)
    app.include_router(changing.router)
    app.add_api_route("/live", live, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=static), "static")
    _answer_problems(app)
    app.add_middleware(Guard)
    return app


async def live(site: SiteDep) -> EventSourceResponse:
    """An event `changed` whenever something was committed."""
    return EventSourceResponse(site.changes.events(), ping=PING_S)


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    def problem(request: Request, found: Problem) -> Response:
        return _problem(request, found)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, _error: RequestValidationError) -> Response:
        return _problem(request, Problem("bad_input"))

    @app.exception_handler(OperationalError)
    def busy(request: Request, error: OperationalError) -> Response:
        log.error("store_refuses", kind=name_of(error))
        return _problem(request, Problem("store_busy"))

    @app.exception_handler(HTTPException)
    def other(request: Request, error: HTTPException) -> Response:
        found = Problem("no_page" if error.status_code == 404 else "bad_input")
        found.status = error.status_code
        return _problem(request, found)


def _problem(request: Request, found: Problem) -> Response:
    """For programs as JSON, for people as a page."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"code": found.code, "text": found.text}, found.status)
    try:
        return site_of(request).page("problem.html", status=found.status, problem=found)
    except OperationalError:
        return HTMLResponse(found.text, found.status)
