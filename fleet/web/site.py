"""What the handlers share: the store, the templates, the clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec, TypeVar

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from fleet.clock import now_ms
from fleet.store import Store
from fleet.web import say, words
from fleet.web.live import Changes
from fleet.web.views.history import listening

P = ParamSpec("P")
R = TypeVar("R")

TEMPLATES: Final = Path(__file__).parent / "templates"


class Site:
    """One running dashboard."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self.store = store
        self.changes = changes
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(words=words, say=say)
        self._templates.globals["ui"] = self._templates.get_template("macros.html").module

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page; every template knows the time and whether the fleet is listening."""
        now = now_ms()
        with self.store.reading() as session:
            state = listening(session, now)
        text = self._templates.get_template(template).render({"now": now, "listening": state, **context})
        return HTMLResponse(text, status)

    async def run(self, action: Callable[Concatenate[Store, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run something that uses the database off the event loop."""
        return await asyncio.to_thread(action, self.store, *args, **kwargs)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site


SiteDep = Annotated[Site, Depends(site_of)]
