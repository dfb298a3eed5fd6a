"""A kit in a call, in a virtual machine of its own: its agent and engine, the region's test room with
somebody who sings in it, and three uplinks between them: a cable, care Wi-Fi, a modem that speaks PPP.

**Time in it is virtual.** Emulated, a call would starve: the emulation is ten times slower than what it
runs on. So it counts instructions, and each lasts a nanosecond (QEMU's ``-icount``). Whoever looks from
inside finds one processor of 1000 million instructions a second, however busy the machine outside is, where
each second of it takes several. All that takes part in the call is inside, so that all have the same time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kit.config import load
from kit.ipc.network import Uplink
from kit.network import profiles
from provisioning.site import Site
from tests.vm import call_libraries, disk
from tests.vm.call_heard import Heard
from tests.vm.qemu import Hardware, Machine
from tests.vm.region import PIN
from tools.tree import ROOT

HARDWARE = Hardware(
    memory_mb=1536,
    processors=(
        "-accel",
        "tcg,thread=single",
        "-smp",
        "1",
        "-icount",
        "shift=0,sleep=off",
        "-rtc",
        "clock=vm",
    ),
    kernel="clocksource=tsc tsc=reliable",
)
SIZE = "1300M"
WHEELS = (
    "aiofiles", "aioice", "aiortc", "av", "cffi", "cryptography", "google-crc32c", "ifaddr", "livekit",
    "markdown-it-py", "mdurl", "numpy", "pillow", "protobuf", "pycparser", "pyee", "pygments", "pylibsrtp",
    "pyopenssl", "python-multipart", "rich", "sse-starlette", "starlette", "uvicorn", "websockets",
    "zxing-cpp",
)  # fmt: skip
"""What the engine and the test room need, as it is locked."""
START_S = 1800.0
"""Of waiting outside, and so long inside: far more than it takes."""
NAME, REGION = "meet.test", "203.0.113.1"
SSID, PASSWORD = "Hemtjansten 7", "blabarspaj-till-alla"
_GUEST = Path(__file__).parent / "guest"
_RIG = Path("usr/lib/rig")
_ROOM = (
    "bench/__init__.py", "bench/handovers/__init__.py", "bench/handovers/far.py", "tests/__init__.py",
    "tests/peers/__init__.py", "tests/peers/media/__init__.py", "tests/peers/media/kit.py",
    "tests/peers/media/other.py", "tests/peers/media/pauses.py", "tests/peers/network/__init__.py",
    "tests/peers/network/at_modem.py", "tests/peers/network/at_ports.py", "tests/vm/__init__.py",
    "tests/vm/call_heard.py",
)  # fmt: skip
_CONFIGURATION = f"""\
kit_id = "kit-0007"
run_dir = "/run/kit"
state_dir = "/var/lib/kit"

[broker]
host = "{REGION}"
port = 8883
ca = "none"
certificate = "none"
key = "none"

[meeting]
allowed_hosts = ["{NAME}"]
ca = "ca.pem"

[mobile]
apn = "region.test"
pin_file = "/var/lib/kit/sim.pin"

[region]
networks = ["203.0.113.0/24"]

[[networks.care_wifi]]
ssid = "{SSID}"
key_file = "care-wifi"

# Sound only, and as it is: each picture and each filter would be seconds of emulation.
[camera]
source = "/dev/video0"

[sound]
processing = "off"
"""
_FAR = f"""
unit() {{ systemd-run --quiet --setenv=PYTHONPATH=/opt/kit --setenv=PYTHONDONTWRITEBYTECODE=1 --unit="$@"; }}
cd /etc/kit
unit rig-far --property=NetworkNamespacePath=/run/netns/world --property=StandardOutput=file:/run/rig/far \\
    --same-dir python3 -m bench.handovers.far {REGION} {NAME} ca.pem certificate.pem key.pem voice
unit kit-engine --property=User=kit-agent --property=Group=kit --property=SupplementaryGroups=audio \\
    python3 -m kit.media --config /etc/kit/kit.toml
"""


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """Start it, with a room that sings and an engine. Raises NotBuilt."""
    folder.mkdir(parents=True, exist_ok=True)
    system, code = disk.debian(), disk.code(disk.BUILD / "call-code", WHEELS)
    raw = folder / "disk.raw"
    layers = (disk.PROTECTIONS, code, call_libraries.layer(), _own(folder / "own"), disk.RIG)
    disk.make(system, raw, layers=layers, size=SIZE)
    try:
        with Machine(folder, raw, system.kernel, system.initramfs, wired=False, hardware=HARDWARE) as started:
            started.wait("nmcli -t general && [ -S /run/kit/agent.sock ]", timeout_s=START_S)
            started.check(f"bash /{_RIG}/call-world begin {PIN}", timeout_s=START_S)
            started.check(_FAR, timeout_s=START_S)
            started.wait("grep -q ready /run/rig/far || systemctl is-failed rig-far", timeout_s=START_S)
            started.check("grep -q ready /run/rig/far || ! cat /run/rig/far")
            yield started
    finally:
        raw.unlink(missing_ok=True)


def call(started: Machine, seconds: float, changes: Sequence[tuple[str, str, Uplink]] = ()) -> list[Heard]:
    """Lead a visit into the call and listen; then make changes: name, what happens, who carries then."""
    words = " ".join(f"'{what}:{happens}:{carrier.value}'" for what, happens, carrier in changes)
    said = started.check(f"PYTHONPATH=/opt/kit python3 /{_RIG}/call.py {seconds} {words}", timeout_s=START_S)
    return msgspec.json.decode(said, type=list[Heard])


def _own(layer: Path) -> Path:
    """What provisioning gave this kit, and what surrounds it."""
    shutil.rmtree(layer, ignore_errors=True)
    kit, known = layer / "etc" / "kit", layer / "usr" / "lib" / "NetworkManager" / "system-connections"
    rig, parts, state = layer / _RIG, layer / "opt" / "kit", layer / "var" / "lib" / "kit"
    for made in (kit, known, rig, state):
        made.mkdir(parents=True)
    room = Site(layer.with_suffix(".site")).server("room", (NAME,))
    for file in (room.ca, room.certificate, room.key):
        shutil.copyfile(file, kit / file.name)
    (kit / "kit.toml").write_text(_CONFIGURATION, encoding="utf-8")
    (kit / "care-wifi").write_text(PASSWORD, encoding="utf-8")
    profiles.write(load(kit / "kit.toml"), known)
    (state / "sim.pin").write_text(PIN, encoding="ascii")
    (state / "sim.pin").chmod(0o600)
    (layer / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n{REGION} {NAME}\n", encoding="utf-8")
    (rig / "care-wifi").write_text(f"SSID='{SSID}'\nPASSWORD='{PASSWORD}'\n", encoding="utf-8")
    for name in ("call-world", "call.py", "modem"):
        shutil.copyfile(_GUEST / name, rig / name)
    for name in _ROOM:
        (parts / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, parts / name)
    return layer
