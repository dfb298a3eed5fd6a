from pathlib import Path

import pytest

from tests.checks.samples import places, tree
from tools.checks import addresses

# Put together here, as this file must pass the check itself.
REGISTRIES = [
    ".".join(parts) for parts in (("registry", "npmjs", "org"), ("pypi", "org"), ("deb", "debian", "org"))
]
FOLDERS = ["/" + "/".join(parts) for parts in (("work", "main"), ("farm", "x"))]


@pytest.mark.parametrize("host", REGISTRIES)
def test_a_registry_address_is_found(tmp_path: Path, host: str) -> None:
    files = {"lock.json": f'{{\n  "resolved": "https://{host}/a.tgz"\n}}\n'}
    assert places(addresses.find(tree(tmp_path, files))) == ["lock.json:2"]


@pytest.mark.parametrize(
    "line", ['"resolved": "https://mirror.example/a.tgz"', "--index-url https://mirror.example"]
)
def test_a_lock_file_that_names_any_mirror_is_found(tmp_path: Path, line: str) -> None:
    assert places(addresses.find(tree(tmp_path, {"package-lock.json": f"{line}\n"}))) == [
        "package-lock.json:1"
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_path_of_one_machine_is_found(tmp_path: Path, folder: str) -> None:
    assert places(addresses.find(tree(tmp_path, {"a.toml": f'path = "{folder}"\n'}))) == ["a.toml:1"]


@pytest.mark.parametrize(
    "text",
    [f"kit{FOLDERS[0]}", "https://region.example/", f"{FOLDERS[0].rsplit('/', 1)[0]}shop", "Debian 12"],
)
def test_other_words_pass(tmp_path: Path, text: str) -> None:
    assert addresses.find(tree(tmp_path, {"a.md": text})) == []


def test_a_binary_file_is_passed_over(tmp_path: Path) -> None:
    files = tree(tmp_path, {"a.png": ""})
    (tmp_path / "a.png").write_bytes(b"\x89PNG\xff\xfe" + REGISTRIES[0].encode())
    assert addresses.find(files) == []
