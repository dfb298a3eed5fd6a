"""Changing from screen to screen, and what every screen has in common."""

from msgspec.structs import replace

from kit.ipc.pictures import Stream
from kit.ipc.state import Language, Lock, NoticeKind, Page, Refused
from kit.ui import theme
from kit.ui.route import Screen
from kit.ui.screens.load import VIEWS
from kit.visit.model import Refusal, Step
from tests.kit.ui.driver import Driver
from tests.kit.ui.pictures import FakeCamera
from tests.kit.ui.states import HOME, NOW, call, visit


def texts(hands: Driver) -> str:
    return "\n".join(getattr(widget, "text", "") for widget in hands.root.walk())


def test_the_language_changes_at_once(hands: Driver) -> None:
    hands.show(HOME)
    assert "Anslut till möte" in texts(hands)
    hands.show(replace(HOME, language=Language.ENGLISH))
    assert "Anslut till möte" not in texts(hands)
    assert "Join meeting" in texts(hands)


def test_without_an_agent_the_last_language_is_kept(hands: Driver) -> None:
    hands.show(replace(HOME, language=Language.ENGLISH))
    hands.show(None)
    assert hands.root.screen is Screen.AWAY
    assert "Restarting" in texts(hands)


def test_screens_are_made_once_and_kept(hands: Driver) -> None:
    while hands.root.make_next():
        """Make the next."""
    made = {screen: hands.root.make(screen) for screen in VIEWS}
    hands.show(HOME)
    assert hands.view() is made[Screen.START]


def test_a_screen_that_is_left_keeps_no_picture(hands: Driver) -> None:
    hands.show(call())
    view = hands.view()
    drawn = view.draw_pictures(FakeCamera())
    assert {stream for stream, _ in drawn} == {Stream.REMOTE, Stream.SELF}
    hands.show(HOME)
    assert not any(tile.has_picture for tile in view.tiles())


def test_hidden_tiles_cost_nothing(hands: Driver) -> None:
    hands.show(call(self_view=False))
    drawn = hands.view().draw_pictures(FakeCamera())
    assert [stream for stream, _ in drawn] == [Stream.REMOTE]


def test_while_the_call_is_on_its_way_back_the_last_picture_stays(hands: Driver) -> None:
    camera = FakeCamera()
    hands.show(call())
    hands.view().draw_pictures(camera)
    hands.show(call(Step.RECONNECTING))
    camera.clear(Stream.REMOTE)
    hands.view().draw_pictures(camera)
    assert any(tile.has_picture and tile.stream is Stream.REMOTE for tile in hands.view().tiles())


def test_the_meetings_clock_goes_on_over_an_interruption(hands: Driver) -> None:
    state = call()
    back = replace(state.visit, since=NOW - 2, started_at=NOW - 754)
    hands.show(replace(state, visit=back))
    assert "Möte 12:34" in texts(hands)


def test_the_worst_of_several_faults_is_shown(hands: Driver) -> None:
    hands.show(replace(HOME, notices=(NoticeKind.BROKER_AWAY, NoticeKind.NETWORK_AWAY)))
    assert "Inget nätverk" in texts(hands)
    assert "Ingen kontakt med utrustningsservicen" not in texts(hands)


def test_a_refusal_says_what_to_do_and_whom_to_call(hands: Driver) -> None:
    refused = Refused(reason=Refusal.ROOM_MAINTENANCE, support_code="#pex101")
    hands.show(replace(visit(Step.CONFIRM), refused=refused))
    said = texts(hands)
    for part in ("Mötestjänsten har underhåll", "#pex101", "08-465 004 44", "234 567"):
        assert part in said
    without = replace(visit(Step.CONFIRM), refused=refused, dial_in=None)
    hands.show(without)
    assert HOME.support.phone in texts(hands)


def test_a_locked_kit_says_which_one_to_use(hands: Driver) -> None:
    hands.show(replace(HOME, lock=Lock(replaced_by="Enhet 02"), page=Page.MEETING))
    assert "Använd Enhet 02 i stället." in texts(hands)
    assert hands.targets() == []


def test_the_call_is_dark_and_the_rest_is_light(hands: Driver) -> None:
    for state, ground in ((call(), theme.NIGHT), (HOME, theme.CANVAS)):
        hands.show(state)
        corner = "#" + "".join(f"{channel:02x}" for channel in hands.pixels()[-1, 0])
        assert corner == ground
