"""The kit's configuration: what is wrong is named, never a value."""

from pathlib import Path

import pytest

from kit.config import ConfigInvalid, load

GOOD = """
kit_id = "kit-0007"
run_dir = "run"
state_dir = "/var/lib/kit"
[broker]
host = "broker.example"
port = 8883
ca = "ca.pem"
certificate = "kit.pem"
key = "kit.key"
[meeting]
allowed_hosts = ["meet.example"]
"""


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "kit.toml").write_text(text)
    return tmp_path / "kit.toml"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    config = load(written(tmp_path, GOOD))
    assert config.run_dir == tmp_path / "run"
    assert config.state_dir == Path("/var/lib/kit")
    assert config.broker.key == tmp_path / "kit.key"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("kit-0007", "secret-name", "kit_id"),
        ("port = 8883", "port = 0", "port"),
        ("[meeting]", "[meeting]\nsurprise = 1", "surprise"),
        ('["meet.example"]', "3", "allowed_hosts"),
    ],
)
def test_what_does_not_fit_is_refused_by_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    with pytest.raises(ConfigInvalid, match=place) as refused:
        load(written(tmp_path, GOOD.replace(old, new)))
    assert "secret-name" not in str(refused.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        load(tmp_path / "none.toml")
