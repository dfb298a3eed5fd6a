"""The QR code on the screen is the one that a phone reads: decoded again from the picture that is drawn."""

import pytest
import zxingcpp
from msgspec.structs import replace

from kit.ipc.call import Call
from kit.ipc.state import KitState
from kit.visit.model import DoorState, Step
from tests.kit.ui.driver import Driver
from tests.kit.ui.states import visit

BACKEND = "https://hembesok.region.example/inloggning"
LINKS = (
    f"{BACKEND}/{'ab' * 32}?till=m%C3%B6te&steg=2#a",
    f"https://idp.region.example/authorize?client_id=moten&redirect_uri={BACKEND}&state={'x' * 900}",
)


def login(url: str) -> KitState:
    return replace(visit(Step.JOINING, door=DoorState.LOGIN), call=Call(login_url=url))


def read(hands: Driver, state: KitState) -> list[str]:
    """What a camera finds in the picture of the screen."""
    hands.show(state)
    hands.settle()
    return [found.text for found in zxingcpp.read_barcodes(hands.pixels()[:, :, :3].copy())]


@pytest.mark.parametrize("link", LINKS, ids=lambda link: f"{len(link)}-characters")
def test_a_phone_reads_the_link_of_the_login_from_the_screen(hands: Driver, link: str) -> None:
    assert read(hands, login(link)) == [link]


def test_a_new_link_takes_the_place_of_the_one_before(hands: Driver) -> None:
    read(hands, login(LINKS[0]))
    assert read(hands, login(LINKS[1])) == [LINKS[1]]


def test_no_code_is_shown_that_no_phone_could_read(hands: Driver) -> None:
    assert read(hands, login(BACKEND + "/" + "x" * 3000)) == []


def test_nothing_of_a_login_stays_on_the_screen(hands: Driver) -> None:
    read(hands, login(LINKS[0]))
    assert read(hands, visit(Step.IN_CALL)) == []
