import time

import pytest

from kit.meeting import sdp_limits
from kit.meeting.testroom.media import sdp

LINE = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{}\r\n"
CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.1 50000 typ host\r\n"


def test_a_usual_description_is_within_the_limits() -> None:
    text = "v=0\r\n" + "".join(LINE.format(n) + 10 * CANDIDATE for n in range(4))
    sdp_limits.check(text)
    assert len(sdp.sections(text)) == 4


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("characters", "v=0\r\n" + "a=" + "x" * 10_000_000),
        ("characters", "\r\n".join(LINE.format(n) for n in range(10_000))),
        ("characters", LINE.format(0) + 10_000 * CANDIDATE),
        ("lines", LINE.format(0) + "a=x" + "x" * sdp_limits.MAX_LINE),
        ("lines", "a=\r\n" * (sdp_limits.MAX_LINES + 1)),
        ("sections", "".join(LINE.format(n) for n in range(sdp_limits.MAX_SECTIONS + 1))),
        ("candidates", LINE.format(0) + (sdp_limits.MAX_CANDIDATES + 1) * CANDIDATE),
    ],
)
def test_beyond_a_limit_it_is_refused_at_once(kind: str, text: str) -> None:
    begun = time.process_time()
    for refuse in (sdp_limits.check, sdp.sections):
        with pytest.raises(ValueError, match=kind):
            refuse(text)
    assert time.process_time() - begun < 0.5
