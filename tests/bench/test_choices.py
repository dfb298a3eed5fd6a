"""What may be asked of the measured calls, and what is said of files that cannot be used."""

from pathlib import Path

import pytest

from bench.calls import choices, conditions
from bench.calls.conditions import BadInputError, Step
from bench.calls.link import Impairment

NAMES = ("CONDITIONS", "CONDITIONS_FILE", "SEEDS", "SECONDS", "TRACES", "BEHIND", "QUICK", "CODEC", "AGAINST")


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRACES", str(tmp_path / "none"))


def _file(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_condition_that_is_asked_for_is_there_with_three_seeds() -> None:
    chosen = choices.read([], None)
    names = [condition.name for condition in chosen.conditions]
    assert names[:7] == ["clean", "loss2", "loss5", "loss10", "burst", "rate500", "rate300"]
    assert {"rate150", "steps", "jitter", "outage", "rebind"} <= set(names)
    assert (len(chosen.seeds), chosen.seconds, chosen.behind) == (3, 30, ("direct",))


def test_the_environment_chooses_and_own_conditions_stand_beside_the_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = _file(
        tmp_path, '[[condition]]\nname = "lift"\nloss = 0.3\n[[condition]]\nname = "loss10"\nloss = 0.11\n'
    )
    for name, value in (
        ("CONDITIONS", "loss10,rate500,lift"), ("SEEDS", "7,8"), ("SECONDS", "20"), ("BEHIND", "both"),
        ("CONDITIONS_FILE", str(own)),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    chosen = choices.read([], None)
    assert [(c.name, c.loss, c.rate) for c in chosen.conditions] == [
        ("loss10", 0.11, None), ("rate500", 0, 500), ("lift", 0.3, None),
    ]  # fmt: skip
    assert (chosen.seeds, chosen.seconds, chosen.behind) == ((7, 8), 20, ("direct", "janus"))
    monkeypatch.delenv("CONDITIONS")
    assert [c.name for c in choices.read([], None).conditions] == ["lift", "loss10"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONDITIONS", "loss10,moon", "no such condition: moon; there are: clean"),
        ("SEEDS", "7,x", "not whole numbers"),
        ("SECONDS", "1", "not a number from 5"),
        ("AGAINST", "AV1", "not of VP8, H264"),
        ("BEHIND", "wall", "not of direct, janus, both"),
        ("CONDITIONS_FILE", "/nowhere.toml", "No such file"),
    ],
)
def test_a_choice_that_is_none_ends_with_2(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        choices.read([], None)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


NAMED = '[[condition]]\nname = "mine"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NAMED + "loss  0.1", "line 3"),
        (NAMED + "loss = 1.5", "condition[0].loss"),
        (NAMED + "los = 0.1", "unknown field `los`"),
        (NAMED + "delay = nan", "condition[0].delay"),
        (NAMED + 'steps = [{ at = 1, direction = "left" }]', "condition[0].steps[0].direction"),
        (NAMED + NAMED, "condition 2, 'mine': name: given twice"),
        (NAMED + 'trace_up = "a.up"', "trace_up and trace_down belong together"),
        (NAMED + 'trace_up = "a.up"\ntrace_down = "a.down"\nrate = 5', "the traces say it already"),
        (NAMED + 'trace_up = "a.up"\ntrace_down = "a.down"', "a.up: [Errno 2]"),
        (NAMED + 'compared = ["beauty"]', "condition[0].compared[0]"),
        ("", "condition"),
        ("\xff", "own.toml"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(text: str, said: str, tmp_path: Path) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(BadInputError) as refused:
        conditions.read(path)
    assert str(tmp_path) in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("5\n7\nx\n", "line 3: not a number"),
        ("5\n4\n", "line 2: 4 comes after 5"),
        ("", "no moment"),
        ("0\n", "no"),
    ],
)
def test_a_bad_trace_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "way.up"
    path.write_text(text, encoding="ascii")
    with pytest.raises(BadInputError, match=said):
        conditions.trace(str(path))


def test_traces_are_found_beside_the_file_that_names_them_and_in_pairs_of_a_folder(tmp_path: Path) -> None:
    for name in ("walk.up", "walk.down", "alone.up"):
        (tmp_path / name).write_text("0\n\n5\n5\n12\n", encoding="ascii")
    text = NAMED + 'trace_up = "walk.up"\ntrace_down = "walk.down"\ndelay = 30\nqueue = 1000\n'
    (read,) = conditions.read(_file(tmp_path, text))
    assert conditions.trace(read.trace_up) == [0, 5, 5, 12]
    (found,) = conditions.recorded(tmp_path)
    assert (found.name, found.delay, found.queue) == ("walk", 30, 1000)


def test_a_step_changes_what_it_names_and_can_lift_a_limit() -> None:
    before = Impairment(rate_kbps=300, loss=0.1)
    assert Step(at=1, rate=-1).applied(before) == before._replace(rate_kbps=None)
    assert Step(at=1, rate=0, jitter=5).applied(before) == before._replace(rate_kbps=0, jitter_ms=5)
