"""What is reached of what a condition compares and demands: a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import mean

from bench.calls.choices import Behind, named
from bench.calls.conditions import Condition
from bench.calls.figures import DIRECTIONS, Direction, Figures, Row, tried
from bench.calls.machine import DISTURBED

# A figure that is equal but for noise is equal.
_SLACK = {"fps": 1.0, "latency_p50_ms": 2.0, "latency_p95_ms": 2.0, "freeze_seconds": 0.05, "sound": 0.001}
_CPU, _MEMORY = 0.7, 0.5
_HALF = 0.5
TOO_LATE_MS = 8.0
_NEARLY = 1.1
SAME = "within 10 % of the same without the server"

_HEAD = (
    f"{'condition':<24}{'way':<6}{'peer':<15}  fps  size      freezes      latency p50/p95"
    "  sound lost/concealed  lips  kbit/s   cpu    MB  late ms  stolen %"
)

Check = tuple[str, float, float, bool]
"""What, the kit's figure, the figure to reach, reached."""


def show(rows: list[Row], condition: Condition, behind: Behind) -> None:
    """Print the means of a condition's seeds, then what is demanded of them."""
    print(_HEAD)
    failed = total = 0
    for direction in DIRECTIONS:
        mine = _chosen(rows, condition, behind, direction)
        if not mine:
            continue
        for peer, line in _lines(mine):
            print(f"{mine[0].condition:<24}{direction:<6}{peer:<15}{line}")
        for what, value, limit, reached in judged(rows, condition, behind, direction):
            total, failed = total + 1, failed + (not reached)
            mark = "reached    " if reached else "NOT REACHED"
            print(f"{'':<30}{mark} {what}: {value:.4g}, to reach {limit:.4g}")
        late = max(row.kit.relay_late_ms for row in mine)
        if late > TOO_LATE_MS:
            print(f"{'':<30}too busy a machine to judge: the network itself was {late:.0f} ms late")
        stolen = most_stolen(mine)
        if stolen >= DISTURBED:
            print(f"{'':<30}too busy a host to judge: {stolen:.0%} of the processor was stolen in a call")
    print(f"{total - failed} of {total} reached")


def most_stolen(rows: Sequence[Row]) -> float:
    """Share of the processor that the host gave to other machines in the most disturbed call."""
    return max(
        figures.stolen_ratio or 0.0
        for row in rows
        for figures in (row.kit, row.chromium, *row.chromium_others.values())
    )


def judged(
    rows: Sequence[Row], condition: Condition, behind: Behind, direction: Direction
) -> Iterator[Check]:
    """Judge one direction of a condition by all rows."""
    mine = _chosen(rows, condition, behind, direction)
    yield from checks(mine, condition)
    if behind != "direct":
        seeds = {row.seed for row in mine}
        straight = _chosen(rows, condition, "direct", direction)
        yield from beside(mine, [row for row in straight if row.seed in seeds])


def _chosen(rows: Sequence[Row], condition: Condition, behind: Behind, direction: Direction) -> list[Row]:
    name = named(condition, behind)
    return [row for row in rows if (row.condition, row.direction) == (name, direction)]


def beside(rows: list[Row], straight: list[Row]) -> Iterator[Check]:
    """Judge the kit behind a server by the kit without one, where both were measured with the same seeds."""
    if not straight:
        return
    for what in ("fps", "latency_p95_ms", "freeze_seconds", "sound"):
        figure, slack = _sound if what == "sound" else _named(what), _SLACK[what]
        ours, without = _mean(rows, figure), _mean(straight, figure)
        said = f"{what} {SAME}"
        if what == "fps":
            yield said, ours, without / _NEARLY - slack, ours >= without / _NEARLY - slack
        else:
            yield said, ours, without * _NEARLY + slack, ours <= without * _NEARLY + slack


