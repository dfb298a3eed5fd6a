"""What the fleet decided, kept for a start without network. Blocking: call it in a thread.

A meeting's link and PIN open a room to whoever has them, so meetings are left out: without a network none
can be joined anyway, and with one they come again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

import msgspec
import structlog
from msgspec.structs import replace

from fleet.contract import Case, Desired, Refused, decode
from kit import files

DESIRED: Final = "desired.json"
CASE: Final = "case.json"

_Message = TypeVar("_Message", Desired, Case)

log = structlog.get_logger()


def load_desired(folder: Path) -> Desired | None:
    """The newest desired state without meetings; None when there is none that can be read."""
    data = _read(folder / DESIRED)
    return None if data is None else _decode(Desired, data)


def load_case(folder: Path) -> Case | None:
    """The newest fault case; None when there is none that can be read."""
    data = _read(folder / CASE)
    return None if data is None else _decode(Case, data)


def save(folder: Path, message: Desired | Case) -> bool:
    """Keep it, whole or not at all; False when the disk refuses."""
    if isinstance(message, Desired):
        return _write(folder / DESIRED, msgspec.json.encode(replace(message, meetings=[])))
    return _write(folder / CASE, msgspec.json.encode(message))


def _decode(kind: type[_Message], data: bytes) -> _Message | None:
    try:
        return decode(kind, data)
    except Refused as refused:
        log.warning("kept_message_unreadable", code=refused.code, where=refused.where)
        return None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(path: Path, data: bytes) -> bool:
    try:
        files.write_whole(path, data)
    except OSError as error:
        log.warning("kept_message_not_written", error=type(error).__name__)
        return False
    return True
