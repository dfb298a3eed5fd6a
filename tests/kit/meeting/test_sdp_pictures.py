"""What a room says of the pictures that it takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.meeting.sdp_pictures import PictureLimits, picture_limits

HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
MAIN = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nb=TIAS:900000\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n"


def slides(formats: str, *lines: str) -> str:
    return (
        HEAD
        + MAIN
        + f"m=video 9 UDP/TLS/RTP/SAVPF {formats}\r\na=mid:2\r\n"
        + "".join(f"{line}\r\n" for line in lines)
    )


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        (slides("96", "a=rtpmap:96 VP8/90000"), PictureLimits(8160)),
        (slides("96", "a=rtpmap:96 VP8/90000", "a=fmtp:96 max-fs=3600;max-fr=30"), PictureLimits(3600)),
        (slides("96", "a=rtpmap:96 VP8/90000", "a=fmtp:96 max-fs=0"), PictureLimits(8160)),
        (slides("96", "a=rtpmap:96 VP8/90000", "a=fmtp:96 max-fs=36864"), PictureLimits(8160)),
        (slides("98 97", "a=rtpmap:98 VP9/90000", "a=rtpmap:97 VP8/90000"), PictureLimits(8160)),
        (slides("99", "a=rtpmap:99 H264/90000"), PictureLimits(3600)),
        (slides("99", "a=rtpmap:99 H264/90000", "a=fmtp:99 profile-level-id=42e01f"), PictureLimits(3600)),
        (
            slides(
                "99",
                "a=rtpmap:99 H264/90000",
                "a=fmtp:99 max-mbps=245760;max-fs=8192",
            ),
            PictureLimits(8160),
        ),
        (slides("99", "a=rtpmap:99 H264/90000", "a=fmtp:99 max-fs=99"), PictureLimits(3600)),
        (slides("96", "b=TIAS:3732480", "a=rtpmap:96 VP8/90000"), PictureLimits(8160, 3_732_480)),
        (slides("96", "b=TIAS:0", "a=rtpmap:96 VP8/90000"), PictureLimits(8160)),
        (slides("0", "a=rtpmap:0 PCMU/8000"), PictureLimits(3600)),
        (HEAD, PictureLimits(3600)),
        ("", PictureLimits(3600)),
    ],
)
def test_the_line_says_how_large_and_how_many(text: str, limits: PictureLimits) -> None:
    assert picture_limits(text, "2") == limits


@given(st.text(), st.text(max_size=5))
def test_any_text_gives_sane_limits(text: str, mid: str) -> None:
    assert 3600 <= picture_limits(slides("96", text), mid).macroblocks <= 8160
