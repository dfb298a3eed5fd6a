"""Run in a mount namespace of its own: an outbox on a disk of 400 KiB that is filled, and made read-only."""

import json
import subprocess
import sys
from pathlib import Path

from kit.health.outbox import Outbox


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue


def story(folder: Path) -> dict[str, object]:
    told: dict[str, object] = {}
    outbox = Outbox(folder / "outbox.db")
    for number in range(10):
        outbox.append(number, b"%d" % number, expendable=False)
    stream = outbox.pending(1)[0].stream
    fill(folder)
    for number in range(10, 60):
        outbox.append(number, b"%d" % number * 200, expendable=False)
    told["refused_when_full"] = outbox.refused
    told["sent_when_full"] = len(outbox.pending(1000))
    outbox.acknowledge(stream, 4)
    told["after_acknowledging_when_full"] = len(outbox.pending(1000))
    outbox.close()
    outbox = Outbox(folder / "outbox.db")
    told["readable_on_a_full_disk_at_start"] = [row.body.decode() for row in outbox.pending(4)]
    outbox.append(60, b"60" * 2000, expendable=False)
    (folder / "filler").unlink()
    outbox.append(61, b"61", expendable=False)
    told["refused_with_room_again"] = outbox.refused
    outbox.close()
    mount("-o", "remount,ro", str(folder))
    outbox = Outbox(folder / "outbox.db")
    outbox.append(62, b"62", expendable=False)
    told["refused_when_read_only"] = outbox.refused
    told["sent_when_read_only"] = outbox.pending(1000)[-1].body.decode()
    mount("-o", "remount,rw", str(folder))
    outbox.append(63, b"63", expendable=False)
    told["refused_when_writable_again"] = outbox.refused
    outbox.close()
    rows = Outbox(folder / "outbox.db").pending(1000)
    told["on_disk_in_the_end"] = sorted({int(row.body[:2]) for row in rows})
    return told


if __name__ == "__main__":
    disk = Path(sys.argv[1])
    mount("-t", "tmpfs", "-o", "size=400k", "tmpfs", str(disk))
    sys.stdout.write(json.dumps(story(disk)))
