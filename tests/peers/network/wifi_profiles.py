"""Give NetworkManager each profile that the kit can make, in memory; say as JSON what it made of them."""

import json
import sys
from typing import Any

from kit.network.wifi import holder, profile
from kit.network.wifi.hold import Hold
from kit.network.wifi.security import Access

IN_MEMORY = 2
SSID = bytes(range(1, 33))
KEYS = {
    Access.OPEN: "",
    Access.OWE: "",
    Access.WPA2: "0123456789abcdef" * 4,
    Access.MIXED: "pass word 123",
    Access.SAE: "åäö",
}


def taken(library: Any, number: int, access: Access) -> dict[str, dict[str, Any]]:
    hold = Hold(
        uuid=f"00000000-0000-4000-8000-{number:012d}",
        interface="wlan0",
        access_point="/org/freedesktop/NetworkManager/AccessPoint/1",
        ssid=SSID,
        access=access,
        key=KEYS[access],
        hidden=access is Access.SAE,
        limit_s=60,
    )
    made, _ = library.Settings.AddConnection2(holder._typed(profile.wifi(hold)), IN_MEMORY, {})
    found: dict[str, dict[str, Any]] = made.GetSettings()
    made.Delete()
    return found


if __name__ == "__main__":
    known = holder._library()
    made = {access: taken(known, number, access) for number, access in enumerate(KEYS)}
    sys.stdout.write(json.dumps(made, default=repr))
