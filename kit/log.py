"""Logs of the kit's processes: static event names, typed fields, one JSON object a line on standard error.

Libraries put addresses, names of rooms and answers of servers into their messages and exceptions. None of
that is written: of an exception only its type, of a library's warning only which library it was.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from types import TracebackType
from typing import Any

import structlog

log = structlog.get_logger()


def configure(process: str) -> None:
    """Log to standard error as ``process``; once, at its start."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Nameless()]
    root.setLevel(logging.ERROR)
    sys.excepthook = _uncaught
    threading.excepthook = lambda told: log.error("thread_failed", error=told.exc_type.__name__)
    log.info("started", process=process)


def loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For :meth:`asyncio.loop.set_exception_handler`."""
    error = context.get("exception")
    if error is None:
        log.error("task_failed")
    else:
        failed("task_failed", error)


def failed(event: str, error: BaseException) -> None:
    """Log a failure: which kind, and where, but nothing of what it says."""
    log.error(event, error=type(error).__name__, places=_places(error.__traceback__))


def _uncaught(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    log.error("process_failed", error=kind.__name__, places=_places(trace))


def _places(trace: TracebackType | None) -> list[str]:
    """Return where an exception came from, innermost last: names of functions, never their data."""
    found = []
    while trace is not None:
        found.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-8:]


class _Nameless(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        log.error("library_error", library=record.name.partition(".")[0])
