"""The API's description as a page of our own: nothing is fetched from another server, no script is needed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from fleet.web.site import SiteDep

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(site: SiteDep, request: Request) -> HTMLResponse:
    """Every operation with what it takes and answers."""
    document: dict[str, Any] = request.app.openapi()
    return site.page("docs.html", groups=_by_tag(document), schemas=document["components"]["schemas"])


def _by_tag(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            entry = {
                "method": method.upper(),
                "path": path,
                "about": operation.get("description", ""),
                "parameters": operation.get("parameters", []),
                "takes": _schema(operation.get("requestBody", {})),
                "answers": _schema(_success(operation["responses"])),
            }
            groups.setdefault(operation["tags"][0], []).append(entry)
    return groups


def _success(responses: dict[str, Any]) -> dict[str, Any]:
    return next((answer for code, answer in responses.items() if code.startswith("2")), {})


def _schema(part: dict[str, Any]) -> str:
    """The name of the type, `[Name]` for a list of it, or nothing."""
    schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    if schema.get("type") == "array":
        return f"[{_name(schema['items'])}]"
    return _name(schema) if schema else ""


def _name(schema: dict[str, Any]) -> str:
    reference: str = schema.get("$ref", "")
    return reference.rpartition("/")[2] or str(schema.get("type", "object"))
