"""Disks for the virtual machine: Debian with the kit's packages, with or without the kit's configuration.

Made without mounting anything. Debian itself is fetched once for each list of packages, from the mirror
that this machine's apt uses, and kept in ``build/vm``.
"""

from __future__ import annotations

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.steps import Command, Step, content_key, do_missing
from tools.tree import ROOT, Tree

BUILD = ROOT / "build" / "vm"
SUITE = "trixie"
PROTECTIONS = ROOT / "images" / "rootfs"
RIG = Path(__file__).parent / "rootfs"
SIZE = "640M"
_PACKAGES = (ROOT / "images" / "packages.txt", Path(__file__).parent / "packages.txt")
LOCK = ROOT / "requirements.lock"
PYTHON = "3.13"
WHEELS = (
    "annotated-doc", "anyio", "certifi", "click", "dbus-fast", "dnspython", "h11", "httpcore", "httpx",
    "httpx-sse", "idna", "msgspec", "paho-mqtt", "psutil", "shellingham", "structlog", "typer",
    "python-xlib", "typing-extensions",
)  # fmt: skip
"""What the kit's processes that run in the machine need, as they are locked; the rest is Debian's."""
_AS_ROOT = () if os.geteuid() == 0 else ("sudo", "-n")
# Drivers of hardware that the virtual machine has not, documentation and translations: half of the size.
_LEFT_OUT = (
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/locale/*",
    *(f"/usr/lib/modules/*/kernel/{what}/*" for what in (
        "drivers/gpu", "drivers/infiniband", "drivers/media", "drivers/scsi", "drivers/net/ethernet",
        "drivers/iio", "drivers/hwmon", "drivers/input", "fs/btrfs", "fs/xfs", "sound/soc", "sound/[!cds]*",
    )),
)  # fmt: skip
# A small initramfs, with the drivers of this disk only.
_INITRAMFS = (
    'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"; '
    'echo MODULES=list >"$1/etc/initramfs-tools/conf.d/rig"; '
    'printf "virtio_pci\\nvirtio_blk\\next4\\n" >"$1/usr/share/initramfs-tools/modules.d/rig"'
)


class NotBuilt(Exception):  # noqa: N818 - it names what is missing
    """Debian could not be fetched; what was tried is printed, with its log."""


@dataclass(frozen=True)
class Debian:
    """An unpacked system, with the kernel and initramfs that start it."""

    tree: Path

    @property
    def kernel(self) -> Path:
        """The newest kernel in it."""
        return max((self.tree / "boot").glob("vmlinuz-*"))

    @property
    def initramfs(self) -> Path:
        """The initramfs of that kernel."""
        return max((self.tree / "boot").glob("initrd.img-*"))


def debian() -> Debian:
    """Fetch and unpack Debian, unless that is done. Raises NotBuilt."""
    tree, unfinished = BUILD / "debian", BUILD / "debian.new"
    packages = [name for path in _PACKAGES for name in _names(path)]
    build = [
        "mmdebstrap", "--mode=root", "--variant=essential", "--format=directory",
        f"--include={','.join(packages)}", '--aptopt=APT::Install-Recommends "false"',
        "--dpkgopt=force-unsafe-io", *(f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT),
        f"--essential-hook={_INITRAMFS}", SUITE, str(unfinished), f"deb {mirror()} {SUITE} main",
    ]  # fmt: skip
    step = Step(
        name="debian of the virtual machine",
        key=content_key(SUITE, *packages, *_LEFT_OUT, _INITRAMFS),
        makes=[tree],
        commands=[
            Command([*_AS_ROOT, "rm", "-rf", str(tree), str(unfinished)]),
            Command([*_AS_ROOT, *build]),
            Command([*_AS_ROOT, "mv", str(unfinished), str(tree)]),
        ],
        on_failure="If the package mirror was away, run it again.",
    )
    with alone():
        if not do_missing([step]):
            raise NotBuilt
    return Debian(tree)


@contextmanager
def alone() -> Iterator[None]:
    """Two runs in this checkout wait for each other here: the second finds what the first has made."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(system: Debian, disk: Path, *, layers: tuple[Path, ...], size: str = SIZE) -> None:
    """Write ``disk``, a raw ext4 file system: Debian, and over it the files of each layer in order."""
    tree = disk.with_suffix(".tree")
    root = (*_AS_ROOT, "sh", "-euc")
    copies = "; ".join(
        f'cp -R --no-dereference --preserve=mode,links --remove-destination "{layer}/." "$1"'
        for layer in layers
    )
    # Links to what is there instead of copies: a layer replaces files and never writes into them. What the
    # emulated machine would compile for a minute, its interpreter compiles here.
    script = (
        f'rm -rf "$1"; cp -al "$3" "$1"; {copies}; : >"$2"; '
        f'chroot "$1" python3 -m compileall -q -j 0 /opt/kit >&2 || :; '
        f'mke2fs -q -F -t ext4 -E lazy_itable_init=0,lazy_journal_init=0 -d "$1" "$2" {size}; '
        f'rm -rf "$1"; chown {os.geteuid()} "$2"'
    )
    subprocess.run([*root, script, "sh", str(tree), str(disk), str(system.tree)], check=True)


def wheels(layer: Path, names: tuple[str, ...]) -> Path:
    """Return ``layer`` with these packages below /opt/kit, as they are locked. Raises NotBuilt."""
    packages, wanted = layer / "opt" / "kit", layer.with_suffix(".lock")
    pinned = "".join(locked(name) for name in names)
    pip = [
        sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--require-hashes",
        "--only-binary=:all:", f"--python-version={PYTHON}",
        f"--platform=manylinux_2_28_{platform.machine()}", f"--platform=manylinux2014_{platform.machine()}",
        f"--target={packages}", f"--requirement={wanted}",
    ]  # fmt: skip
    BUILD.mkdir(parents=True, exist_ok=True)
    wanted.write_text(pinned, encoding="utf-8")
    step = Step(
        name=f"wheels of the virtual machine, {layer.name}",
        key=content_key(PYTHON, pinned),
        makes=[packages],
        commands=[Command(["rm", "-rf", str(layer)]), Command(pip)],
        on_failure="If the package mirror was away, run it again.",
    )
    if not do_missing([step]):
        raise NotBuilt
    return layer


def code(layer: Path = BUILD / "code", more: tuple[str, ...] = ()) -> Path:
    """A layer with the kit's own code and the wheels it needs, and ``more``. Raises NotBuilt."""
    packages = wheels(layer, WHEELS + more) / "opt" / "kit"
    for ours in ("kit", "fleet"):
        shutil.rmtree(packages / ours, ignore_errors=True)
    for name in Tree.of_checkout().named(".py"):
        if name.startswith(("kit/", "fleet/contract/")):
            copied = packages / name
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copied)
    (packages / "fleet" / "__init__.py").touch()
    return layer


def services() -> Path:
    """A layer with what makes the kit's own processes run in its image, without how others are configured."""
    layer = BUILD / "services"
    shutil.rmtree(layer, ignore_errors=True)
    layer.mkdir(parents=True)
    for file in PROTECTIONS.rglob("*"):
        below = file.relative_to(PROTECTIONS)
        if not file.is_dir() and (file.name.startswith("kit") or "polkit-1" in below.parts):
            (layer / below).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, layer / below, follow_symlinks=False)
    return layer


def locked(name: str) -> str:
    """The lines of the lock that say which version, and its hashes."""
    found = re.search(rf"(?ms)^{re.escape(name)}==.*?(?=^\S|\Z)", LOCK.read_text(encoding="utf-8"))
    if found is None:
        raise NotBuilt
    return found[0]


def _names(path: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [name for name in lines if name]


def mirror() -> str:
    """The mirror that this machine's own packages come from."""
    asked = [
        "apt-get",
        "indextargets",
        "--format",
        "$(ORIGIN) $(RELEASE) $(REPO_URI)",
        "Created-By: Packages",
    ]
    listed = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    for line in sorted(set(listed.splitlines())):
        origin, release, address = line.split(" ", 2)
        if origin == "Debian" and "-" not in release:
            return address
    raise NotBuilt
