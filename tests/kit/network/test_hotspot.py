from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.network.hotspot import is_hotspot

NOTHING: Mapping[str, object] = {}


@pytest.mark.parametrize(
    ("addresses", "options", "metered"),
    [
        (["172.20.10.2/28"], NOTHING, 4),
        (["192.168.43.7/24"], {"vendor_encapsulated_options": "ANDROID_METERED"}, 0),
        (["192.168.43.7/24"], {"vendor_encapsulated_options": b"ANDROID_METERED"}, 0),
        (["192.168.43.7/24"], {"private_43": "41:4e:44:52:4f:49:44:5f:4d:45:54:45:52:45:44"}, 4),
        (["10.11.12.13/24"], NOTHING, 3),
    ],
)
def test_a_phones_network_is_recognised(
    addresses: list[str], options: Mapping[str, object], metered: int
) -> None:
    assert is_hotspot(addresses, options, metered)


@pytest.mark.parametrize("metered", [0, 1, 2, 4])
def test_another_network_is_none_also_when_its_profile_says_that_it_costs(metered: int) -> None:
    assert not is_hotspot(["172.20.10.2/24", "192.168.1.2/24"], {"domain_name": "home.test"}, metered)


@given(
    st.lists(st.text()),
    st.dictionaries(
        st.sampled_from(["vendor_encapsulated_options", "x"]), st.text() | st.binary() | st.integers()
    ),
    st.integers(),
)
def test_absurd_answers_of_a_router_are_judged_too(
    addresses: list[str], options: dict[str, object], metered: int
) -> None:
    assert is_hotspot(addresses, options, metered) in (True, False)
