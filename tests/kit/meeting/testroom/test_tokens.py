from itertools import count

import pytest

from kit.meeting.testroom.rooms.tokens import TokenBook, random_token


@pytest.fixture
def book() -> TokenBook:
    numbers = count()
    return TokenBook(lifetime_s=120, grace_s=8, new_token=lambda: f"t{next(numbers)}")


def test_a_token_names_its_owner_until_it_expires(book: TokenBook) -> None:
    token = book.issue("kit", 0)
    assert book.owner(token, 119.9) == "kit"
    assert book.owner(token, 120) is None
    assert book.owner("other", 0) is None


def test_a_replaced_token_is_good_for_the_grace_time_only(book: TokenBook) -> None:
    old = book.issue("kit", 0)
    new = book.issue("kit", 40)
    assert book.owner(old, 47.9) == book.owner(new, 47.9) == "kit"
    assert book.owner(old, 48) is None
    assert book.owner(new, 159) == "kit"


def test_the_grace_time_never_prolongs_a_token(book: TokenBook) -> None:
    old = book.issue("kit", 0)
    book.issue("kit", 119)
    assert book.owner(old, 120) is None


def test_who_does_not_refresh_has_lapsed(book: TokenBook) -> None:
    book.issue("kit", 0)
    book.issue("coordinator", 60)
    assert book.lapsed(119) == []
    assert book.lapsed(120) == ["kit"]


def test_a_revoked_owner_is_forgotten_with_all_tokens(book: TokenBook) -> None:
    old = book.issue("kit", 0)
    new = book.issue("kit", 1)
    book.revoke("kit")
    book.revoke("kit")
    assert book.owner(old, 1) is None
    assert book.owner(new, 1) is None
    assert book.lapsed(1000) == []


def test_expiring_makes_every_token_of_one_owner_stale(book: TokenBook) -> None:
    old = book.issue("kit", 0)
    new = book.issue("kit", 1)
    other = book.issue("coordinator", 1)
    book.expire("kit", 2)
    assert book.owner(old, 2) is None
    assert book.owner(new, 2) is None
    assert book.owner(other, 2) == "coordinator"
    assert book.lapsed(2) == ["kit"]


def test_many_refreshes_leave_no_heap_of_old_tokens(book: TokenBook) -> None:
    for second in range(0, 4000, 40):
        book.issue("kit", second)
        book.lapsed(second)
    assert len(book._owners) <= 2


def test_tokens_can_stand_in_an_address_unescaped() -> None:
    tokens = {random_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(
        set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for token in tokens
    )
