"""Who speaks: voice activity from sound levels, and the order of speakers for the ``stage`` event."""

from collections.abc import Mapping

import msgspec

SPEECH_DBFS = -45.0
_HOLD_S = 0.6
_MOST = 8


class _Voice(msgspec.Struct):
    heard_at: float
    onset: float
    vad: int


class Speakers:
    """Latest speaker first. Feed it levels regularly, for instance each 20 ms."""

    def __init__(self) -> None:
        self._voices: dict[str, _Voice] = {}
        self._told: list[tuple[str, bool]] = []

    def hear(self, levels: Mapping[str, float], now: float) -> None:
        """Levels in dBFS of those in the room; who is not named has left."""
        self._voices = {uuid: voice for uuid, voice in self._voices.items() if uuid in levels}
        for uuid, level in levels.items():
            if level < SPEECH_DBFS:
                continue
            voice = self._voices.get(uuid)
            if voice is None or now - voice.heard_at > _HOLD_S:
                self._voices[uuid] = _Voice(now, now, 100)
            else:
                voice.heard_at = now

    def stage(self, now: float) -> list[dict[str, object]] | None:
        """Data of the ``stage`` event when the order or somebody's activity changed, else None."""
        order = sorted(self._voices.items(), key=lambda item: -item[1].onset)[:_MOST]
        active = [(uuid, now - voice.heard_at <= _HOLD_S) for uuid, voice in order]
        if active == self._told:
            return None
        self._told = active
        return [
            {"participant_uuid": uuid, "stage_index": index, "vad": 100 if speaks else 0}
            for index, (uuid, speaks) in enumerate(active)
        ]
