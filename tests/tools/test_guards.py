"""The guards of tests/conftest.py, each tried on tests that must fail and on tests that must not."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"
SETTINGS = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
markers =
    unit
    peers
    vm
    fuzz
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini(SETTINGS)
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    for package in ("kit", "fleet", "provisioning"):
        pytester.mkpydir(package)
    pytester.syspathinsert()
    return pytester


def outcomes(project: pytest.Pytester) -> dict[str, int]:
    return project.runpytest_subprocess("-p", "no:cacheprovider").parseoutcomes()


def test_code_of_ours_that_blocks_the_loop_fails_its_test(project: pytest.Pytester) -> None:
    (project.path / "kit" / "slow.py").write_text("import time\ndef nap(): time.sleep(0.001)\n")
    project.makepyfile("from kit.slow import nap\nasync def test_it(): nap()\ndef test_outside(): nap()\n")
    assert outcomes(project) == {"failed": 1, "passed": 1}


def test_a_process_left_behind_is_ended_and_fails_its_test_or_the_end_of_the_run(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        import subprocess, psutil, pytest
        started = []
        @pytest.fixture(scope="module")
        def peer(): return subprocess.Popen(["sleep", "60"])
        def test_leaves(): started.append(subprocess.Popen(["sleep", "60"]).pid)
        def test_is_ended(): assert psutil.Process(started[0]).status() == "zombie"
        def test_one(peer): assert peer.poll() is None
        def test_two(peer): assert peer.poll() is None
        """
    )
    assert outcomes(project) == {"passed": 4, "errors": 2}


def test_the_folder_decides_the_kind_and_each_free_port_is_another(project: pytest.Pytester) -> None:
    for folder, kind in (("peers", "peers"), ("fuzz", "fuzz"), ("vm", "vm"), ("kit/x", "unit")):
        path = project.path / folder / f"test_{kind}.py"
        path.parent.mkdir(parents=True)
        path.write_text(f"def test_a(request): assert request.node.get_closest_marker('{kind}')\n")
    project.makepyfile("def test_a(free_port): assert len({free_port() for _ in range(50)}) == 50\n")
    assert outcomes(project) == {"passed": 5}
