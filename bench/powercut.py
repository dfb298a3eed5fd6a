"""Power cuts at random moments of joining, holding and removing a patient's Wi-Fi: what the disk holds then.

`CUTS` (500) and `SEED` (0) are read from the environment. Every image is searched as a whole, and removed.
"""

import os
import random
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import Figure, write
from tests.vm import cuts, disk, home
from tests.vm.ahead import AT_ONCE
from tests.vm.cuts import Cut
from tests.vm.home import NEEDLES, Ground, Home
from tests.vm.traces import Scanner


def main() -> None:
    """Cut, count and write."""
    load = os.getloadavg()[0]
    number, seed = int(os.environ.get("CUTS", "500")), int(os.environ.get("SEED", "0"))
    kit = home.make("kit", Ground.prepare(), disk.PROTECTIONS)
    scanner = Scanner(NEEDLES)
    chance = random.Random(seed)  # noqa: S311 - a seed makes the moments those of the last run
    moments = [chance.uniform(0, cuts.LAST_S) for _ in range(number)]
    folder = disk.BUILD / "powercut"
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(lambda at: _cut(kit, scanner, folder / str(at[0]), at[1]), enumerate(moments)))
    figures = [
        Figure(what="power cuts", value=number, unit="", better="more"),
        Figure(
            what="cuts that left a trace", value=sum(bool(cut.hits) for cut in done), unit="", better="less"
        ),
    ]
    for step, times in sorted(Counter(cut.step for cut in done).items()):
        figures.append(Figure(what=f"cuts at {step}", value=times, unit="", better="more"))
    write("powercut", figures, load)


def _cut(kit: Home, scanner: Scanner, folder: Path, moment_s: float) -> Cut:
    try:
        return cuts.at_moment(kit, scanner, folder, moment_s)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
