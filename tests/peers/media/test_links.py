"""The kernel's word about networks, in network namespaces of their own."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import asyncio
from kit.media import links

async def main():
    print(links.present().address, flush=True)
    async for _ in links.changes():
        print(links.present().address, flush=True)

asyncio.run(main())
"""
SET_UP = """
ip link set lo up
ip link add cable type veth peer name wall
ip link add mobile type veth peer name mast
for link in cable wall mobile mast; do ip link set dev $link up; done
ip addr add 203.0.113.10/24 dev cable
ip addr add 198.51.100.7/24 dev mobile
ip route add default via 203.0.113.1 metric 100
ip route add default via 198.51.100.1 metric 700
"""
LIMIT_S = 20.0


async def run(process: asyncio.subprocess.Process, command: str) -> None:
    """In the child's network."""
    done = await asyncio.create_subprocess_exec(
        "nsenter", "--target", str(process.pid), "--net", "sh", "-ec", command
    )
    assert await done.wait() == 0


@pytest.fixture
def _namespaces() -> None:
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        pytest.skip("no network namespaces here")


@pytest.mark.usefixtures("_namespaces")
async def test_another_uplink_is_told_once_and_a_flap_or_an_address_beside_it_is_not() -> None:
    process = await asyncio.create_subprocess_exec(
        *("unshare", "--net", "sh", "-ec", f'{SET_UP}\nexec "$0" -c "$1"', sys.executable, CHILD),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(LIMIT_S):
            told = [await process.stdout.readline()]
            await run(process, "ip addr add 198.51.100.99/24 dev mobile")
            await run(process, "ip link set dev cable down")
            told.append(await process.stdout.readline())
            await run(process, "ip link set dev mobile down; ip link set dev mobile up")
            await run(process, "ip route add default via 198.51.100.1 metric 700")
            await run(process, "ip link set dev cable up; ip route add default via 203.0.113.1 metric 100")
            told.append(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
    assert told == [b"203.0.113.10\n", b"198.51.100.7\n", b"203.0.113.10\n"]


@pytest.mark.usefixtures("_namespaces")
async def test_a_change_that_kernel_and_agent_both_tell_is_one_handover() -> None:
    process = await asyncio.create_subprocess_exec(
        *("unshare", "--net", "sh", "-ec", f'{SET_UP}\nexec "$0" -m pytest -q -x -p no:cacheprovider "$1"'),
        *(sys.executable, str(Path(__file__).with_name("in_a_namespace.py"))),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
