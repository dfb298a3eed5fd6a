"""How good the call is, in the words of W3C getStats: rates of the last seconds, freezes of the call."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from kit.ipc.state import Quality

_WINDOW_S = 3.0
_FREEZE_FACTOR = 3.0
_FREEZE_EXTRA_S = 0.15
_AVERAGED_FRAMES = 30


class Counters(Struct, frozen=True, kw_only=True):
    """Totals of one moment; None where nothing is known yet."""

    bytes_sent: int = 0
    bytes_received: int = 0
    packets_received: int = 0
    packets_lost: int = 0
    frames_sent: int = 0
    frames_received: int = 0
    samples_played: int = 0
    samples_concealed: int = 0
    round_trip_s: float | None = None
    audio_packets_sent: int = 0
    audio_packets_received: int = 0
    audio_packets_lost: int = 0
    video_packets_sent: int = 0
    video_packets_received: int = 0
    video_packets_lost: int = 0

    def with_sound(self, played: int, concealed: int) -> Counters:
        """Return the same totals with those of the playout."""
        return replace(self, samples_played=played, samples_concealed=concealed)


class Freezes:
    """Counts freezes as W3C does: a picture later than 3 mean intervals, and than the mean + 150 ms."""

    def __init__(self) -> None:
        self._intervals: deque[float] = deque(maxlen=_AVERAGED_FRAMES)
        self._last: float | None = None
        self.count = 0
        self.seconds = 0.0

    def drawn(self, at: float) -> None:
        """A picture was ready at ``at`` (seconds)."""
        if self._last is not None:
            interval = at - self._last
            if len(self._intervals) == _AVERAGED_FRAMES:
                mean = sum(self._intervals) / _AVERAGED_FRAMES
                if interval > max(_FREEZE_FACTOR * mean, mean + _FREEZE_EXTRA_S):
                    self.count += 1
                    self.seconds += interval
            self._intervals.append(interval)
        self._last = at

    def pause(self) -> None:
        """No picture is due any more: the stream has ended, or a new one begins."""
        self._last = None
        self._intervals.clear()


class Meter:
    """From totals to rates over a sliding window."""

    def __init__(self) -> None:
        self._history: deque[tuple[float, Counters]] = deque()

    def restart(self) -> None:
        """Totals begin at zero again: a new leg."""
        self._history.clear()

    def add(self, at: float, now: Counters) -> None:
        """Take the totals at ``at`` (seconds)."""
        self._history.append((at, now))
        while self._history[0][0] < at - _WINDOW_S:
            self._history.popleft()

    def quality(self, freezes: Freezes, delay_ms: float, level_dbfs: float) -> Quality:
        """Return the rates; None where the window is too short."""
        if len(self._history) < 2:
            return Quality(level_dbfs=round(level_dbfs, 1))
        (began, then), (ended, now) = self._history[0], self._history[-1]
        seconds = max(ended - began, 1e-3)
        received = now.packets_received - then.packets_received
        lost = now.packets_lost - then.packets_lost
        played = now.samples_played - then.samples_played
        concealed = now.samples_concealed - then.samples_concealed
        return Quality(
            send_fps=round((now.frames_sent - then.frames_sent) / seconds, 1),
            receive_fps=round((now.frames_received - then.frames_received) / seconds, 1),
            send_kbps=round((now.bytes_sent - then.bytes_sent) * 8 / 1000 / seconds, 1),
            receive_kbps=round((now.bytes_received - then.bytes_received) * 8 / 1000 / seconds, 1),
            round_trip_ms=None if now.round_trip_s is None else round(max(now.round_trip_s, 0) * 1000, 1),
            packets_lost_percent=_percent(lost, received + lost),
            freeze_count=freezes.count,
            freeze_seconds=round(freezes.seconds, 2),
            concealed_percent=_percent(concealed, played),
            jitter_buffer_ms=delay_ms,
            level_dbfs=round(level_dbfs, 1),
        )

    def posted(self) -> Mapping[str, Mapping[str, float | str]]:
        """Return what Pexip's ``statistics`` takes: kbit/s, percent, packets."""
        if len(self._history) < 2:
            return {}
        (began, then), (ended, now) = self._history[0], self._history[-1]
        seconds = max(ended - began, 1e-3)
        loss = _percent(
            now.video_packets_lost - then.video_packets_lost,
            now.video_packets_received - then.video_packets_received,
        )
        video: dict[str, float | str] = {
            "rx_bitrate": round((now.bytes_received - then.bytes_received) * 8 / 1000 / seconds),
            "tx_bitrate": round((now.bytes_sent - then.bytes_sent) * 8 / 1000 / seconds),
            "rx_fps": round((now.frames_received - then.frames_received) / seconds),
            "tx_fps": round((now.frames_sent - then.frames_sent) / seconds),
            "rx_packets_received": now.video_packets_received,
            "rx_packets_lost": now.video_packets_lost,
            "tx_packets_sent": now.video_packets_sent,
            "rx_windowed_packet_loss": loss or 0.0,
        }
        audio: dict[str, float | str] = {
            "rx_packets_received": now.audio_packets_received,
            "rx_packets_lost": now.audio_packets_lost,
            "tx_packets_sent": now.audio_packets_sent,
            "rx_codec": "opus",
            "tx_codec": "opus",
        }
        return {"audio": audio, "video": video}


def _percent(part: int, whole: int) -> float | None:
    return None if whole <= 0 else round(100 * min(max(part, 0) / whole, 1.0), 2)
