"""The tables of the page, in Markdown, between two marks that hold their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.calls import verdict
from bench.calls.choices import named
from bench.calls.conditions import Condition
from bench.calls.figures import DIRECTIONS, Row, tried
from bench.chart.means import TABLED, Measure, means, names, peers, written

BEGIN, END = "<!-- made by python -m bench.chart: begin -->", "<!-- end -->"


def filled(page: str, rows: Sequence[Row], known: Sequence[Condition], machine: str) -> str:
    """Return the page with new tables.

    Raises:
        ValueError: when the marks are not there.
    """
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + "\n".join([BEGIN, *tables(rows, known, machine), END]) + after


def tables(rows: Sequence[Row], known: Sequence[Condition], machine: str) -> Iterator[str]:
    """Yield lines: where and how it was measured, what is not reached, and all figures."""
    late = max(row.kit.relay_late_ms for row in rows)
    stolen = 100 * verdict.most_stolen(rows)
    yield f"Measured on {machine}; {_seeds(rows)}."
    yield f"The emulated network itself was at most {late:.0f} ms late (95th percentile of a call);"
    yield f"figures of a machine where it is more than {verdict.TOO_LATE_MS:.0f} ms late prove nothing."
    yield f"Others on the host took at most {stolen:.0f} % of the processor in a call where that was noted."
    yield ""
    if missing := [condition.name for condition in known if condition.name not in names(rows)]:
        yield f"Not in this run: {', '.join(missing)}."
        yield ""
    straight = [row for row in rows if row.behind == "direct"]
    served = [row for row in rows if row.behind != "direct"]
    if straight:
        yield from _straight(straight, known)
    if served:
        yield from _served(served, rows, known)


def _straight(rows: Sequence[Row], known: Sequence[Condition]) -> Iterator[str]:
    judged = list(_judged(rows, rows, known))
    missed = [line for line, _, reached in judged if not reached]
    yield f"Reached: {len(judged) - len(missed)} of {len(judged)}." + (" Not reached:" if missed else "")
    if missed:
        yield from ("", "| condition | way | what | kit | to reach |", "|---|---|---|---|---|", *missed)
    yield from ("", *_table(rows), "")
    more = [row for row in rows if row.chromium_others]
    if more and not tried(rows):
        yield from (f"With {_seeds(more)} alone, where more codecs were tried:", "", *_table(more), "")


def _served(served: Sequence[Row], rows: Sequence[Row], known: Sequence[Condition]) -> Iterator[str]:
    """Calls by way of a server, of which most is judged twice: counted, not listed."""
    judged = [(what, reached) for _, what, reached in _judged(served, rows, known)]
    same = [reached for what, reached in judged if what.endswith(verdict.SAME)]
    others = [reached for what, reached in judged if not what.endswith(verdict.SAME)]
    yield f"Behind {served[0].behind}, {_seeds(served)}."
    yield f"Reached: {sum(others)} of {len(others)} of what is asked without it,"
    yield f"and {sum(same)} of {len(same)} of what is to be {verdict.SAME}."
    yield from ("", *_table(served))


def _seeds(rows: Sequence[Row]) -> str:
    seeds = sorted({row.seed for row in rows})
    return f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    together = " · ".join(peer.name for peer in peers(rows))
    yield from (f"Each cell: {together}; each Chromium does the call in the kit's place.", "")
    yield f"| condition | way | {' | '.join(_head(measure) for measure in TABLED)} |"
    yield "|---|---|" + "---|" * len(TABLED)
    for condition in names(rows):
        for direction in DIRECTIONS:
            cells = [
                " · ".join(written(mean, measure) for mean in means(rows, condition, direction, measure))
                for measure in TABLED
            ]
            yield f"| {condition} | {direction} | {' | '.join(cells)} |"


def _judged(
    shown: Sequence[Row], rows: Sequence[Row], known: Sequence[Condition]
) -> Iterator[tuple[str, str, bool]]:
    """Judge what is shown by all rows: yield the line of a table, what it is about, whether it is reached."""
    by_name = {named(condition, row.behind): condition for condition in known for row in shown}
    for name in names(shown):
        for direction in DIRECTIONS:
            mine = [row for row in rows if (row.condition, row.direction) == (name, direction)]
            if name not in by_name or not mine:
                continue
            for what, value, limit, reached in verdict.judged(rows, by_name[name], mine[0].behind, direction):
                yield f"| {name} | {direction} | {what} | {value:.3g} | {limit:.3g} |", what, reached


def _head(measure: Measure) -> str:
    return f"{measure.title}, {measure.unit}" if measure.unit else measure.title
