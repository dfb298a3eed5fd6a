"""Totals over lines that change places."""

from typing import Any

from aiortc import clock

from kit.media.rtp.statistics import InboundStats
from kit.media.stats import Counters
from kit.media.tallies import Tally


def stats(ssrc: int, kind: str = "video", **values: Any) -> InboundStats:
    base: dict[str, Any] = {"packetsReceived": 0, "packetsLost": 0, "jitter": 0}
    return InboundStats(
        timestamp=clock.current_datetime(),
        type="inbound-rtp",
        id=str(ssrc),
        ssrc=ssrc,
        kind=kind,
        transportId="t",
        **{**base, **values},
    )


def test_packets_of_all_lines_count_and_pictures_of_the_large_one_only() -> None:
    tally = Tally()
    tally.add(stats(1, packetsReceived=10, framesDecoded=5), large=True)
    tally.add(stats(2, packetsReceived=7, framesDecoded=50, freezeCount=9), large=False)
    tally.add(stats(3, "audio", packetsReceived=100, concealedSamples=3), large=False)
    found = tally.onto(Counters())
    assert (found.video_packets_received, found.audio_packets_received) == (17, 100)
    assert (found.frames_decoded, found.freeze_count, found.concealed_samples) == (5, 0, 3)


def test_when_another_line_becomes_the_large_one_the_totals_never_fall() -> None:
    tally = Tally()
    tally.add(stats(1, framesDecoded=500), large=True)
    tally.add(stats(2, framesDecoded=20), large=False)
    tally.add(stats(1, framesDecoded=510), large=False)
    tally.add(stats(2, framesDecoded=23), large=True)
    assert tally.onto(Counters()).frames_decoded == 503
