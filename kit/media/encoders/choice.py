"""Which encoder this machine uses: chosen by really encoding, remembered, given up when it fails."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from kit.log import log
from kit.media.encoders.fallback import FallbackEncoder
from kit.media.encoders.interface import EncoderFailed
from kit.media.encoders.kinds import KINDS, Kind
from kit.media.encoders.memory import Memory
from kit.media.encoders.probe import Cost, probe

_MOST_MS = 20.0
"""Hardware that takes longer leaves no room for a busy moment within the 33 ms of a picture."""

_PASSING = {"too_slow", "stalled"}
"""What may be true of a busy moment only: the next start looks again."""


class EncoderChoice(Struct, frozen=True, kw_only=True):
    """A fact for health: what encodes, what it was measured to cost, and why better ones do not."""

    codec: str
    name: str
    hardware: bool
    cost: Cost
    refused: Mapping[str, str] = {}
    """Static code of what was wrong, by name of the encoder."""


class Encoders:
    """The encoders of one machine. :meth:`choose` before the first call; without it calls use software."""

    def __init__(
        self,
        state_dir: Path | None = None,
        root: Path = Path("/"),
        kinds: Mapping[str, tuple[Kind, ...]] = KINDS,
    ) -> None:
        """``state_dir`` is where the choice is remembered; ``root`` where /sys and /proc are."""
        self._state_dir, self._root, self._kinds = state_dir, root, kinds
        self._memory: Memory | None = None
        self._chosen: dict[str, Kind] = {}
        self._failed: set[str] = set()
        self._lock = threading.Lock()
        self.choices: dict[str, EncoderChoice] = {}
        """By codec, as of :meth:`choose`."""

    def choose(self, width: int, height: int) -> dict[str, EncoderChoice]:
        """Probe at this size; blocks for up to some seconds. A codec that nothing encodes is left out."""
        self._memory = Memory(self._state_dir, self._root)
        for codec in self._kinds:
            choice = self._choose(codec, width, height, self._memory)
            if choice is not None:
                self.choices[codec] = choice
                log.info("encoder_chosen", codec=codec, encoder=choice.name)
        return self.choices

    def open(self, codec: str, *, screen: bool = False) -> FallbackEncoder:
        """Make the encoder of one stream: what was chosen, and software in case it fails.

        ``screen``: software at once. Hardware is set up for faces of at most 720 lines.
        """
        kinds = self._kinds[codec.upper()]
        software = kinds[-1]
        with self._lock:
            kind = self._chosen.get(codec.upper(), software)
            usable = kind.name not in self._failed and not screen
        row = [kind, software] if usable and kind is not software else [software]
        return FallbackEncoder([each.make for each in row], lambda name: self._give_up(codec.upper(), name))

    def _choose(self, codec: str, width: int, height: int, memory: Memory) -> EncoderChoice | None:
        refused: dict[str, str] = {}
        remembered = memory.chosen(codec)
        for kind in sorted(self._kinds[codec], key=lambda kind: kind.name != remembered):
            if kind.name == memory.deadly:
                refused[kind.name] = "ended_the_process"
                continue
            memory.trying(kind.name)
            try:
                cost = probe(kind.make, codec, width, height)
            except EncoderFailed as failed:
                refused[kind.name] = failed.code
                continue
            if kind.hardware and cost.milliseconds > _MOST_MS:
                refused[kind.name] = "too_slow"
                continue
            passing = _PASSING & set(refused.values())
            memory.choose(codec, None if passing else kind.name)
            self._chosen[codec] = kind
            return EncoderChoice(
                codec=codec, name=kind.name, hardware=kind.hardware, cost=cost, refused=refused
            )
        memory.trying(None)
        return None

    def _give_up(self, codec: str, name: str) -> None:
        """Not again in this process; and the next start looks at all of them anew."""
        with self._lock:
            self._failed.add(name)
            if self._memory is not None and self._memory.chosen(codec) == name:
                self._memory.choose(codec, None)


_current = Encoders()


def install(encoders: Encoders) -> None:
    """Let streams that begin from now on use these."""
    globals()["_current"] = encoders


def open_encoder(codec: str, *, screen: bool = False) -> FallbackEncoder:
    """Make the encoder of one stream, of slides if ``screen``; ``codec`` is ``H264`` or ``VP8``."""
    return _current.open(codec, screen=screen)
