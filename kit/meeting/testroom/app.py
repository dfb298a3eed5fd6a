"""The web application: API, page, and an envelope around everything that goes wrong."""

from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from kit.meeting.testroom.api.routes import ROOT, api_routes
from kit.meeting.testroom.page import page_routes
from kit.meeting.testroom.registry import Rooms
from kit.meeting.testroom.wire import answer

log = structlog.get_logger()


def build(rooms: Rooms, built_page: Path) -> Starlette:
    """The application for these rooms."""
    # A page on another origin needs the headers named; leaving is a beacon, which sends credentials: no "*".
    cross_origin = Middleware(
        CORSMiddleware,
        allow_origin_regex=".*",
        allow_credentials=True,
        allow_methods=["GET", "POST"],
        allow_headers=["token", "pin", "content-type", "authorization"],
    )
    app = Starlette(
        routes=[*api_routes(), *page_routes(built_page)],
        middleware=[cross_origin],
        exception_handlers={HTTPException: _refused, Exception: _failed},
    )
    app.state.rooms = rooms
    return app


async def _refused(request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, HTTPException)
    if request.url.path.startswith(ROOT):
        return answer(wrong.detail, wrong.status_code, "failed")
    return PlainTextResponse(wrong.detail, wrong.status_code)


async def _failed(_: Request, wrong: Exception) -> Response:
    log.error("request failed", kind=type(wrong).__name__)
    return answer("Internal error", 500, "failed")
