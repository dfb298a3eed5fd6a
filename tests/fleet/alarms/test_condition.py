"""The one word that a kit is shown with."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fleet.alarms import condition, findings
from fleet.contract import Battery, Device, Health, Mobile, Storage, Uplink
from fleet.presence import State
from tests.fleet.samples import WELL

ONLINE = State(word="online", why="connected", since=5, connected=True)


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (WELL, []),
        (Health(), []),
        (replace(WELL, camera=Device(state="missing")), [("camera", "ill")]),
        (replace(WELL, speaker=Device(state="low_volume")), [("speaker", "attention")]),
        (replace(WELL, camera=Device(state="simulated")), []),
        (replace(WELL, battery=Battery(percent=9, charging=False)), [("battery_empty", "ill")]),
        (replace(WELL, battery=Battery(percent=9, charging=True)), []),
        (replace(WELL, battery=Battery(percent=20, charging=False)), [("battery_low", "attention")]),
        (replace(WELL, temperature_c=90), [("hot", "ill")]),
        (replace(WELL, temperature_c=76), [("warm", "attention")]),
        (replace(WELL, storage=Storage(free_mb=50)), [("storage_full", "ill")]),
        (replace(WELL, outbox_depth=600), [("outbox_filling", "attention")]),
        (replace(WELL, uplink=Uplink(kind="none")), [("no_uplink", "attention")]),
        (replace(WELL, uplink=Uplink(kind="mobile", signal="weak")), [("weak_signal", "attention")]),
        (replace(WELL, guard="ok"), []),
        (replace(WELL, guard="silent"), [("guard", "ill")]),
        (replace(WELL, guard="failed"), [("guard", "ill")]),
        (replace(WELL, mobile=Mobile(sim="missing")), [("mobile", "ill")]),
        (replace(WELL, mobile=Mobile(sim="no_service")), [("mobile", "ill")]),
        (replace(WELL, mobile=Mobile(sim="unknown")), []),
        (replace(WELL, mobile=Mobile(sim="ready", registration="home")), []),
        (replace(WELL, mobile=Mobile(sim="ready", registration="denied")), [("network_denied", "attention")]),
        (
            replace(WELL, mobile=Mobile(sim="ready", registration="roaming_refused")),
            [("abroad", "attention")],
        ),
        (replace(WELL, mobile=Mobile(sim="ready", used_mb=9999)), []),
        (replace(WELL, mobile=Mobile(sim="ready", used_mb=79, budget_mb=100)), []),
        (
            replace(WELL, mobile=Mobile(sim="ready", used_mb=80, budget_mb=100)),
            [("data_nearly_used", "attention")],
        ),
        (replace(WELL, mobile=Mobile(sim="ready", used_mb=100, budget_mb=100)), [("data_used", "attention")]),
    ],
)
def test_each_thing_that_is_wrong_is_found(health: Health, expected: list[tuple[str, str]]) -> None:
    assert [(finding.code, finding.severity) for finding in findings(health)] == expected


def test_the_worst_comes_first_and_gives_the_word() -> None:
    health = replace(WELL, temperature_c=76, camera=Device(state="failed"))
    found = condition("active", ONLINE, findings(health))
    assert found.level == "ill"
    assert [finding.code for finding in found.findings] == ["camera", "warm"]


def test_a_kit_that_is_not_there_is_not_called_well() -> None:
    silent = State(word="silent", why="connection_lost", since=9)
    assert (condition("active", silent, ()).level, condition("active", silent, ()).since) == ("silent", 9)


def test_a_locked_kit_is_locked_whatever_it_reports() -> None:
    assert condition("locked", ONLINE, findings(WELL)).level == "locked"
