"""What others write is letters on the screen: nothing in it is drawn, opened or touched as anything else."""

import pytest
from msgspec.structs import replace

from kit.ipc.call import ChatLine
from kit.ipc.state import Panel
from kit.ui.widgets.bases import BaseLabel
from kit.visit.model import Step
from tests.kit.ui.checks import problems
from tests.kit.ui.driver import Driver
from tests.kit.ui.states import CHAT, NOW, call


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/webapp/m/annat-rum",
        "[ref=meeting.submit][b]Tryck här[/b][/ref] &amp; [color=ff0000]nu[/color]",
        "<a href='file:///etc/passwd'>bild.jpg</a>",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_a_link_a_file_or_markup_in_chat_is_plain_text(hands: Driver, text: str) -> None:
    hands.show(call(Step.IN_CALL, Panel.CHAT, chat=CHAT[:1]))
    hands.settle()
    before = {target.id for target in hands.targets()}
    line = ChatLine(author="Okänd", text=text, at=NOW)
    hands.show(call(Step.IN_CALL, Panel.CHAT, chat=(replace(CHAT[0], text="Hej"), line)))
    hands.settle()
    labels = [
        widget for widget in hands.view().walk() if isinstance(widget, BaseLabel) and widget.text == text
    ]
    assert len(labels) == 1
    assert not labels[0].markup
    assert not labels[0].refs
    assert {target.id for target in hands.targets()} == before
    assert problems(hands.root) == []


@pytest.mark.parametrize(("failed", "said"), [(False, "skickas …"), (True, "gick inte fram")])
def test_a_message_that_was_not_taken_says_so(hands: Driver, failed: bool, said: str) -> None:
    hands.show(call(Step.IN_CALL, Panel.CHAT, chat=(replace(CHAT[2], failed=failed),)))
    hands.settle()
    texts = [widget.text for widget in hands.view().walk() if isinstance(widget, BaseLabel)]
    assert any(text.endswith(said) for text in texts)
