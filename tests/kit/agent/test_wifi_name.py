"""A network whose name is typed: one that hides, or one of the list."""

from __future__ import annotations

import pytest

from kit.agent import wifi_flow
from kit.agent.wifi_model import Join, Joined, JoinFailed, Scanned
from kit.ipc import wifi as cmd
from kit.ipc.network import WifiStep, WifiTrouble
from kit.network.wifi.secrets import Secret
from tests.kit.agent.test_wifi_flow import ALONE, ASKED, KEY, NAME, after, found


def test_a_hidden_network_is_tried_by_its_name_and_its_password_asked_for_only_if_it_wants_one() -> None:
    flow, effects = after(*ASKED, cmd.TypeWifiName(NAME))
    [join] = effects
    assert isinstance(join, Join)
    assert (flow.step, join.target.secret) == (WifiStep.JOINING, None)
    on, _ = wifi_flow.step(flow, Joined(), ALONE)
    assert on.step is WifiStep.ON
    asked, _ = wifi_flow.step(flow, JoinFailed(WifiTrouble.KEY_FORM), ALONE)
    assert (asked.step, asked.trouble) == (WifiStep.KEY, WifiTrouble.NONE)
    again, effects = wifi_flow.step(asked, cmd.EnterWifiKey(KEY), ALONE)
    [join] = [effect for effect in effects if isinstance(effect, Join)]
    assert (again.step, join.target.secret) == (WifiStep.JOINING, Secret(KEY))


def test_a_name_that_is_in_the_list_is_as_good_as_chosen_there() -> None:
    flow, effects = after(*ASKED, Scanned((found(),)), cmd.TypeWifiName(NAME))
    assert (flow.step, effects) == (WifiStep.KEY, ())


@pytest.mark.parametrize("name", ["", "å" * 17])
def test_a_hidden_networks_name_has_1_to_32_bytes(name: str) -> None:
    flow, _ = after(*ASKED, cmd.TypeWifiName(name))
    assert (flow.step, flow.trouble) == (WifiStep.CHOOSE, WifiTrouble.NAME_FORM)
