"""Offers dressed for a node, answers read for its limits."""

import pytest

from kit.meeting.pexip.sdp import dress, send_limit_bps

OFFER = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0 1 2",
        "m=audio 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "m=video 9 UDP/TLS/RTP/SAVPF 97",
        "c=IN IP4 0.0.0.0",
        "a=mid:1",
        "m=video 9 UDP/TLS/RTP/SAVPF 97",
        "c=IN IP4 0.0.0.0",
        "a=inactive",
        "a=mid:2",
        "",
    ]
)


def test_lines_are_named_and_the_wanted_bandwidth_stands_where_sdp_allows_it() -> None:
    lines = dress(OFFER, 1_500_000).split("\r\n")
    assert [line for line in lines if line.startswith("a=content")] == [
        "a=content:main",
        "a=content:main",
        "a=content:slides",
    ]
    at = [number for number, line in enumerate(lines) if line == "b=TIAS:1500000"]
    assert [lines[number - 1] for number in at] == ["c=IN IP4 0.0.0.0"] * 2
    assert [line for line in lines if not line.startswith(("a=content", "b="))] == OFFER.split("\r\n")


@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        ("v=0\r\nm=video 9 x 1\r\nb=TIAS:3732480\r\na=content:main\r\n", 3_732_480),
        ("v=0\r\nm=video 9 x 1\r\na=content:slides\r\nb=TIAS:1\r\nm=video 9 x 1\r\nb=AS:512\r\n", 512_000),
        ("v=0\r\nm=video 9 x 1\r\nb=TIAS:0\r\n", None),
        ("v=0\r\nb=AS:7528\r\nm=audio 9 x 1\r\nb=TIAS:64000\r\nm=video 9 x 1\r\n", None),
        ("", None),
    ],
)
def test_the_nodes_limit_is_that_of_the_main_picture(answer: str, limit: int | None) -> None:
    assert send_limit_bps(answer) == limit
