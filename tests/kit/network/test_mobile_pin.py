"""A card outlives every PIN that provisioning can bring, however often the kit's power is cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from kit.network.mobile import PinTrouble
from kit.network.mobile_pin import MOST_ATTEMPTS, Attempt, Attempts, is_pin, mark, trouble

SALT = "00" * 16
PINS = ("0000", "1111", "2222")
RIGHT = "1111"
MARKS = {pin: mark(SALT, "89001", pin) for pin in PINS}


@pytest.mark.parametrize("text", ["1234", "00000000"])
def test_a_pin_is_4_to_8_digits(text: str) -> None:
    assert is_pin(text)


@pytest.mark.parametrize("text", ["", "123", "123456789", "12a4", "1234\n", "١٢٣٤", " 1234"])
def test_anything_else_is_no_pin(text: str) -> None:
    assert not is_pin(text)


def test_a_mark_tells_card_and_pin_apart_and_names_neither() -> None:
    marks = {mark(SALT, card, pin) for card in ("", "89001", "89002") for pin in ("1234", "1235")}
    assert len(marks) == 6
    assert not any("1234" in one or "8900" in one for one in marks)


def test_a_pin_that_was_refused_is_not_tried_again_however_many_tries_are_left() -> None:
    refused = Attempt(mark=SALT, tries=3, refused=True)
    assert {trouble(refused, tries) for tries in (None, 0, 1, 2, 3)} == {PinTrouble.REFUSED}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (3, 3, PinTrouble.NONE),
        (2, 3, PinTrouble.NONE),
        (3, 2, PinTrouble.REFUSED),
        (3, None, PinTrouble.REFUSED),
        (None, 3, PinTrouble.REFUSED),
    ],
)
def test_an_attempt_whose_end_nobody_saw_is_judged_by_the_tries(
    before: int | None, now: int | None, expected: PinTrouble
) -> None:
    assert trouble(Attempt(mark=SALT, tries=before), now) is expected


@given(st.none() | st.integers(-5, 99))
def test_a_first_attempt_is_made_unless_it_could_be_the_last_try(tries: int | None) -> None:
    expected = PinTrouble.TOO_FEW_TRIES if tries is not None and tries < 2 else PinTrouble.NONE
    assert trouble(None, tries) is expected


class Card(RuleBasedStateMachine):
    """A card that counts its tries, a kit whose power is cut at bad moments, a careless provisioning."""

    @initialize(pin=st.sampled_from(PINS))
    def insert(self, pin: str) -> None:
        self.pin = pin
        self.tries = 3
        self.open = False
        self.kept = Attempts(salt=SALT)
        self.wrong_given: list[str] = []

    @rule(pin=st.sampled_from(PINS))
    def provision(self, pin: str) -> None:
        self.pin = pin

    @rule()
    def power_cut(self) -> None:
        self.open = False

    @rule(cut=st.sampled_from(["never", "before the card sees it", "before the answer is written"]))
    def unlock(self, cut: str) -> None:
        mark = MARKS[self.pin]
        if self.open or trouble(self.kept.of(mark), self.tries) is not PinTrouble.NONE:
            return
        attempt = Attempt(mark=mark, tries=self.tries)
        self.kept = self.kept.noted(attempt)
        if cut == "before the card sees it":
            return
        self.open = self.pin == RIGHT
        self.tries = 3 if self.open else self.tries - 1
        self.wrong_given += [] if self.open else [self.pin]
        if cut == "before the answer is written":
            self.open = False
            return
        self.kept = self.kept.without(mark) if self.open else self.kept.noted(replace(attempt, refused=True))

    @invariant()
    def the_last_try_is_never_taken(self) -> None:
        assert getattr(self, "tries", 3) >= 1


TestCard = Card.TestCase
TestCard.settings = settings(max_examples=200, stateful_step_count=20)


def test_a_wrong_pin_is_given_once_also_when_provisioning_brings_it_back() -> None:
    card = Card()
    card.insert("0000")
    for pin in ("0000", "1111", "0000"):
        card.provision(pin)
        card.power_cut()
        card.unlock("never")
    assert card.wrong_given == ["0000"]
    assert card.tries == 3


@given(st.lists(st.integers(0, 40), max_size=60))
def test_what_is_kept_stays_small_and_keeps_the_newest(numbers: list[int]) -> None:
    kept = Attempts(salt=SALT)
    for number in numbers:
        kept = kept.noted(Attempt(mark=f"{number:032x}", tries=3))
    assert len(kept.made) <= MOST_ATTEMPTS
    assert len({attempt.mark for attempt in kept.made}) == len(kept.made)
    assert not numbers or kept.made[-1].mark == f"{numbers[-1]:032x}"
