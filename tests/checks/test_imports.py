"""The project's own import rules, tried on small trees that keep or break them."""

from pathlib import Path

import pytest

from tests.checks.samples import tree
from tools.checks import programs
from tools.tree import ROOT, Tree

KIT = ("kit", "kit/agent", "kit/ipc", "kit/media", "kit/portal", "kit/ui", "kit/visit")
PACKAGES = (*KIT, "fleet", "fleet/contract", "fleet/store", "provisioning", "demo")


def project(folder: Path, extra: dict[str, str]) -> Tree:
    rules = (ROOT / ".importlinter").read_text(encoding="utf-8")
    return tree(folder, {f"{name}/__init__.py": "" for name in PACKAGES} | {".importlinter": rules} | extra)


@pytest.fixture(autouse=True)
def rules_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("kit/visit/a.py", "import asyncio"),
        ("kit/visit/a.py", "import time"),
        ("kit/visit/a.py", "from kit import agent"),
        ("fleet/contract/a.py", "from pathlib import Path"),
        ("fleet/contract/a.py", "from fleet import store"),
        ("kit/ui/a.py", "import kit.agent"),
        ("kit/ui/a.py", "import fleet.contract"),
        ("kit/agent/a.py", "import fleet.store"),
        ("kit/agent/a.py", "import provisioning"),
        ("kit/agent/a.py", "import kivy"),
        ("kit/agent/a.py", "import aiortc"),
        ("kit/media/a.py", "import kivy.clock"),
        ("kit/portal/a.py", "import kit.agent"),
        ("kit/portal/a.py", "import kivy"),
        ("fleet/store/a.py", "import kit.ipc"),
        ("provisioning/a.py", "import kit"),
        ("fleet/store/a.py", "import demo"),
    ],
)
def test_a_broken_rule_is_found_with_the_module_that_breaks_it(
    tmp_path: Path, module: str, line: str
) -> None:
    found = programs.imports(project(tmp_path, {module: f"{line}\n"}))
    assert any(module.removesuffix(".py").replace("/", ".") in finding.what for finding in found)


def test_what_the_rules_allow_passes(tmp_path: Path) -> None:
    allowed = {
        "kit/ui/a.py": "import kivy\nimport kit.ipc\nimport kit.visit\n",
        "kit/agent/a.py": "import asyncio\nimport fleet.contract\nimport kit.visit\n",
        "kit/media/a.py": "import aiortc\n",
        "kit/visit/a.py": "import datetime\nimport msgspec\n",
        "fleet/store/a.py": "import fleet.contract\nimport provisioning\n",
        "demo/a.py": "import kit.agent\nimport fleet.store\n",
    }
    assert programs.imports(project(tmp_path, allowed)) == []
