"""tools/apt.sh on a machine whose dpkg, apt and sudo are small programs that note what they were asked."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.tree import ROOT

LISTED = re.findall(
    r"^[a-z][a-z0-9.+-]*", (ROOT / "tools" / "apt-packages.txt").read_text(encoding="utf-8"), re.MULTILINE
)
SHELL_TOOLS = ("cat", "dirname", "env", "grep", "ln", "mkdir", "rm", "sed", "sh", "tail", "tr")


class Machine:
    """A PATH with the few shell tools that the script needs, and the programs of the test."""

    def __init__(self, folder: Path) -> None:
        self.programs = folder / "bin"
        self.checkout = folder / "checkout"
        self.units = folder / "units"
        self.asked = folder / "asked.txt"
        self.programs.mkdir()
        self.units.mkdir()
        (self.checkout / "tools").mkdir(parents=True)
        for name in ("apt.sh", "apt-packages.txt"):
            shutil.copy(ROOT / "tools" / name, self.checkout / "tools" / name)
        for name in SHELL_TOOLS:
            (self.programs / name).symlink_to(shutil.which(name) or name)
        self.user(0)
        self.program("apt-get", f'echo "$@" >>{self.asked}\n')

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("id", f"echo {number}\n")

    def node(self, version: str) -> None:
        self.program("node", f"echo {version}\n")
        self.program("npm", "exit 0\n")

    def has(self, *packages: str, state: str = "ii ") -> None:
        lines = "".join(f"{state},{package},\n" for package in packages)
        self.program("dpkg-query", f"cat <<'END'\n{lines}END\n")

    def run(self) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": str(self.programs), "UNITS": str(self.units)}
        script = str(self.checkout / "tools" / "apt.sh")
        return subprocess.run(
            ["/bin/sh", script], env=environment, check=False, capture_output=True, text=True, timeout=30
        )

    def installed(self) -> set[str]:
        """Packages of the last real install that apt was asked for."""
        lines = self.asked.read_text(encoding="utf-8").splitlines() if self.asked.exists() else []
        words = [line.split() for line in lines if " install --yes " in f" {line} "]
        return set(words[-1]) & set(LISTED) if words else set()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_is_asked_of_apt_where_all_is_there(machine: Machine) -> None:
    machine.has(*LISTED)
    assert machine.run().returncode == 0
    assert not machine.asked.exists()


def test_what_is_missing_is_named_first_and_then_installed(machine: Machine) -> None:
    machine.has(*set(LISTED) - {"mosquitto", "xvfb"})
    done = machine.run()
    assert done.returncode == 0
    assert machine.installed() == {"mosquitto", "xvfb"}
    assert done.stdout.startswith("Debian packages that will be installed: xvfb mosquitto")
    others = [line for line in machine.asked.read_text(encoding="utf-8").splitlines() if "--yes" not in line]
    assert all("update" in line or "--print-uris" in line for line in others)


def test_a_package_that_was_removed_but_left_its_settings_is_missing(machine: Machine) -> None:
    machine.has(*LISTED, state="rc ")
    machine.run()
    assert machine.installed() == set(LISTED)


def test_a_package_that_another_one_provides_is_there(machine: Machine) -> None:
    renamed = "libmtdev1t64,libmtdev1 (= 1.1.6-1)"
    machine.has(*set(LISTED) - {"libmtdev1"}, renamed)
    machine.run()
    assert not machine.asked.exists()


@pytest.mark.parametrize(("version", "missing"), [("v20.1.0", set()), ("v16.20.0", {"nodejs", "npm"})])
def test_node_is_installed_only_where_it_is_too_old(
    machine: Machine, version: str, missing: set[str]
) -> None:
    machine.has(*set(LISTED) - {"nodejs", "npm"})
    machine.node(version)
    machine.run()
    assert machine.installed() == missing


def test_a_user_who_is_not_root_installs_by_sudo_and_is_told(machine: Machine) -> None:
    machine.has(*set(LISTED) - {"xvfb"})
    machine.user(1000)
    machine.program("sudo", f'echo "sudo $@" >>{machine.asked}; exec "$@" 3>&-\n')
    assert "with sudo: xvfb" in machine.run().stdout
    assert machine.installed() == {"xvfb"}
    assert "sudo env DEBIAN_FRONTEND=noninteractive sh" in machine.asked.read_text(encoding="utf-8")


def test_without_root_and_sudo_it_says_what_to_install_and_fails(machine: Machine) -> None:
    machine.has(*set(LISTED) - {"xvfb"})
    machine.user(1000)
    done = machine.run()
    assert done.returncode != 0
    assert "apt-get install xvfb" in done.stderr
    assert not machine.asked.exists()


def test_a_failed_install_shows_what_apt_said_and_fails(machine: Machine) -> None:
    machine.has(*set(LISTED) - {"xvfb"})
    machine.program("apt-get", 'case "$*" in *--yes*) echo "E: no space left"; exit 100 ;; esac\n')
    done = machine.run()
    assert done.returncode != 0
    assert "E: no space left" in done.stderr
    assert "run make again" in done.stderr


@pytest.mark.parametrize("user", [0, 1000])
def test_progress_is_shown_by_tenths_also_through_sudo(machine: Machine, user: int) -> None:
    machine.has(*set(LISTED) - {"xvfb"})
    machine.user(user)
    machine.program("sudo", 'exec "$@" 3>&- 4>&-\n')
    lines = "dlstatus:1:50.0:x\\npmstatus:xvfb:20.0:x\\npmstatus:xvfb:100.0:x\\n"
    machine.program("apt-get", f"case \"$*\" in *--yes*) echo noise; printf '{lines}' >&3 ;; esac\n")
    assert "installing 10% 20% 30% 40% 50% 60% 70% 80% 90% 100%\n" in machine.run().stdout


def test_a_system_without_dpkg_is_told_and_left_alone(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 0
    assert "Not a Debian system" in done.stdout


def test_network_daemons_that_come_new_do_not_take_over_the_machine(machine: Machine) -> None:
    machine.has(*set(LISTED) - {"network-manager"})
    assert machine.run().returncode == 0
    assert (machine.units / "NetworkManager.service").readlink() == Path("/dev/null")


def test_a_network_daemon_that_was_there_before_goes_on(machine: Machine) -> None:
    machine.has(*set(LISTED) - {"mosquitto"})
    assert machine.run().returncode == 0
    assert not list(machine.units.iterdir())
