"""The coordinator's page: its source, and how the server hands it out once it is built."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

SOURCE = Path(__file__).parent
BUILT = SOURCE.parents[3] / "build" / "page"
ADDRESSES = (
    "/",
    "/webapp",
    "/webapp/",
    "/webapp/m",
    "/webapp/m/",
    "/webapp/m/{alias}",
    "/webapp/conference",
    "/webapp/conference/",
    "/webapp/conference/{alias}",
)
"""Every form of meeting link that Pexip's web app has used."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "worker-src 'self' blob:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
}

NOT_BUILT = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>Sidan är inte byggd</title>
<body style="font-family:sans-serif;max-width:40em;margin:4em auto;line-height:1.5">
<h1>Sidan är inte byggd</h1><p>The coordinator's page has not been built yet. In
<code>kit/meeting/testroom/page</code> run:</p><pre>npm ci &amp;&amp; npm run build</pre>
"""


def page_routes(built: Path) -> list[Route]:
    """The page at every address of a meeting link, and its files under ``/page/``."""

    def page(_: Request) -> Response:
        index = built / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503)
        return FileResponse(index, headers=HEADERS)

    def asset(request: Request) -> Response:
        path = built / request.path_params["name"]
        if not path.is_file():
            return PlainTextResponse("Not Found", 404)
        return FileResponse(path, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    pages = (Route(address, page, methods=["GET"]) for address in ADDRESSES)
    return [*pages, Route("/page/{name}", asset, methods=["GET"])]
