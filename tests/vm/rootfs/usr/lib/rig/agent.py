"""The kit's agent as it is, but for the UUID of the patient's connection, which must be known beforehand.

It is drawn by chance on a kit; one cannot ask a machine whose power was cut. Runs inside the virtual machine.
"""

import uuid
from pathlib import Path
from types import SimpleNamespace

from kit.agent.__main__ import main
from kit.network.wifi import radio

CONNECTION = Path("/run/rig/connection")

vars(radio)["uuid"] = SimpleNamespace(uuid4=lambda: uuid.UUID(CONNECTION.read_text()))
main(Path("/etc/kit/kit.toml"))
