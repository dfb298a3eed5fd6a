"""The list of what can be touched, and the keyboard that walks through it."""

import json
from pathlib import Path

from msgspec.structs import replace

from kit.ipc.commands import Open, OpenPanel, SubmitInvitation
from kit.ipc.network import WifiStep
from kit.ipc.state import Page, Panel
from kit.ipc.wifi import AnswerWifi, BackWifi, EnterWifiKey
from kit.ui import targets
from kit.ui.focus import BACKSPACE, ENTER, ESCAPE, SPACE, TAB, Focus
from kit.visit.events import HangUp
from kit.visit.model import Step
from tests.kit.ui import HEIGHT, WIDTH, network_scenes
from tests.kit.ui.driver import Driver
from tests.kit.ui.states import HOME, MEETINGS, call, visit


def test_targets_are_listed_with_text_place_and_whether_they_are_enabled(hands: Driver) -> None:
    hands.show(replace(HOME, page=Page.MEETING))
    hands.tap("meeting.type")
    rows = {row["id"]: row for row in json.loads(targets.encode(hands.targets()))}
    key, submit = rows["key.å"], rows["meeting.submit"]
    assert key["text"] == "å"
    x, y, width, height = key["rect"]
    assert WIDTH * 0.85 < x < x + width <= WIDTH
    assert HEIGHT * 0.4 < y < y + height < HEIGHT
    assert (key["enabled"], submit["enabled"]) == (True, False)


def test_rows_of_a_list_that_are_scrolled_out_are_not_listed(hands: Driver) -> None:
    meetings = tuple(replace(MEETINGS[1], number=number) for number in range(9))
    hands.show(replace(HOME, page=Page.MEETING, meetings=meetings))
    seen = {target.id for target in hands.targets() if target.id.startswith("meeting.choose.")}
    assert "meeting.choose.0" in seen
    assert "meeting.choose.8" not in seen


def test_under_a_question_nothing_is_listed(hands: Driver) -> None:
    hands.show(call(panel=Panel.HANG_UP))
    assert {target.id for target in hands.targets()} == {"hangup.stay", "hangup.leave"}


def test_the_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "targets.json"
    for content in (b"[1]", b"[2]"):
        targets.write(file, content)
        assert file.read_bytes() == content
    assert list(tmp_path.iterdir()) == [file]


def test_tab_walks_and_enter_touches(hands: Driver) -> None:
    hands.show(HOME)
    focus = Focus(hands.root)
    order = [target.id for target in hands.targets()]
    for _ in range(order.index("home.join") + 1):
        assert focus.pressed(TAB, [])
    assert hands.widget("home.join").focused
    assert focus.pressed(ENTER, [])
    assert hands.sent == [Open(Page.MEETING)]


def test_shift_tab_walks_back_and_round(hands: Driver) -> None:
    hands.show(HOME)
    focus = Focus(hands.root)
    focus.pressed(TAB, ["shift"])
    assert hands.targets()[-1].widget.focused
    focus.pressed(TAB, [])
    assert hands.targets()[0].widget.focused
    assert not hands.targets()[-1].widget.focused


def test_escape_leads_back(hands: Driver) -> None:
    focus = Focus(hands.root)
    for state, command in (
        (replace(HOME, page=Page.HELP), Open(Page.HOME)),
        (call(panel=Panel.CHAT), OpenPanel(Panel.NONE)),
        (visit(Step.JOINING), HangUp()),
    ):
        hands.show(state)
        focus.pressed(ESCAPE, [])
        assert hands.sent[-1] == command


def test_the_questions_of_the_patients_wifi_are_walked_through_and_left_by_keys(hands: Driver) -> None:
    hands.show(network_scenes.wifi(WifiStep.REASON))
    assert [target.id for target in hands.targets()] == ["wifi.back", "wifi.no", "wifi.yes"]
    focus = Focus(hands.root)
    for _ in range(3):
        focus.pressed(TAB, [])
    focus.pressed(ENTER, [])
    focus.pressed(ESCAPE, [])
    assert hands.sent == [AnswerWifi(WifiStep.REASON, True), BackWifi()]


def test_a_password_is_typed_and_sent_by_keys(hands: Driver) -> None:
    hands.show(network_scenes.wifi(WifiStep.KEY, chosen="Hemma"))
    focus = Focus(hands.root)
    hands.view().typed("katt hund1")
    assert not focus.pressed(SPACE, [])
    focus.pressed(BACKSPACE, [])
    focus.pressed(ENTER, [])
    assert hands.sent == [EnterWifiKey("katt hund")]


def test_keys_go_into_what_is_typed(hands: Driver) -> None:
    hands.show(replace(HOME, page=Page.MEETING))
    focus = Focus(hands.root)
    hands.view().typed("12 3")
    assert not focus.pressed(SPACE, [])
    focus.pressed(BACKSPACE, [])
    focus.pressed(ENTER, [])
    assert hands.sent == [SubmitInvitation("12")]


def test_enter_without_focus_or_text_means_nothing(hands: Driver) -> None:
    hands.show(HOME)
    assert not Focus(hands.root).pressed(ENTER, [])
    assert hands.sent == []
