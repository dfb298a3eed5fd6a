import json
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from demo.report.figures import SUMMARY
from demo.report.model import (
    Figures,
    Injection,
    Outcome,
    Picture,
    Report,
    Spread,
    Step,
    Text,
    View,
    missing,
)
from demo.report.write import as_html, write

ISSUE_FIELDS = {
    "tap_to_first_picture_ms",
    "pictures_drawn",
    "remote_fps",
    "glass_to_glass_ms",
    "lip_sync_ms",
    "sound_heard_at_kit_dbfs",
    "sound_heard_at_coordinator_dbfs",
    "participants_shown",
    "chat_roundtrip",
    "host_end_left_ms",
    "rejoin_refused",
    "fault_to_swapped_s",
    "health_reports_committed",
    "health_reports_lost",
    "cpu_seconds_per_call_second",
    "peak_rss_mb",
    "steps",
}


def step(name: str, outcome: Outcome = Outcome.OK, why: str = "", file: str | None = None) -> Step:
    pictures = (Picture(View.KIOSK, file),) if file else ()
    return Step(
        name=name,
        title=Text(f"{name} på svenska", f"{name} in English"),
        about=Text("vad", "what"),
        began_s=1.0,
        seconds=2.5,
        outcome=outcome,
        why=why,
        pictures=pictures,
        picture=file,
    )


@pytest.fixture
def report(tmp_path: Path) -> Report:
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (64, 40), (10, 74, 107)).save(tmp_path / "pictures/start.png")
    return Report(
        made_at="2026-11-20T10:42:00+01:00",
        machine="2 cores",
        finished=True,
        figures=Figures(
            lip_sync_ms=-12.4,
            remote_fps=24.96,
            rejoin_refused=True,
            glass_to_glass_ms=Spread(81.0, 120.0),
            peak_rss_mb={"engine": 180.0, "screen": 150.5},
        ),
        steps=(step("start", file="pictures/start.png"), step("call")),
        injections=(Injection(name="screen", title=Text("a", "b"), seconds=1.2, promised_s=3),),
        not_measured={"chat_roundtrip": "no answer <came>"},
    )


def written(report: Report, folder: Path) -> dict[str, object]:
    write(report, folder)
    read: dict[str, object] = json.loads((folder / "report.json").read_text())
    return read


def test_every_promised_field_is_there_measured_or_null_with_a_reason(report: Report, tmp_path: Path) -> None:
    fields = written(report, tmp_path)
    assert fields.keys() >= ISSUE_FIELDS
    not_measured = fields["not_measured"]
    assert isinstance(not_measured, dict)
    nulls = {name for name, value in fields.items() if value is None}
    assert nulls == not_measured.keys()
    assert not_measured["chat_roundtrip"] == "no answer <came>"
    assert fields["glass_to_glass_ms"] == {"p50": 81.0, "p95": 120.0}


def test_steps_tell_name_seconds_and_picture_file(report: Report, tmp_path: Path) -> None:
    steps = written(report, tmp_path)["steps"]
    assert isinstance(steps, list)
    assert [(s["name"], s["seconds"], s["picture"]) for s in steps] == [
        ("start", 2.5, "pictures/start.png"),
        ("call", 2.5, None),
    ]


@pytest.mark.parametrize(
    ("outcome", "finished", "passed"),
    [
        (Outcome.OK, True, True),
        (Outcome.SKIPPED, True, False),
        (Outcome.FAILED, True, False),
        (Outcome.OK, False, False),
    ],
)
def test_a_visit_passes_only_when_it_ended_and_nothing_failed(
    report: Report, outcome: Outcome, finished: bool, passed: bool
) -> None:
    changed = msgspec.structs.replace(report, steps=(step("x", outcome),), finished=finished)
    assert changed.passed is passed


@pytest.mark.parametrize(
    ("seconds", "promised", "kept", "passed"),
    [(2.9, 3.0, True, True), (3.1, 3.0, False, True), (9.0, None, True, True), (None, 3.0, False, False)],
)
def test_a_fault_that_never_heals_is_not_passed_and_one_that_heals_late_is_shown_as_late(
    report: Report, seconds: float | None, promised: float | None, kept: bool, passed: bool
) -> None:
    fault = Injection(name="x", title=Text("a", "b"), seconds=seconds, promised_s=promised)
    assert fault.kept is kept
    assert msgspec.structs.replace(report, injections=(fault,)).passed is passed


class Page(HTMLParser):
    """What a browser would fetch, and the elements that stay open."""

    VOID = frozenset({"meta", "img", "use", "path", "circle", "rect", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_fetches_nothing(report: Report, tmp_path: Path) -> None:
    page = Page()
    page.feed(as_html(report, tmp_path))
    assert page.open == []
    assert any(address.startswith("data:image/webp;base64,") for address in page.fetched)
    assert all(address.startswith(("data:", "#")) for address in page.fetched)


def test_the_page_escapes_what_it_is_told(report: Report, tmp_path: Path) -> None:
    html = as_html(report, tmp_path)
    assert "no answer &lt;came&gt;" in html
    assert "<came>" not in html


def test_numbers_are_worded_as_each_language_writes_them(report: Report) -> None:
    tiles = {figure.name: figure.shown(report) for figure in SUMMARY}
    assert tiles["remote_fps"].value == Text("25,0", "25.0")
    assert tiles["glass_to_glass_ms"].value == Text("81 / 120", "81 / 120")
    assert tiles["rejoin_refused"].value == Text("Ja", "Yes")
    assert tiles["chat_roundtrip"].value is None
    assert tiles["chat_roundtrip"].why == "no answer <came>"


def test_a_page_can_be_written_before_anything_was_measured(tmp_path: Path) -> None:
    empty = Report(made_at="2026-11-20T10:42:00+01:00", machine="2 cores")
    fields = written(empty, tmp_path)
    assert fields["passed"] is False
    assert missing(empty).keys() == set(Figures.__struct_fields__)
