"""Typing with the keys on the screen, with a real keyboard, and with a reader of codes."""

from msgspec.structs import replace

from kit.ipc.commands import ReportFault, SendChat, SubmitInvitation
from kit.ipc.network import WifiStep, WifiTrouble
from kit.ipc.state import FaultCategory, Page, Panel
from kit.ipc.wifi import EnterWifiKey, TypeWifiName
from kit.ui.screens.wifi import PASSWORD_LETTERS, PASSWORD_SIGNS
from kit.ui.widgets.keys import BACK, COLUMNS, LETTERS, SHIFT, SPACE
from kit.visit.events import EnterPin
from kit.visit.model import PinState, Step
from tests.kit.ui import network_scenes
from tests.kit.ui.driver import Driver
from tests.kit.ui.states import HOME, call, visit

MEETING = replace(HOME, page=Page.MEETING)
PIN = visit(Step.JOINING, pin=PinState.NEEDED, pin_tries_left=3)


def keys(hands: Driver, text: str) -> None:
    for character in text:
        if character.isupper():
            hands.tap("key.shift")
        hands.tap(f"key.{'space' if character == ' ' else character.lower()}")


def test_swedish_letters_and_links_can_be_typed_on_the_screen(hands: Driver) -> None:
    hands.show(MEETING)
    hands.tap("meeting.type")
    keys(hands, "Åsö ä/:.-@?=&_1")
    assert hands.tap("meeting.submit") == [SubmitInvitation("Åsö ä/:.-@?=&_1")]


def test_delete_and_clear_take_away(hands: Driver) -> None:
    hands.show(MEETING)
    hands.tap("meeting.type")
    keys(hands, "124")
    hands.tap("key.back")
    keys(hands, "3")
    assert hands.view().draft == "123"
    hands.tap("meeting.clear")
    assert hands.view().draft == ""


def test_every_row_of_the_keyboard_fills_its_columns() -> None:
    for row in LETTERS:
        assert len(row) == COLUMNS or SPACE in row


def test_a_code_reader_types_before_anybody_has_touched_the_screen(hands: Driver) -> None:
    hands.show(MEETING)
    hands.view().typed("https://moten.region.example/webapp/m/norr")
    hands.view().entered()
    assert hands.sent == [SubmitInvitation("https://moten.region.example/webapp/m/norr")]


def test_what_is_too_long_is_cut_to_what_the_agent_takes(hands: Driver) -> None:
    hands.show(MEETING)
    hands.view().typed("x" * 20_000)
    hands.view().entered()
    assert hands.sent == [SubmitInvitation("x" * 12_000)]


def test_a_pin_is_digits_and_forgotten_once_it_is_sent(hands: Driver) -> None:
    hands.show(PIN)
    for key in "47", "1", "1":
        keys(hands, key)
    hands.view().typed("a5")
    assert hands.tap("key.ok") == [EnterPin("47115")]
    assert hands.view().draft == ""


def test_a_pin_without_digits_is_not_sent(hands: Driver) -> None:
    hands.show(PIN)
    assert hands.tap("key.ok") == []


def test_a_chat_message_is_typed_and_sent(hands: Driver) -> None:
    hands.show(call(panel=Panel.CHAT))
    hands.tap("chat.type")
    keys(hands, "Hej")
    assert hands.tap("chat.send") == [SendChat("Hej")]
    hands.tap("chat.done")
    assert not any(target.id == "key.a" for target in hands.targets())


def test_a_fault_is_chosen_described_and_sent(hands: Driver) -> None:
    hands.show(replace(HOME, page=Page.FAULT))
    hands.tap("fault.charging")
    keys(hands, "lös")
    assert hands.tap("fault.send") == [ReportFault(FaultCategory.CHARGING, "lös")]
    assert any(target.id == "fault.sound" for target in hands.targets())


KEY = network_scenes.wifi(WifiStep.KEY, chosen="Hemma")


def test_every_sign_of_a_password_can_be_typed(hands: Driver) -> None:
    typed = {key for rows in (PASSWORD_LETTERS, PASSWORD_SIGNS) for row in rows for key in row}
    assert typed >= {chr(code) for code in range(0x21, 0x7F)} - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert {SHIFT, SPACE, BACK} <= typed


def test_a_password_with_signs_is_typed_hidden_and_sent(hands: Driver) -> None:
    hands.show(KEY)
    keys(hands, "Katt1")
    hands.tap("key.#+=")
    keys(hands, "#&")
    hands.tap("key.abc")
    keys(hands, "ö")
    assert "Katt" not in " ".join(getattr(widget, "text", "") for widget in hands.view().walk())
    assert hands.tap("wifi.submit") == [EnterWifiKey("Katt1#&ö")]


def test_a_password_that_was_wrong_is_there_to_be_mended_and_no_longer(hands: Driver) -> None:
    hands.show(KEY)
    hands.view().typed("hemligt-471")
    hands.show(network_scenes.wifi(WifiStep.JOINING, chosen="Hemma"))
    hands.show(network_scenes.wifi(WifiStep.KEY, WifiTrouble.KEY_WRONG, chosen="Hemma"))
    assert hands.view().draft == "hemligt-471"
    before = hands.view()
    hands.show(network_scenes.wifi(WifiStep.CHOOSE))
    assert before.draft == ""


def test_a_hidden_networks_name_is_typed_and_left_again(hands: Driver) -> None:
    hands.show(network_scenes.wifi(WifiStep.CHOOSE, networks=network_scenes.NETWORKS[:1]))
    hands.tap("wifi.name")
    keys(hands, "Hus")
    assert hands.tap("wifi.back") == []
    hands.tap("wifi.name")
    keys(hands, "Hem")
    assert hands.tap("wifi.submit") == [TypeWifiName("Hem")]


def test_the_tick_of_the_patients_yes_does_not_outlive_its_question(hands: Driver) -> None:
    hands.show(network_scenes.wifi(WifiStep.CONSENT))
    hands.tap("wifi.consent")
    hands.show(network_scenes.wifi(WifiStep.REASON))
    hands.show(network_scenes.wifi(WifiStep.CONSENT))
    assert hands.tap("wifi.next") == []


def test_what_was_typed_is_forgotten_when_the_screen_changes(hands: Driver) -> None:
    hands.show(MEETING)
    hands.view().typed("https://moten.region.example/webapp/m/norr")
    hands.show(HOME)
    hands.show(MEETING)
    assert hands.view().draft == ""
    assert any(target.id == "meeting.type" for target in hands.targets())


def test_nothing_of_the_call_stays_in_a_screen_that_is_not_shown(hands: Driver) -> None:
    hands.show(call(panel=Panel.PARTICIPANTS))
    before = hands.view()
    hands.show(HOME)
    texts = " ".join(getattr(widget, "text", "") for widget in before.walk())
    assert "Vårdsamordnare Norr" not in texts
    assert before.state.call.participants == ()
