"""What the engine's wheels miss in the virtual machine's Debian.

That is C++'s library, and ALSA for its Python: pyalsaaudio has no wheels, and Debian's own is an older one.
"""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from tests.vm import disk
from tools.steps import Command, Step, content_key, do_missing

# The library, and headers of another Python, by lists of its own for apt; then the compiler of this machine.
_BUILD = f"""
rm -rf "$1"; mkdir -p "$1/apt/lists/partial" "$1/cache/archives/partial" "$1/from" "$1/opt/kit" "$1/usr/lib"
cd "$1"
echo "deb $2 {disk.SUITE} main" >sources.list
apt="apt-get -q -o APT::Sandbox::User=root -o Dir::State=$1/apt -o Dir::Cache=$1/cache
     -o Acquire::Languages=none -o Dir::Etc::sourcelist=$1/sources.list -o Dir::Etc::sourceparts=-"
$apt update; $apt download libpython{disk.PYTHON}-dev libstdc++6
for package in *.deb; do dpkg-deb --extract "$package" from; done
mkdir usr/lib/$5-linux-gnu; cp -P from/usr/lib/$5-linux-gnu/libstdc++.so.* usr/lib/$5-linux-gnu
"$4" -m pip download --quiet --no-deps --no-binary=pyalsaaudio --require-hashes -r "$3"
tar -xf pyalsaaudio-*.tar.gz
gcc -shared -fPIC -O2 -I from/usr/include/python{disk.PYTHON} -I from/usr/include \\
    pyalsaaudio-*/alsaaudio.c -lasound -o opt/kit/alsaaudio.so
rm -r apt cache from pyalsaaudio-* ./*.deb sources.list
"""


def layer() -> Path:
    """A layer with both. Raises NotBuilt."""
    made, wanted = disk.BUILD / "call-libraries", disk.BUILD / "call-libraries.lock"
    locked = disk.locked("pyalsaaudio")
    disk.BUILD.mkdir(parents=True, exist_ok=True)
    wanted.write_text(locked, encoding="utf-8")
    words = [str(made), disk.mirror(), str(wanted), sys.executable, platform.machine()]
    step = Step(
        name="libraries of the virtual machine with a call",
        key=content_key(_BUILD, locked),
        makes=[made / "opt"],
        commands=[Command(["sh", "-euc", _BUILD, "sh", *words])],
        on_failure="If a package mirror was away, run it again.",
    )
    if not do_missing([step]):
        raise disk.NotBuilt
    return made
