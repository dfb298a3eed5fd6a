"""The verdict on a link: a worse figure never makes it better, and there is always something to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from kit.ipc.network import LinkAdvice, LinkFigures, Signal, Uplink, Verdict
from kit.network import linktest
from kit.network.linktest import Bounds, advise, beyond_doubt, is_better, judge

FINE = LinkFigures(up_kbps=3000, down_kbps=3000, round_trip_ms=30, jitter_ms=1, longest_gap_ms=30)
MORE_IS_BETTER = ("up_kbps", "down_kbps")

figures = st.builds(
    LinkFigures,
    up_kbps=st.integers(0, 6000),
    down_kbps=st.integers(0, 6000),
    round_trip_ms=st.integers(0, 3000),
    jitter_ms=st.integers(0, 500),
    loss_percent=st.floats(0, 100),
    longest_gap_ms=st.integers(0, 6000),
)
uplinks = st.sampled_from([uplink for uplink in Uplink if uplink is not Uplink.NONE])
signals = st.none() | st.sampled_from(Signal)
others = st.dictionaries(uplinks, st.sampled_from(Verdict))


def at(bounds: Bounds) -> LinkFigures:
    return LinkFigures(
        up_kbps=bounds.kbps,
        down_kbps=bounds.kbps,
        round_trip_ms=bounds.round_trip_ms,
        jitter_ms=bounds.jitter_ms,
        loss_percent=bounds.loss_percent,
        longest_gap_ms=bounds.gap_ms,
    )


@given(figures, st.sampled_from(sorted(asdict(FINE))), st.integers(1, 2000))
def test_a_worse_figure_never_makes_a_better_verdict(before: LinkFigures, figure: str, by: int) -> None:
    known = getattr(before, figure)
    worse = max(0, known - by) if figure in MORE_IS_BETTER else known + by
    after = replace(before, **{figure: min(worse, 100.0) if figure == "loss_percent" else worse})
    assert not is_better(judge(after), judge(before))


@given(figures)
def test_what_is_beyond_doubt_is_good(one: LinkFigures) -> None:
    assert not beyond_doubt(one) or judge(one) is Verdict.GOOD


@pytest.mark.parametrize("figure", sorted(asdict(FINE)))
def test_each_figure_alone_can_make_a_link_too_bad(figure: str) -> None:
    worst = 0 if figure in MORE_IS_BETTER else 100 if figure == "loss_percent" else 10_000
    assert judge(replace(FINE, **{figure: worst})) is Verdict.POOR


def test_the_lines_belong_to_the_better_side() -> None:
    assert judge(at(linktest.GOOD)) is Verdict.GOOD
    assert judge(at(linktest.FAIR)) is Verdict.FAIR
    assert judge(replace(at(linktest.GOOD), up_kbps=linktest.GOOD.kbps - 1)) is Verdict.FAIR
    assert judge(replace(at(linktest.FAIR), up_kbps=linktest.FAIR.kbps - 1)) is Verdict.POOR


@given(figures, uplinks, signals, others)
def test_who_is_told_that_a_link_is_too_bad_is_told_what_to_do(
    one: LinkFigures, uplink: Uplink, signal: Signal | None, known: dict[Uplink, Verdict]
) -> None:
    advice = advise(one, uplink, signal, known)
    if judge(one) is Verdict.GOOD:
        assert advice is LinkAdvice.NONE
    if judge(one) is Verdict.POOR:
        assert advice is not LinkAdvice.NONE
    better = any(is_better(verdict, judge(one)) for verdict in known.values())
    assert (advice is LinkAdvice.OTHER) == better


@pytest.mark.parametrize(
    ("changed", "uplink", "signal", "advice"),
    [
        ({"up_kbps": 300}, Uplink.MOBILE, Signal.WEAK, LinkAdvice.MOVE),
        ({"up_kbps": 300}, Uplink.MOBILE, Signal.GOOD, LinkAdvice.CABLE),
        ({"up_kbps": 300}, Uplink.CABLE, None, LinkAdvice.NONE),
        ({"up_kbps": 90}, Uplink.CABLE, None, LinkAdvice.SOUND_ONLY),
        ({"up_kbps": 90}, Uplink.CARE_WIFI, Signal.WEAK, LinkAdvice.MOVE),
        ({"up_kbps": 20}, Uplink.CARE_WIFI, Signal.GOOD, LinkAdvice.PHONE),
        ({"loss_percent": 60.0}, Uplink.CABLE, None, LinkAdvice.PHONE),
    ],
)
def test_what_to_do_follows_from_what_was_met(
    changed: dict[str, float], uplink: Uplink, signal: Signal | None, advice: LinkAdvice
) -> None:
    assert advise(replace(FINE, **changed), uplink, signal, {}) is advice
