"""Totals over lines that come, go and change places: what each has grown by is added up."""

from __future__ import annotations

from msgspec.structs import replace

from kit.media.rtp.statistics import InboundStats
from kit.media.stats import Counters

_SUMMED = {
    "audio": {
        "packetsReceived": "audio_packets_received",
        "packetsLost": "audio_packets_lost",
        "totalSamplesReceived": "total_samples_received",
        "concealedSamples": "concealed_samples",
        "jitterBufferDelay": "jitter_buffer_delay",
        "jitterBufferEmittedCount": "jitter_buffer_emitted_count",
    },
    "video": {
        "packetsReceived": "video_packets_received",
        "packetsLost": "video_packets_lost",
        "nackCount": "nack_count",
        "pliCount": "pli_count",
    },
}
_OF_THE_LARGE = {
    "framesDecoded": "frames_decoded",
    "freezeCount": "freeze_count",
    "totalFreezesDuration": "total_freezes_duration",
}
"""What people look at."""


class Tally:
    """One connection's."""

    def __init__(self) -> None:
        self._before: dict[int, dict[str, float]] = {}
        self._totals: dict[str, float] = {}
        self._lip_sync: float | None = None
        self.bytes = 0

    def add(self, stats: InboundStats, *, large: bool) -> None:
        """Take the newest of one stream; ``large`` while it is the large picture."""
        names = {**_SUMMED.get(stats.kind, {}), **(_OF_THE_LARGE if stats.kind == "video" else {})}
        known = self._before.setdefault(stats.ssrc, {})
        for name, field in names.items():
            value = getattr(stats, name)
            grown = value - known.get(name, 0)
            known[name] = value
            if large or name not in _OF_THE_LARGE:
                self._totals[field] = self._totals.get(field, 0) + grown
        if large:
            self._lip_sync = stats.lipSyncOffset

    def onto(self, counters: Counters) -> Counters:
        """Return the counters with what was received."""
        return replace(counters, bytes_received=self.bytes, lip_sync_offset=self._lip_sync, **self._totals)
