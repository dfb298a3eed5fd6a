"""Bytes to messages and back, in one place. What does not fit is `Refused`, an exception without content."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, TypeVar

import msgspec

from fleet.contract.limits import MAX_MESSAGE_BYTES
from fleet.contract.reports import Body, Report, ReportHead

RefusalCode = Literal["too_large", "not_json", "not_in_contract", "too_deep", "wrong_kit", "unknown_topic"]

M = TypeVar("M", bound=msgspec.Struct)
_WHERE = re.compile(r"at `\$\.?([A-Za-z0-9_.\[\]]{0,120})`$")


class Refused(ValueError):  # noqa: N818 - a refusal is an ordinary outcome, not an error of the program
    """Input that the contract does not allow. `where` is a path of our own field names, never of content."""

    def __init__(self, code: RefusalCode, where: str = "") -> None:
        super().__init__(f"{code} {where}".rstrip())
        self.code: RefusalCode = code
        self.where = where


def encode(message: msgspec.Struct) -> bytes:
    """JSON of a contract message; `Refused` when the other side would refuse it."""
    data = msgspec.json.encode(message)
    decode(type(message), data)
    return data


def decode(kind: type[M], data: bytes) -> M:
    """The message of that type. Unknown fields are ignored (a newer peer), everything else must fit."""
    message: M = _decode(_decoder(kind), data)
    return message


def decode_report(data: bytes) -> Report:
    """A report with its body."""
    return decode(Report, data)


def decode_head(data: bytes) -> ReportHead:
    """A report's envelope, body unread."""
    return decode(ReportHead, data)


def decode_body(head: ReportHead) -> Body:
    """The body of an envelope read by `decode_head`."""
    body: Body = _decode(_BODY, bytes(head.body))
    return body


def _decode(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    if len(data) > MAX_MESSAGE_BYTES:
        raise Refused("too_large")
    try:
        return decoder.decode(data)
    except msgspec.ValidationError as error:
        refused = Refused("not_in_contract", _where(str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError):
        refused = Refused("not_json")
    except RecursionError:
        refused = Refused("too_deep")
    # Raised out here, because inside `except` the decoder's own text would follow along as __context__.
    raise refused


def _where(text: str) -> str:
    match = _WHERE.search(text)
    return match[1] if match else ""


@cache
def _decoder(kind: type[M]) -> msgspec.json.Decoder[M]:
    return msgspec.json.Decoder(kind)


_BODY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Body)
