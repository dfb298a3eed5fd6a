"""On the patient's network the kit offers nothing, and nobody there gets an answer from it."""

from __future__ import annotations

from pathlib import Path

from tests.vm.home import Home

ADDRESS = "ip -4 -o address show dev wlan0 | sed -E 's,.* inet ([0-9.]+)/.*,\\1,'"
# The other end of asking for an address (DHCP and DHCPv6 clients).
LISTENS = "ss -Hlntu | awk '{print $5}' | grep -vE '^127\\.|^\\[::1\\]|:68$|:546$'"


def test_nothing_listens_and_nothing_answers(kit: Home, folder: Path) -> None:
    with kit.machine(folder, joined=True) as machine:
        assert machine.run(LISTENS).output == ""
        router = f"ip netns exec router ping -c 3 -W 2 $({ADDRESS})"
        assert "100% packet loss" in machine.run(router).output
        # The same question with the door open, so that the silence above is the ruleset's.
        machine.check("nft flush ruleset")
        assert " 0% packet loss" in machine.run(router).output


def test_no_network_is_there_before_the_guard_and_wifi_is_a_strangers_from_the_start(
    kit: Home, folder: Path
) -> None:
    with kit.machine(folder) as machine:
        # Who holds the kit's own form by a connection, until it ends.
        machine.check("systemctl stop kit-agent")
        machine.wait("nft list chain inet kit output | grep -q 'oifname \"wl\\*\" goto guest'")
        assert "dport 53" not in machine.check("nft list chain inet kit guest")
        since = "systemctl show --value -p ActiveEnterTimestampMonotonic"
        guard, manager = (int(machine.check(f"{since} {unit}")) for unit in ("kit-guard", "NetworkManager"))
        assert 0 < guard < manager
        machine.check("systemctl kill -s KILL kit-guard; nft delete table inet kit")
        machine.wait("nft list chain inet kit guest")
