"""The screen's log: static event names with typed fields, one JSON object a line on standard error.

The form is that of ``kit.log``. That one stands on structlog, whose import is a fifth of the time in which a
killed screen must be back.
"""

import sys
from datetime import UTC, datetime

import msgspec


def info(event: str, **fields: str | int | bool) -> None:
    """Log what happened in the course of things."""
    _write("info", event, fields)


def warning(event: str, **fields: str | int | bool) -> None:
    """Log what should not have happened."""
    _write("warning", event, fields)


def _write(level: str, event: str, fields: dict[str, str | int | bool]) -> None:
    line = fields | {"event": event, "level": level, "timestamp": datetime.now(UTC)}
    sys.stderr.write(msgspec.json.encode(line).decode() + "\n")
