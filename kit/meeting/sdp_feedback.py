"""What an answer asks of a room that forwards, beyond what the room offered."""

from __future__ import annotations

import re

_OPUS = re.compile(r"^a=rtpmap:(\d+) opus/48000[^\r\n]*(\r?\n)", re.IGNORECASE | re.MULTILINE)


def ask_for_sound_again(answer: str) -> str:
    """Name generic NACK (RFC 4585, 6.2.1) for sound, so that the room keeps packets to send them again.

    RFC 4585 lets an answer take away only. Janus offers it for pictures alone, but keeps packets of each line
    whose answer names it; rooms that do not know it pass over a line of the kind that they pass over anyway.
    """

    def with_nack(found: re.Match[str]) -> str:
        line = f"a=rtcp-fb:{found[1]} nack"
        return found[0] if f"{line}\n" in answer.replace("\r", "") else f"{found[0]}{line}{found[2]}"

    return _OPUS.sub(with_nack, answer)
