"""The page of the measured calls is made from their rows alone."""

import xml.etree.ElementTree as ET

import pytest
from msgspec.structs import replace

from bench.calls.conditions import Condition
from bench.calls.figures import Direction, Figures, Row
from bench.chart import page, svg

CONDITION = Condition(name="loss10", compared=("freeze_seconds",))
PAGE = f"# Calls\n{page.BEGIN}\nold\n{page.END}\nend\n"


def _figures(freeze: float, latency: float | None = 100.0) -> Figures:
    return Figures(
        fps=29.5, width=1280, height=720, freeze_count=1, freeze_seconds=freeze, sound_lost_ratio=0.01,
        sound_concealed_ratio=0.02, latency_p50_ms=latency, latency_p95_ms=latency, sound_latency_ms=None,
        lip_sync_ms=None, sent_kbps=2000, cpu_seconds_per_second=0.25, rss_mb=150, relay_late_ms=2,
    )  # fmt: skip


def _row(seed: int, direction: Direction, freeze: float, latency: float | None = 100.0) -> Row:
    return Row(
        condition="loss10",
        seed=seed,
        direction=direction,
        kit=_figures(freeze, latency),
        chromium=_figures(2.5),
    )


ROWS = [_row(7, "up", 1.0), _row(8, "up", 2.0), _row(7, "down", 4.0, None), _row(8, "down", 4.0, None)]


def test_the_tables_hold_the_means_and_what_is_not_reached() -> None:
    made = page.filled(PAGE, ROWS, [CONDITION], "2 cores")
    assert "old" not in made
    assert made.endswith(f"{page.END}\nend\n")
    assert "Measured on 2 cores; seeds 7, 8." in made
    up = next(line for line in made.splitlines() if line.startswith("| loss10 | up | 29.5"))
    assert "| 1.5 · 2.5 |" in up
    down = next(line for line in made.splitlines() if line.startswith("| loss10 | down | 29.5"))
    assert "| 4.0 · 2.5 | – · 100 |" in down
    assert "| loss10 | down | freeze_seconds beside Chromium | 4 | 2.5 |" in made
    assert "| loss10 | up | freeze_seconds" not in made


def test_the_page_says_how_much_of_the_processor_others_took() -> None:
    rows = [*ROWS, replace(ROWS[0], chromium=replace(ROWS[0].chromium, stolen_ratio=0.124))]
    assert "at most 12 % of the processor" in page.filled(PAGE, rows, [CONDITION], "2 cores")
    rows.append(replace(ROWS[0], chromium_others={"H264": replace(ROWS[0].kit, stolen_ratio=0.2)}))
    assert "at most 20 % of the processor" in page.filled(PAGE, rows, [CONDITION], "2 cores")


def test_a_codec_that_was_tried_with_some_seeds_only_has_a_table_of_its_own() -> None:
    rows = [replace(row, chromium_others={"H264": _figures(3.5)} if row.seed == 7 else {}) for row in ROWS]
    above, below = page.filled(PAGE, rows, [CONDITION], "2 cores").split("With seed 7 alone")
    assert "H264" not in above
    assert "| 1.5 · 2.5 |" in above
    assert "| 1.0 · 2.5 · 3.5 |" in below


def test_calls_behind_a_server_are_counted_and_shown_apart() -> None:
    served = [replace(row, condition="loss10-janus", behind="janus") for row in ROWS if row.seed == 7]
    straight, behind = page.filled(PAGE, [*ROWS, *served], [CONDITION], "2 cores").split(
        "Behind janus, seed 7."
    )
    assert "loss10-janus" not in straight
    assert "Reached: 1 of 4." in straight
    assert "Reached: 1 of 4 of what is asked without it" in behind
    assert "and 8 of 8 of what is to be within 10 %" in behind
    assert "| loss10-janus | up | 29.5" in behind


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError):
        page.filled("# Calls\n", ROWS, [CONDITION], "2 cores")


def test_the_picture_is_drawn_to_scale() -> None:
    drawn = ET.fromstring(svg.draw(ROWS))
    bars = [r for r in drawn.iter("{http://www.w3.org/2000/svg}rect") if r.get("fill") == svg.KIT]
    freezes = [float(bar.get("width", "0")) for bar in bars if bar.get("height") == "10"]
    assert freezes[0] / freezes[4] == pytest.approx((1.5 / 2.5) / (4.0 / 4.0), abs=0.01)
    texts = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"loss10", "kit", "1.5", "–"} <= texts


def test_both_codecs_of_the_control_are_shown_when_both_were_tried() -> None:
    rows = [replace(row, chromium_others={"H264": _figures(3.5)}) for row in ROWS]
    made = page.filled(PAGE, rows, [CONDITION], "2 cores")
    assert "Each cell: kit · Chromium VP8 · Chromium H264" in made
    up = next(line for line in made.splitlines() if line.startswith("| loss10 | up | 29.5"))
    assert "| 1.5 · 2.5 · 3.5 |" in up
    drawn = ET.fromstring(svg.draw(rows))
    texts = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"kit", "Chromium VP8", "Chromium H264", "1.5", "2.5", "3.5"} <= texts
    assert "Chromium H264" not in svg.draw(ROWS)
