"""Roots to read: two machines as recorded, one without anything, and the one that runs the test."""

from pathlib import Path
from typing import TypeAlias

EDID_12_INCH = (
    bytes.fromhex("00ffffffffffff00")
    + bytes(13)
    + bytes([26, 16])
    + bytes(31)
    # Preferred timing: pixel clock first; at 12..14 the size in mm, 256 x 160.
    + bytes([0x1A, 0x36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 160, 0x10, 0, 0, 0])
    + bytes(56)
)

Tree: TypeAlias = dict[str, str | bytes]

TABLET: Tree = {
    "sys/class/power_supply/AC/type": "Mains",
    "sys/class/power_supply/AC/online": "0",
    "sys/class/power_supply/BAT0/type": "Battery",
    "sys/class/power_supply/BAT0/present": "1",
    "sys/class/power_supply/BAT0/status": "Discharging",
    "sys/class/power_supply/BAT0/capacity": "81",
    "sys/class/power_supply/BAT0/energy_now": "20000000",
    "sys/class/power_supply/BAT0/energy_full": "25000000",
    "sys/class/power_supply/BAT0/energy_full_design": "30000000",
    "sys/class/power_supply/BAT1/type": "Battery",
    "sys/class/power_supply/BAT1/present": "1",
    "sys/class/power_supply/BAT1/status": "Unknown",
    "sys/class/power_supply/BAT1/energy_now": "5000000",
    "sys/class/power_supply/BAT1/energy_full": "25000000",
    "sys/class/power_supply/BAT1/energy_full_design": "30000000",
    "sys/class/power_supply/hidpp_battery_0/type": "Battery",
    "sys/class/power_supply/hidpp_battery_0/scope": "Device",
    "sys/class/power_supply/hidpp_battery_0/status": "Discharging",
    "sys/class/power_supply/hidpp_battery_0/capacity": "5",
    "sys/class/thermal/thermal_zone0/type": "acpitz",
    "sys/class/thermal/thermal_zone0/temp": "-273000",
    "sys/class/thermal/thermal_zone1/type": "x86_pkg_temp",
    "sys/class/thermal/thermal_zone1/temp": "71000",
    "sys/class/thermal/thermal_zone1/trip_point_0_type": "passive",
    "sys/class/thermal/thermal_zone1/trip_point_0_temp": "95000",
    "sys/class/thermal/thermal_zone1/trip_point_1_type": "critical",
    "sys/class/thermal/thermal_zone1/trip_point_1_temp": "0",
    "sys/class/dmi/id/sys_vendor": "Exempel AB",
    "sys/class/dmi/id/product_name": "Rugged 12",
    "sys/class/drm/card0-DP-1/status": "disconnected",
    "sys/class/drm/card0-eDP-1/status": "connected",
    "sys/class/drm/card0-eDP-1/modes": "1920x1200\n1280x800",
    "sys/class/drm/card0-eDP-1/edid": EDID_12_INCH,
    "sys/class/backlight/intel_backlight/max_brightness": "1000",
    "sys/class/backlight/intel_backlight/brightness": "400",
    "sys/class/net/wlp2s0/uevent": "DEVTYPE=wlan\nINTERFACE=wlp2s0",
    "sys/class/net/wlp2s0/type": "1",
    "sys/class/net/wlp2s0/carrier": "1",
    "sys/class/net/wwan0/uevent": "DEVTYPE=wwan\nINTERFACE=wwan0",
    "sys/class/net/wwan0/type": "65534",
    "sys/class/net/wwan0/carrier": "1",
    "proc/net/route": (
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "wwan0\t00000000\t0101A8C0\t0003\t0\t0\t700\t00000000\t0\t0\t0\n"
        "wlp2s0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
        "wlp2s0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0\n"
    ),
    "proc/net/wireless": (
        "Inter-| sta-|   Quality        |   Discarded packets\n"
        " face | tus | link level noise |  nwid  crypt   frag\n"
        "wlp2s0: 0000   54.  -66.  -256        0      0      0\n"
    ),
    "proc/meminfo": "MemTotal:        8000000 kB\nMemFree:  1 kB\nMemAvailable:    4000000 kB\n",
    "proc/loadavg": "0.42 0.30 0.20 1/300 1234",
    "proc/uptime": "3600.12 7000.00",
    "proc/sys/kernel/random/boot_id": "0f768bee-2dcb-4c27-bc96-b7c9e3b07ccb",
}

RASPBERRY_PI: Tree = {
    "sys/class/hwmon/hwmon1/name": "rpi_volt",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1",
    "sys/class/thermal/thermal_zone0/temp": "86200",
    "sys/class/thermal/thermal_zone0/trip_point_0_type": "hot",
    "sys/class/thermal/thermal_zone0/trip_point_0_temp": "85000",
    "sys/class/thermal/thermal_zone0/trip_point_1_type": "critical",
    "sys/class/thermal/thermal_zone0/trip_point_1_temp": "110000",
    "sys/class/drm/card1-DSI-1/status": "connected",
    "sys/class/drm/card1-DSI-1/modes": "720x1280",
    "sys/class/drm/card1-DSI-1/edid": b"",
    "sys/class/net/end0/uevent": "INTERFACE=end0",
    "sys/class/net/end0/type": "1",
    "sys/class/net/end0/carrier": "1",
    "proc/net/ipv6_route": (
        "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 00000100 00000002 00000000 00000001     end0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "fe800000000000000000000000000001 00000400 00000002 00000000 00000003     end0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
        "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"
    ),
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\x00",
    "proc/meminfo": "MemTotal:        8000000 kB\nMemAvailable:    4000000 kB\n",
    "proc/loadavg": "1.00 1.00 1.00 2/300 1",
    "proc/uptime": "12.00 40.00",
    "proc/sys/kernel/random/boot_id": "11111111-2222-3333-4444-555555555555",
}

NOTHING: Tree = {}


def plant(root: Path, tree: Tree) -> Path:
    """Write the tree below ``root``, as the kernel shows it: text ends with a newline."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode() + b"\n")
    return root
