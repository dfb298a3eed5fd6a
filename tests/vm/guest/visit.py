"""Stands where the agent stands in a visit: joins the patient's Wi-Fi, removes it, says what came of it.

Begins with the file /run/rig/go, which holds the time limit in seconds. SIGTERM is the hang-up. What happens
is one word a line in /run/rig/steps. Runs inside the virtual machine.
"""

import asyncio
import os
import signal
import uuid
from pathlib import Path

from kit.ipc.network import WifiTrouble
from kit.network.wifi import radio as patient
from kit.network.wifi.names import Name
from kit.network.wifi.secrets import Secret

RIG = Path("/run/rig")
# Drawn by chance on a kit; told here, as one cannot ask a machine whose power was cut.
UUID = uuid.UUID(os.environ["CONNECTION"])
LOOK_EVERY_S = 0.05


def tell(step: str) -> None:
    """Say how far it is."""
    with (RIG / "steps").open("a") as steps:
        steps.write(f"{step}\n")


async def main() -> None:
    """One visit."""
    uuid.uuid4 = lambda: UUID
    radio, over = patient.Radio(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)

    def gone(trouble: WifiTrouble) -> None:
        tell(f"gone:{trouble}")
        over.set()

    radio.gone = gone
    tell("ready")
    while not (go := RIG / "go").exists():  # noqa: ASYNC110 - a shell script cannot set an event
        await asyncio.sleep(LOOK_EVERY_S)
    where, secret = Name(os.environb[b"SSID"]), Secret(os.environ["PASSWORD"])
    tell("joining")
    trouble = await radio.join(where, secret, float(go.read_text()))
    tell(f"joined:{trouble}")
    if trouble is WifiTrouble.NONE:
        await over.wait()
    tell("removing")
    tell(f"removed:{await radio.remove()}")


if __name__ == "__main__":
    asyncio.run(main())
