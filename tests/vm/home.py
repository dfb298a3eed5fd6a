"""A home with a kit and the patient's router: one machine, frozen twice in a visit, and brought back."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.vm import disk
from tests.vm.needles import NETWORK, UUID
from tests.vm.qemu import MEMORY_MB, Frozen, Machine, copy
from tests.vm.region import Region
from tests.vm.visit import Visit

_GUEST = Path(__file__).parent / "guest"
_READY_S = 300.0


@dataclass(frozen=True)
class Home:
    """The machine, frozen while staff look at the list of networks, and again when one is joined."""

    system: disk.Debian
    choosing: Frozen
    joined: Frozen
    region: Region

    @contextmanager
    def machine(self, folder: Path, *, joined: bool = False) -> Iterator[Machine]:
        """Bring it back, with a disk of its own: ``disk.raw``, which stays, as all else in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        system, copied = self.system, folder / "disk.raw"
        frozen = self.joined if joined else self.choosing
        copy(frozen.disk, copied)
        thawed = Machine(folder, copied, system.kernel, system.initramfs, memory=frozen.memory)
        with self.region.serve(folder) as port, thawed as machine:
            machine.check(f"bash /run/rig/router region {port}")
            # What the machine writes is on its disk at once, not within half a minute: cuts forgive nothing.
            machine.check("mount -o remount,sync /")
            yield machine

    @contextmanager
    def again(self, folder: Path) -> Iterator[Machine]:
        """Start the machine anew from the disk that a power cut left in ``folder``, far from any network."""
        system = self.system
        with Machine(folder, folder / "disk.raw", system.kernel, system.initramfs, wired=False) as machine:
            yield machine


@dataclass(frozen=True)
class Ground:
    """What all homes have in common: Debian, the region, and the kit that it has provisioned."""

    system: disk.Debian
    region: Region
    layers: tuple[Path, ...]

    @classmethod
    def prepare(cls) -> Self:
        """Fetch what is missing. Raises NotBuilt."""
        system, region = disk.debian(), Region(disk.BUILD / "region")
        return cls(system, region, (disk.code(), disk.services(), region.provisioned(), disk.RIG))


def make(name: str, ground: Ground, *layers: Path) -> Home:
    """Start a machine of these layers beside the router, and freeze it; once for each content."""
    system, folder = ground.system, disk.BUILD / name
    choosing, joined = Frozen.of(folder / "choosing"), Frozen.of(folder / "joined")
    home = Home(system, choosing, joined, ground.region)
    layers = (*layers, *ground.layers)
    ours = [Path(__file__).with_name(f"{module}.py") for module in ("home", "qemu", "visit", "needles")]
    key = content(*layers, _GUEST, system.kernel, *ours)
    kept = folder / "key"
    if kept.is_file() and kept.read_text(encoding="utf-8") == key:
        return home
    shutil.rmtree(folder, ignore_errors=True)
    starting = folder / "starting"
    starting.mkdir(parents=True)
    disk.make(system, starting / "disk.raw", layers=layers)
    with Machine(starting, starting / "disk.raw", system.kernel, system.initramfs) as machine:
        machine.wait("nmcli -t general", timeout_s=_READY_S)
        _router(machine)
        _visit(machine)
        machine.check("sync")
        machine.freeze(choosing)
    shutil.rmtree(starting)
    with home.machine(starting) as machine:
        Visit(machine).join()
        machine.freeze(joined)
    shutil.rmtree(starting)
    kept.write_text(key, encoding="utf-8")
    return home


def _router(machine: Machine) -> None:
    net = NETWORK
    facts = {"SSID": net.ssid, "PASSWORD": net.password, "BSSID": net.bssid, "PREFIX": net.prefix}
    lines = (f"export {name}={shlex.quote(of)}\n" for name, of in (facts | {"DOMAIN": net.domain}).items())
    machine.put("/run/rig/network", "".join(lines))
    machine.put("/run/rig/router", (_GUEST / "router").read_text())
    machine.check("bash /run/rig/router start psk && bash /run/rig/router region 9", timeout_s=_READY_S)
    machine.wait("nmcli -g SSID device wifi list --rescan yes | grep -q .", timeout_s=_READY_S)


def _visit(machine: Machine) -> None:
    """Lead staff to the list of networks; there they wait to be told which."""
    machine.put("/run/rig/connection", UUID)
    machine.put("/run/rig/staff.py", (_GUEST / "staff.py").read_text())
    machine.check(
        ". /run/rig/network; cd /opt/kit; "
        # Brings the holder, too, from the disk into memory.
        "python3 -c 'import kit.network.wifi.holder, NetworkManager'; "
        "PYTHONPATH=/opt/kit setsid python3 /run/rig/staff.py /run/kit >/run/rig/said 2>&1 & "
        "echo $! >/run/rig/staff.pid",
        timeout_s=_READY_S,
    )
    machine.wait("[ -e /run/rig/ready ]", timeout_s=_READY_S)


def content(*paths: Path) -> str:
    """Return one word for names and contents of all files below (SHA-256 in hexadecimal)."""
    digest = hashlib.sha256(str(MEMORY_MB).encode())
    for path in paths:
        below = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in below:
            if file.is_symlink():
                what = str(file.readlink()).encode()
            else:
                what = file.read_bytes() if file.is_file() else b""
            digest.update(f"{file.relative_to(path)}\0{len(what)}\0".encode() + what)
    return digest.hexdigest()
