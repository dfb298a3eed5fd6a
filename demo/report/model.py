"""The report's data. A figure is measured or it is None, and then ``not_measured`` says why."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Text(Struct, frozen=True):
    """One text in the two languages of the page."""

    sv: str
    en: str


class View(StrEnum):
    """Whose screen a picture shows."""

    KIOSK = "kiosk"
    SPARE = "spare"
    OWNED = "owned"
    COORDINATOR = "coordinator"
    DASHBOARD = "dashboard"


class Picture(Struct, frozen=True):
    """A picture of a screen; ``file`` is relative to the report."""

    view: View
    file: str


class Outcome(StrEnum):
    """How a step went."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Step(Struct, frozen=True, kw_only=True):
    """One step of the visit. ``picture`` is the first of ``pictures``; times are seconds."""

    name: str
    title: Text
    about: Text
    began_s: float
    """Since the visit began."""
    seconds: float
    outcome: Outcome = Outcome.OK
    why: str = ""
    """What went wrong, when something did."""
    pictures: tuple[Picture, ...] = ()
    picture: str | None = None
    facts: dict[str, str] = {}
    """What was measured in this step, as shown."""


class Injection(Struct, frozen=True, kw_only=True):
    """A fault that was made on purpose, and how long it took until all was well."""

    name: str
    title: Text
    seconds: float | None
    promised_s: float | None = None

    @property
    def kept(self) -> bool:
        """Whether all was well again, within the time that is promised."""
        return self.seconds is not None and (self.promised_s is None or self.seconds <= self.promised_s)


class Spread(Struct, frozen=True):
    """Percentiles of a measured quantity."""

    p50: float
    p95: float


class Figures(Struct, frozen=True, kw_only=True):
    """What was measured. Times in ms or s as the name says, levels in dBFS, CPU in cores, memory in MiB."""

    tap_to_first_picture_ms: float | None = None
    pictures_drawn: int | None = None
    remote_fps: float | None = None
    glass_to_glass_ms: Spread | None = None
    lip_sync_ms: float | None = None
    """How much later the sound is heard than its picture is seen; negative when it is earlier."""
    sound_heard_at_kit_dbfs: float | None = None
    sound_heard_at_coordinator_dbfs: float | None = None
    participants_shown: int | None = None
    chat_roundtrip: float | None = None
    """From the tap on send to the coordinator's answer on the kit's screen, in ms."""
    host_end_left_ms: float | None = None
    rejoin_refused: bool | None = None
    fault_to_swapped_s: float | None = None
    health_reports_committed: int | None = None
    health_reports_lost: int | None = None
    cpu_seconds_per_call_second: dict[str, float] | None = None
    peak_rss_mb: dict[str, float] | None = None
    coordinator_fps: float | None = None
    glass_to_glass_up_ms: Spread | None = None
    screen_restart_s: float | None = None
    engine_back_in_call_s: float | None = None


class Report(Struct, frozen=True, kw_only=True):
    """Everything about one automatic visit."""

    made_at: str
    """ISO 8601, local time with offset."""
    machine: str
    finished: bool = False
    """False while the visit goes on, and for ever when it was cut short."""
    figures: Figures = Figures()
    steps: tuple[Step, ...] = ()
    injections: tuple[Injection, ...] = ()
    not_measured: dict[str, str] = {}

    @property
    def passed(self) -> bool:
        """Whether the visit came to its end, every step went well and every fault healed.

        How fast is measured and shown, but depends on what else the machine does: it decides nothing.
        """
        well = all(step.outcome is Outcome.OK for step in self.steps)
        return self.finished and well and all(fault.seconds is not None for fault in self.injections)


def missing(report: Report) -> dict[str, str]:
    """Return each figure that is None with the reason, as far as one is known."""
    unknown = [name for name in Figures.__struct_fields__ if getattr(report.figures, name) is None]
    otherwise = "the visit did not come so far"
    return {name: report.not_measured.get(name, otherwise) for name in unknown}
