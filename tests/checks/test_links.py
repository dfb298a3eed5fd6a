from pathlib import Path

import pytest

from tests.checks.samples import places, tree
from tools.checks import links

TARGETS = {"docs/b.md": "# Beta page\n\n## Why *this*, and how?\n\n## Same\n\n## Same\n", "kit/x.py": ""}


@pytest.mark.parametrize(
    "target",
    [
        "b.md",
        "../kit/x.py",
        "../kit",
        "../kit/",
        "b.md#beta-page",
        "b.md#why-this-and-how",
        "b.md#same-1",
        "#alpha",
        "https://region.example/anything",
        "mailto:service@region.example",
    ],
)
def test_a_link_that_leads_somewhere_or_outside_passes(tmp_path: Path, target: str) -> None:
    pages = TARGETS | {"docs/a.md": f"# Alpha\n\n[text]({target})\n"}
    assert links.find(tree(tmp_path, pages)) == []


@pytest.mark.parametrize(
    "target", ["c.md", "../kit/y.py", "b.md#gamma", "#beta", "b.md#same-2", "../../b.md"]
)
def test_a_link_that_leads_nowhere_is_found_with_its_line(tmp_path: Path, target: str) -> None:
    pages = TARGETS | {"docs/a.md": f"# Alpha\n\n[text]({target})\n"}
    assert places(links.find(tree(tmp_path, pages))) == ["docs/a.md:3"]


def test_pictures_and_html_are_looked_at(tmp_path: Path) -> None:
    page = '# A\n\n![one](no.png)\n\n<img src="none.png" alt="two">\n'
    assert places(links.find(tree(tmp_path, {"README.md": page}))) == ["README.md:3", "README.md:5"]


def test_an_example_in_a_code_block_is_no_link(tmp_path: Path) -> None:
    assert links.find(tree(tmp_path, {"README.md": "# A\n\n```\n[text](no.md)\n```\n"})) == []


def test_a_file_that_git_does_not_know_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "built.html").write_text("", encoding="utf-8")
    assert places(links.find(tree(tmp_path, {"README.md": "[report](built.html)\n"}))) == ["README.md:1"]
