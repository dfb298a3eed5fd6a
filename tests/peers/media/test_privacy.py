"""What must never leave memory: names, PINs, tokens, chat, sound and pictures."""

import asyncio
import os
import re
import signal
import ssl
from pathlib import Path

import msgspec

from kit.ipc import engine as ng
from kit.ipc.pictures import Stream
from tests.kit.meeting.pexip.certificates import Certificates
from tests.peers.media.conftest import Node, until
from tests.peers.media.kit import Kit, write_config
from tests.peers.media.other import Other
from tests.peers.media.pulse import Pulse

CHAT = "Kanariefågel i köket"
PIN = "5678"


async def whole_life(kit: Kit, node: Node, tls: ssl.SSLContext) -> set[str]:
    """A call with everything that could go wrong in it; returns the canaries."""
    await kit.join(node.host, "finns-inte-kanarie", pin="4711")
    await kit.wait_for(ng.RoomRefused)
    await kit.join(node.host, "konsult", pin="9137")
    await kit.wait_for(ng.RoomPinAsked)
    async with Other(node.host, "konsult", tls) as nurse:
        await kit.join(node.host, "konsult", pin=PIN)
        await kit.wait_for(ng.RoomJoined)
        await kit.picture(Stream.REMOTE)
        await kit.order(ng.SendChat(1, CHAT))
        await kit.wait_for(ng.ChatSent)
        await nurse.room.say(CHAT)
        await kit.wait_for(ng.ChatReceived)
        await kit.order(ng.TestMicrophone())
        node.server.lab.push("konsult", "participant_update", {"uuid": 7, "display_name": CHAT})
        node.server.lab.refuse("refresh_token", 500)
        assert nurse.kit is not None
        await node.server.lab.drop_media("konsult", nurse.kit.uuid)
        await kit.wait_for(ng.PathChanging, limit_s=20, where=lambda event: event.on)
        await kit.wait_for(ng.PathChanging, limit_s=20, where=lambda event: not event.on)
        uuid = nurse.kit.uuid
    await node.server.stop()
    await kit.wait_for(ng.CallInterrupted, limit_s=20, where=lambda event: event.server)
    await kit.order(ng.LeaveRoom())
    tokens = {
        str(msgspec.msgpack.decode(event.blob)["token"])
        for event in kit.events
        if isinstance(event, ng.Session)
    }
    assert tokens
    return {"konsult", "finns-inte-kanarie", PIN, "4711", "9137", CHAT, "Norr", uuid, *tokens}


async def test_the_log_names_nobody_and_no_room(kit: Kit, node: Node, tls: ssl.SSLContext) -> None:
    canaries = await whole_life(kit, node, tls)
    await kit.end(signal.SIGTERM)
    log = kit.log.read_text(encoding="utf-8")
    assert "agent_connected" in log
    assert not [canary for canary in canaries if canary in log]
    assert "Traceback" not in log
    assert node.host not in log


async def test_a_call_leaves_no_file_behind(
    tmp_path: Path, node: Node, certificates: Certificates, pulse: Pulse, tls: ssl.SSLContext
) -> None:
    folder, scratch = tmp_path / "kit", tmp_path / "scratch"
    for made in (folder, scratch, folder / "state"):
        made.mkdir(parents=True)
    config = write_config(folder, ca=certificates.ca, host=node.host)
    watch = {"TMPDIR": str(scratch), "HOME": str(scratch), "XDG_CACHE_HOME": str(scratch)}
    async with Kit(config, {**pulse.environment, **watch, "PYTHONDONTWRITEBYTECODE": "1"}) as kit:
        await kit.order(ng.Preview(True))
        await kit.picture(Stream.SELF)
        await kit.order(ng.TestMicrophone())
        await kit.join(node.host, "eko")
        await kit.wait_for(ng.RoomJoined)
        await kit.picture(Stream.REMOTE)
        await kit.wait_for(ng.MicrophoneTested)
        written = await asyncio.to_thread(_open_for_writing, kit.pid)
        await kit.order(ng.LeaveRoom())
        await until(lambda: not node.seats("eko"))
    assert written <= {str(kit.log)}
    left = {str(path.relative_to(tmp_path)) for path in (*folder.rglob("*"), *scratch.rglob("*"))}
    sockets = {"kit/run", "kit/run/agent.sock", "kit/run/pictures.sock"}
    assert left - sockets == {"kit/kit.toml", "kit/engine.log", "kit/state", "kit/state/encoders.json"}


def _open_for_writing(pid: int) -> set[str]:
    """Files of a disk that a process may write to: no sockets, no memory, no devices."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(entry.readlink())
            flags = re.search(r"flags:\s*(\d+)", Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text())
        except FileNotFoundError:
            continue
        writes = flags is not None and int(flags[1], 8) & os.O_ACCMODE != os.O_RDONLY
        if writes and target.startswith("/") and not target.startswith(("/dev/", "/memfd:", "/proc/")):
            found.add(target)
    return found
