"""Topics."""

from __future__ import annotations

import pytest

from fleet.contract import CHANNELS, REPORT, Channel, all_kits, parse_topic, topic


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_a_topic_is_read_back_as_kit_and_channel(channel: Channel) -> None:
    assert parse_topic(topic(channel, "kit-0007")) == ("kit-0007", channel)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "kits",
        "kits/kit-1/report",
        "kits/kit-0007/report\n",
        "kits/kit-0007/reports",
        "x/kits/kit-0007/report",
    ],
)
def test_other_topics_are_not_ours(name: str) -> None:
    assert parse_topic(name) is None


def test_the_fleet_subscribes_to_every_kit() -> None:
    assert all_kits(REPORT) == "kits/+/report"
