"""Whatever a node answers to the kit's offer: it is followed, or refused, and the leg can be closed."""

import asyncio

import aioice.ice
import av
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.media import rtp
from kit.media.leg import MediaLeg
from kit.meeting.room import IceServers
from tests.kit.media.rtp.seam import aiortc_as_it_was

__all__ = ["aiortc_as_it_was"]

MOST_BPS = 1_000_000
CANDIDATE = "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host"
DAMAGE = st.sampled_from(["drop", "double", "cut", "swap", "number", "rubbish"])
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


class Nowhere:
    """Takes pictures."""

    def picture(self, picture: av.VideoFrame) -> None:
        pass

    def slide(self, picture: av.VideoFrame) -> None:
        pass


@pytest.fixture(autouse=True)
def ours(monkeypatch: pytest.MonkeyPatch, aiortc_as_it_was: None) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    rtp.install()


async def _answered(damaged: list[tuple[int, str, int, str]], bps: int | None) -> None:
    leg = MediaLeg(IceServers(), Nowhere(), MOST_BPS)
    node = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        await node.setRemoteDescription(RTCSessionDescription(await leg.offer(), "offer"))
        await node.setLocalDescription(await node.createAnswer())
        lines = node.localDescription.sdp.split("\r\n")
        for damage in damaged:
            _damage(lines, *damage)
        try:
            await leg.answer("\r\n".join(lines), bps)
        except ValueError:
            return
        await asyncio.sleep(0)
        await leg.counters()
        assert leg.silent_s is None
    finally:
        await leg.close()
        await node.close()


def _damage(lines: list[str], place: int, kind: str, number: int, words: str) -> None:
    at = place % len(lines)
    if kind == "drop":
        lines[at] = ""
    elif kind == "double":
        lines.insert(at, lines[at])
    elif kind == "cut":
        lines[at] = lines[at][: number % (len(lines[at]) + 1)]
    elif kind == "swap":
        lines[at], lines[number % len(lines)] = lines[number % len(lines)], lines[at]
    elif kind == "number":
        lines[at] = "".join(str(number) if letter.isdigit() else letter for letter in lines[at])
    else:
        lines[at] = words


damages = st.lists(st.tuples(st.integers(0, 999), DAMAGE, st.integers(0, 2**33), WORDS), max_size=5)


@settings(max_examples=50)
@given(damages, st.none() | st.integers(1, 10**12))
def test_a_damaged_answer_is_followed_or_refused(
    damaged: list[tuple[int, str, int, str]], bps: int | None
) -> None:
    asyncio.run(_answered(damaged, bps))


@pytest.mark.parametrize(
    "sdp",
    ["x" * 10_000_000, "m=audio 9 UDP/TLS/RTP/SAVPF 96\r\n" * 10_000, f"{CANDIDATE}\r\n" * 10_000, "", "\0"],
    ids=["long", "lines of media", "candidates", "empty", "zero"],
)
async def test_an_answer_beyond_the_limits_is_refused(sdp: str) -> None:
    leg = MediaLeg(IceServers(), Nowhere(), MOST_BPS)
    await leg.offer()
    with pytest.raises(ValueError, match=r".+"):
        await leg.answer(sdp, None)
    await leg.close()
