"""What may be said to the guard, and what may not."""

import pytest

from kit.network.guard.words import (
    Answer,
    Guest,
    Own,
    Still,
    Unreadable,
    Word,
    encode,
    read_answer,
    read_word,
)
from kit.network.wifi.traces import Trace


@pytest.mark.parametrize("word", [Own(), Still(), Guest(), Guest(resolvers=("192.168.1.1", "2001:db8::1"))])
def test_a_word_comes_over_as_it_was_said(word: Word) -> None:
    assert read_word(encode(word)) == word


def test_an_answer_comes_over_as_it_was_given() -> None:
    answer = Answer(done=False, profiles=1, left=frozenset({Trace.PROFILE, Trace.LEASE}))
    assert read_answer(encode(answer)) == answer


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\n",
        b"{}",
        b'{"type":"open"}',
        b'{"type":"own","more":1}',
        b'{"type":"still","done":true}',
        b'{"type":"guest","resolvers":["router.lan"]}',
        b'{"type":"guest","resolvers":["10.0.0.0/8"]}',
        b'{"type":"guest","resolvers":["fe80::1%wlan0 accept"]}',
        b'{"type":"guest","resolvers":["::","::","::","::","::","::","::","::","::"]}',
        b"[" * 4000,
    ],
)
def test_everything_else_is_refused_and_not_repeated(line: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_word(line)
    assert str(refused.value) == ""
