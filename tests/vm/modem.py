"""The kit's modem and its operator: plugged in, moved about by a test, and as the kit's screen shows them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Final

from tests.peers.network import at_modem, at_ports
from tests.vm.qemu import Machine, MachineFailed
from tests.vm.region import PIN

PATIENCE_S: Final = 240.0
CARD: Final = dict(zip(("modem", "subscriber", "card", "number", "operator"), at_modem.SECRETS, strict=True))
"""What is found on no disk and in nothing that the kit tells."""
_GUEST = Path(__file__).parent / "guest"
_UPLINKS = "/run/rig/uplinks"


class Modem:
    """Plugged in from its beginning. Its card wants a PIN, by default the one that the kit knows."""

    def __init__(self, machine: Machine, **behaviour: str | int | bool) -> None:
        self._machine = machine
        for module in (at_modem, at_ports):
            path = f"/run/rig/{module.__name__.replace('.', '/')}.py"
            machine.put(path, Path(str(module.__file__)).read_text(encoding="utf-8"))
        machine.put("/run/rig/modem", (_GUEST / "modem").read_text(encoding="utf-8"))
        self.turn("start", json.dumps({"pin": PIN, **behaviour}))

    def turn(self, *words: str) -> str:
        """Do what the script ``guest/modem`` can, and return what it says."""
        return self._machine.check(f"bash /run/rig/modem {shlex.join(words)}")

    def behaves(self) -> at_modem.Change:
        """How it behaves, and what has been tried with it."""
        told: at_modem.Change = json.loads(self.turn("tell"))
        return told

    def shows(self, *words: str) -> None:
        """Wait until the kit's screen shows all of these, regular expressions, at once."""
        each = " && ".join(rf'[[ " $shown " =~ \ {word}\  ]]' for word in words)
        try:
            self._machine.wait(f"shown=$(tail -n 1 {_UPLINKS}); {each}", timeout_s=PATIENCE_S)
        except MachineFailed:
            shown = self._machine.run(f"tail -n 5 {_UPLINKS}").output
            raise MachineFailed(f"not shown: {' '.join(words)}, but:\n{shown}") from None