def checks(rows: list[Row], condition: Condition) -> Iterator[Check]:
    """Judge one direction by the means of its seeds."""
    for compared in condition.compared:
        yield _compare(compared, rows)
    demand = condition.demand
    if demand.half_sound:
        limit = _HALF * _mean(rows, _sound, chromium=True)
        value = _mean(rows, _sound)
        yield "lost and concealed sound, half of Chromium's", value, limit, value <= limit + _SLACK["sound"]
    if demand.or_stopped and demand.fps is not None:
        yield _moving(rows, demand.fps)
    fps = None if demand.or_stopped else demand.fps
    least: list[tuple[str, float | None]] = [("fps", fps), ("height", demand.height)]
    most: list[tuple[str, float | None]] = [
        ("latency_p95_ms", demand.latency_p95_ms),
        ("sound_concealed_ratio", demand.sound_concealed_ratio),
        ("freeze_seconds", demand.freeze_seconds),
        ("recovery_seconds", demand.recovery_seconds),
        ("sound_back_seconds", demand.sound_back_seconds),
    ]
    for what, limit_ in least:
        if limit_ is not None:
            value = _mean(rows, _named(what))
            yield what, value, limit_, value >= limit_
    for what, limit_ in most:
        if limit_ is not None:
            value = _mean(rows, _named(what))
            yield what, value, limit_, value <= limit_
    if rows[0].direction == "down":
        cpu = _mean(rows, _named("cpu_seconds_per_second"))
        limit = _CPU * _mean(rows, _named("cpu_seconds_per_second"), chromium=True)
        yield "cpu of the near side, 0.7 of Chromium's", cpu, limit, cpu <= limit
        memory, limit = _mean(rows, _named("rss_mb")), _MEMORY * _mean(rows, _named("rss_mb"), chromium=True)
        yield "memory of the near side, half of Chromium's", memory, limit, memory <= limit


def _moving(rows: list[Row], limit: float) -> Check:
    """Pictures while they were sent; a sender that says all the time that it has none does as is asked."""
    sent = [row.kit.fps_while_sent if row.kit.stopped_seconds else row.kit.fps for row in rows]
    value = mean([fps for fps in sent if fps is not None] or [limit])
    stopped = _mean(rows, _named("stopped_seconds"))
    said = f"fps while pictures were sent, said to be stopped for {stopped:.0f} s"
    return said, value, limit, value >= limit


def _compare(what: str, rows: list[Row]) -> Check:
    figure = _sound if what == "sound" else _named(what)
    ours, theirs = _mean(rows, figure), _mean(rows, figure, chromium=True)
    slack = _SLACK.get(what, 0.0)
    if what == "fps":
        return "fps beside Chromium", ours, theirs - slack, ours >= theirs - slack
    return f"{what} beside Chromium", ours, theirs, ours <= theirs + slack


def _sound(figures: Figures) -> float:
    return figures.sound_lost_ratio + figures.sound_concealed_ratio


def _named(name: str) -> Callable[[Figures], float]:
    def get(figures: Figures) -> float:
        value = getattr(figures, name)
        return float("inf") if value is None else float(value)

    return get


def _mean(rows: list[Row], figure: Callable[[Figures], float], *, chromium: bool = False) -> float:
    return mean(figure(row.chromium if chromium else row.kit) for row in rows)


def _lines(rows: list[Row]) -> Iterator[tuple[str, str]]:
    yield "kit", _line([row.kit for row in rows])
    yield f"Chromium {rows[0].against}", _line([row.chromium for row in rows])
    for other in tried(rows):
        yield f"Chromium {other}", _line([row.chromium_others[other] for row in rows])


def _line(seeds: list[Figures]) -> str:
    def average(name: str) -> float:
        values = [value for figures in seeds if (value := getattr(figures, name)) is not None]
        return mean(values) if values else float("nan")

    size = f"{average('width'):.0f}x{average('height'):.0f}"
    return (
        f"{average('fps'):5.1f}  {size:<9} {average('freeze_count'):4.1f} {average('freeze_seconds'):5.2f}s"
        f"  {average('latency_p50_ms'):6.0f}/{average('latency_p95_ms'):<6.0f}ms"
        f"  {100 * average('sound_lost_ratio'):6.2f}/{100 * average('sound_concealed_ratio'):<6.2f}%"
        f"  {average('lip_sync_ms'):5.0f}  {average('sent_kbps'):6.0f}"
        f"  {average('cpu_seconds_per_second'):.3f} {average('rss_mb'):5.0f}  {average('relay_late_ms'):6.1f}"
        f"  {100 * average('stolen_ratio'):6.1f}"
    )
