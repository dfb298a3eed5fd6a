"""Runs scripts that arrive as JSON lines on a serial port, and answers with their exit code and output.

Runs inside the virtual machine, with the interpreter of its Debian.
"""

import json
import os
import subprocess
import time
from pathlib import Path

PORT = Path("/dev/virtio-ports/rig")
LOOK_EVERY_S = 0.05
TIMED_OUT = 124


def main() -> None:
    """Serve one script after another."""
    while not PORT.exists():
        time.sleep(LOOK_EVERY_S)
    port = os.open(PORT, os.O_RDWR)
    _write(port, json.dumps({"number": 0}).encode() + b"\n")
    rest = b""
    while True:
        read = _read(port)
        if not read:
            time.sleep(LOOK_EVERY_S)
            continue
        *lines, rest = (rest + read).split(b"\n")
        for line in lines:
            _write(port, json.dumps(_answer(line)).encode() + b"\n")


def _read(port: int) -> bytes:
    """Look for what has come without waiting: a frozen machine loses an interrupt at times."""
    os.set_blocking(port, False)
    try:
        return os.read(port, 65536)
    except BlockingIOError:
        return b""
    finally:
        os.set_blocking(port, True)


def _answer(line: bytes) -> dict[str, object]:
    try:
        order = json.loads(line)
        code, output = _run(order["script"], order["timeout_s"])
    except (ValueError, KeyError):  # half a line, written before the machine was stopped
        return {"number": -1, "code": -1, "output": ""}
    return {"number": order["number"], "code": code, "output": output}


def _run(script: str, timeout_s: float) -> tuple[int, str]:
    # The output goes through a file in memory: a pipe would stay open in whatever the script left running.
    with Path("/run/rig-output").open("w+b") as output:
        try:
            done = subprocess.run(
                ["/bin/bash", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout_s,
                check=False,
            )
            code = done.returncode
        except subprocess.TimeoutExpired:
            code = TIMED_OUT
        output.seek(0)
        return code, output.read().decode(errors="replace")


def _write(port: int, data: bytes) -> None:
    while data:
        data = data[os.write(port, data) :]


if __name__ == "__main__":
    main()
