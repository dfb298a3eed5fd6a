"""What counts as reached."""

import re

import pytest
from msgspec.structs import replace

from bench.calls import conditions, verdict
from bench.calls.figures import Figures, Row

RATE_150 = next(condition for condition in conditions.read() if condition.name == "rate150")
FIGURES = Figures(
    fps=12, width=320, height=180, freeze_count=0, freeze_seconds=0, sound_lost_ratio=0,
    sound_concealed_ratio=0, latency_p50_ms=90, latency_p95_ms=100, sound_latency_ms=None, lip_sync_ms=None,
    sent_kbps=120, cpu_seconds_per_second=0.2, rss_mb=150, relay_late_ms=2,
)  # fmt: skip


def _pictures(**changes: float | None) -> tuple[float, bool]:
    row = Row(condition="rate150", seed=7, direction="up", kit=replace(FIGURES, **changes), chromium=FIGURES)
    value, reached = next(
        (value, reached) for what, value, _, reached in verdict.checks([row], RATE_150) if "fps" in what
    )
    return value, reached


def test_pictures_that_come_often_enough_reach_it() -> None:
    assert _pictures() == (12, True)


def test_a_codec_that_was_tried_with_some_seeds_only_is_not_set_beside_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = Row(condition="rate150", seed=7, direction="up", kit=FIGURES, chromium=FIGURES)
    both = replace(row, chromium_others={"H264": replace(FIGURES, fps=7)})
    verdict.show([both, replace(row, seed=8)], RATE_150, "direct")
    assert "H264" not in capsys.readouterr().out
    verdict.show([both, replace(both, seed=8)], RATE_150, "direct")
    assert re.search(r"Chromium H264 +7\.0 ", capsys.readouterr().out)


def test_behind_a_server_only_calls_with_the_same_seeds_are_compared() -> None:
    straight = [
        Row(condition="rate150", seed=7, direction="up", kit=FIGURES, chromium=FIGURES),
        Row(condition="rate150", seed=8, direction="up", kit=replace(FIGURES, fps=30), chromium=FIGURES),
    ]
    behind = replace(straight[0], condition="rate150-janus", behind="janus")
    limits = {
        what: (limit, reached)
        for what, _, limit, reached in verdict.judged([*straight, behind], RATE_150, "janus", "up")
    }
    limit, reached = limits["fps within 10 % of the same without the server"]
    assert reached
    assert limit < FIGURES.fps


def test_few_pictures_without_a_word_do_not() -> None:
    assert _pictures(fps=3, fps_while_sent=3) == (3, False)


def test_time_in_which_the_sender_says_that_it_stops_is_left_out() -> None:
    assert _pictures(fps=4, fps_while_sent=6, stopped_seconds=10) == (6, True)
    assert _pictures(fps=2, fps_while_sent=3, stopped_seconds=10) == (3, False)
    assert _pictures(fps=0, fps_while_sent=None, stopped_seconds=30)[1]
