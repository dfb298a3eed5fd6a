"""The holder with a cable in place of a radio: the same process and functions, another type of profile.

``python -m tests.peers.network.wifi_stand_in UUID INTERFACE LIMIT_S [mangle]``; ``mangle`` gives
NetworkManager a setting that it cannot read.
"""

import sys
import warnings

from kit.log import configure
from kit.network.wifi import profile
from kit.network.wifi.holder import Holder, shut_in, tell

ETHERNET = "802-3-ethernet"


def main(uuid: str, interface: str, limit_s: str, mangle: str = "") -> None:
    shut_in()
    configure("wifi-holder")
    warnings.simplefilter("ignore")
    settings = profile.volatile(uuid, ETHERNET, interface)
    settings[ETHERNET] = {"assigned-mac-address": "random"}
    if mangle:
        settings["ipv4"]["method"] = 7
    Holder(settings, interface, "/", None, tell).run(float(limit_s))


if __name__ == "__main__":
    main(*sys.argv[1:])
