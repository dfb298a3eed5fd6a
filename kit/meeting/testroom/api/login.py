"""The page of an identity provider, as small as one can be, and how it leads back."""

import json

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kit.meeting.testroom.api.base import rooms_of

PATH = "/testroom/login/{visit}"
PLACE = "__pexip-sso-token__"
_HEAD = '<!doctype html><html lang="sv"><meta charset="utf-8"><title>Logga in</title>'
_FORM = f'{_HEAD}<body><h1>Provinloggning</h1><form method="post"><button id="login">Logga in</button></form>'
_GONE = f"{_HEAD}<body><h1>Inloggningen gäller inte längre</h1>"
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


async def page(_: Request) -> Response:
    """A button, for somebody who is who they say."""
    return HTMLResponse(_FORM, headers=_HEADERS)


async def log_in(request: Request) -> Response:
    """Back to where the client wanted, or to the window that opened this one."""
    came = rooms_of(request).passes.log_in(request.path_params["visit"])
    if came is None:
        return HTMLResponse(_GONE, 404, _HEADERS)
    visit, token = came
    if PLACE in visit.target:
        return RedirectResponse(visit.target.replace(PLACE, token), 303, _HEADERS)
    told = json.dumps({"result": "success", "token": token})
    return HTMLResponse(f"{_HEAD}<script>opener.postMessage({told}, '*')</script>", headers=_HEADERS)
