"""Why NetworkManager gave up, in the screen's words. Pure.

The figures are NetworkManager's ``NMDeviceStateReason``.
"""

from __future__ import annotations

from typing import Final

from kit.ipc.network import WifiTrouble
from kit.network.wifi.hold import Step
from kit.network.wifi.security import Access

NO_SECRETS: Final = 7
SUPPLICANT_CONFIG_FAILED: Final = 9
SSID_NOT_FOUND: Final = 53
_NO_ADDRESS: Final = frozenset({5, 6, 15, 16, 17, 20, 21, 22, 64})
"""Address configuration: unavailable, expired, DHCP's failures, link-local's, a duplicate."""
_NO_WIFI: Final = frozenset({2, 3, 35, 36, 37, 38, 39})
"""The radio went away, sleeps, lacks its firmware, or somebody else took it from us."""
_NOT_LET_IN: Final = frozenset({8, 10, 11, SSID_NOT_FOUND})
"""wpa_supplicant was thrown out, failed, or tried for too long."""


def trouble(reason: int, step: Step, kind: Access | None) -> WifiTrouble:
    """Return what to say when it ended for ``reason``, having come as far as ``step``.

    A wrong WPA2 password makes NetworkManager ask for another (NO_SECRETS). A wrong WPA3 password is tried
    for a while, and the network is then called not found: the password is said to be wrong, since the access
    point answered the scan just before.
    """
    if reason in _NO_WIFI:
        return WifiTrouble.NO_WIFI
    if reason in _NO_ADDRESS or (step is Step.ADDRESS and reason != SSID_NOT_FOUND):
        return WifiTrouble.NO_ADDRESS
    if reason == SUPPLICANT_CONFIG_FAILED:
        return WifiTrouble.NOT_SUPPORTED
    if step is Step.JOINING and _is_about_key(reason, kind):
        return WifiTrouble.KEY_WRONG
    return WifiTrouble.OUT_OF_REACH


def _is_about_key(reason: int, kind: Access | None) -> bool:
    return reason == NO_SECRETS or (reason in _NOT_LET_IN and kind in (Access.SAE, Access.MIXED))
