"""What the answers say: FHIR `OperationOutcome` with codes for programs and Swedish for people.

Codes are those of http://hl7.org/fhir/ValueSet/issue-type. Texts never repeat what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from msgspec import Struct

Severity = Literal["error", "information", "success"]


class Issue(Struct, frozen=True, kw_only=True):
    """One thing to say; `where` is a FHIRPath of element names and positions, nothing else."""

    code: str
    text: str
    where: str = ""
    severity: Severity = "error"


class Refusal(Exception):  # noqa: N818 - an ordinary answer to a request
    """The request is not carried out; `status` for HTTP."""

    def __init__(self, status: int, *issues: Issue, retry_after_s: int | None = None) -> None:
        super().__init__(" ".join(issue.code for issue in issues))
        self.status = status
        self.issues = issues
        self.retry_after_s = retry_after_s


def refuse(status: int, code: str, text: str, where: str = "") -> Refusal:
    """A refusal with one issue."""
    return Refusal(status, Issue(code=code, text=text, where=where))


def operation_outcome(issues: Sequence[Issue]) -> dict[str, Any]:
    """The resource."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def _issue(issue: Issue) -> dict[str, Any]:
    said = {"severity": issue.severity, "code": issue.code, "details": {"text": issue.text}}
    return {**said, "expression": [issue.where]} if issue.where else said
