"""Logs of the kit's processes: one JSON line an event, static event names, typed fields, nothing personal."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(process: str) -> None:
    """Log to stderr as the process ``process``; what libraries log is kept only from warnings up."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format='{"library": "%(name)s"}')
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
    structlog.contextvars.clear_contextvars()
    structlog.get_logger().info("started", process=process)
