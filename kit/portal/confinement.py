"""The name space that Chromium runs in: what it sees of the kit, and that all of it ends with it.

Bubblewrap mounts a root of its own: programs, fonts and certificates to read, the devices of a call, and
everything that can be written in memory. The policy is a file there and nowhere else: machine-wide for this
Chromium, unknown to any other. Process and mount name space die with their first process, and that one with
the agent (``PR_SET_PDEATHSIG``): nothing is left to sweep, whatever killed whom.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

PROGRAM: Final = "/usr/lib/chromium/chromium"
"""Not Debian's script: it adds extensions, keys of its own and switches from /etc/chromium.d."""
HOME: Final = "/home/portal"
MEMORY: Final = 512 * 1024 * 1024
"""Most bytes that the profile may take."""
OOM_SCORE: Final = 600
"""When memory runs out, the portal goes before the agent."""
_UID: Final = "1000"
_READ: Final = (
    *("/etc/alsa", "/etc/alternatives", "/etc/asound.conf", "/etc/ca-certificates", "/etc/fonts"),
    *("/etc/hosts", "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/pulse"),
    *("/etc/resolv.conf", "/etc/ssl", "/run/systemd/resolve", "/run/udev/data", "/sys"),
)
_LINKS: Final = (("usr/bin", "/bin"), ("usr/lib", "/lib"), ("usr/lib64", "/lib64"), ("usr/sbin", "/sbin"))
_DEVICES: Final = ("dri", "snd", "video*", "media*", "v4l")
_SOCKETS: Final = "/tmp/.X11-unix"  # noqa: S108 - where X servers put them
_PASSED: Final = ("LANG", "LC_ALL", "TZ")


class Opened(Struct, frozen=True):
    """Descriptors that the name space's files are read from."""

    policy: int
    authority: int | None = None
    """The display's Xauthority."""


def command(display: str, opened: Opened, env: Mapping[str, str], switches: tuple[str, ...]) -> list[str]:
    """Return the whole command line. Its descriptors must be inherited, 3 and 4 for the DevTools pipe."""
    return [
        *("choom", "-n", str(OOM_SCORE), "--"),
        # A dump of the browser's memory would hold the meeting.
        *("prlimit", "--core=0", "--"),
        *("bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--unshare-user", "--uid", _UID, "--gid", _UID, "--clearenv"),
        *_files(opened),
        *_devices(),
        *_display(display, opened),
        *_sound(env),
        *_environment(display, env),
        *("--", PROGRAM, f"--user-data-dir={HOME}/profile", *switches),
    ]


def _files(opened: Opened) -> list[str]:
    words = ["--ro-bind", "/usr", "/usr"]
    for target, name in _LINKS:
        words += ["--symlink", target, name]
    for path in _READ:
        words += ["--ro-bind-try", path, path]
    words += ["--proc", "/proc", "--tmpfs", "/tmp", "--perms", "0700"]  # noqa: S108 - the name space's own
    words += ["--size", str(MEMORY), "--tmpfs", HOME, "--dir", f"{HOME}/run"]
    policy = "/etc/chromium/policies/managed/portal.json"
    return [*words, "--perms", "0444", "--ro-bind-data", str(opened.policy), policy]


def _devices() -> list[str]:
    words = ["--dev", "/dev"]
    for pattern in _DEVICES:
        for path in sorted(Path("/dev").glob(pattern)):
            words += ["--dev-bind-try", str(path), str(path)]
    return words


def _display(display: str, opened: Opened) -> list[str]:
    socket = f"{_SOCKETS}/X{display.removeprefix(':').partition('.')[0]}"
    words = ["--ro-bind-try", socket, socket]
    if opened.authority is not None:
        words += ["--ro-bind-data", str(opened.authority), f"{HOME}/.Xauthority"]
        words += ["--setenv", "XAUTHORITY", f"{HOME}/.Xauthority"]
    return words


def _sound(env: Mapping[str, str]) -> list[str]:
    """PulseAudio's or PipeWire's socket where there is one; else ALSA's devices are all."""
    server = env.get("PULSE_SERVER", "")
    path = server.removeprefix("unix:")
    if not server:
        path = f"{env.get('XDG_RUNTIME_DIR') or f'/run/user/{os.getuid()}'}/pulse/native"
    elif path == server:
        return ["--setenv", "PULSE_SERVER", server]
    inside = f"{HOME}/run/pulse"
    return ["--ro-bind-try", path, inside, "--setenv", "PULSE_SERVER", f"unix:{inside}"]


def _environment(display: str, env: Mapping[str, str]) -> list[str]:
    values = {
        "HOME": HOME,
        "LANGUAGE": "sv",
        "XDG_RUNTIME_DIR": f"{HOME}/run",
        "PATH": "/usr/bin",
        "DISPLAY": display,
    }
    values |= {name: env[name] for name in _PASSED if name in env}
    # Without it Chromium asks for a bus, and starts one of its own.
    values["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"
    return [word for name, value in values.items() for word in ("--setenv", name, value)]
