"""Hostile Wi-Fi: codes, names and lines of a holder; what comes of them fits, and repeats none of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.ipc.network import WifiTrouble
from kit.network.wifi.code import WifiCode, read
from kit.network.wifi.hold import Unreadable, encode, read_hold, read_told
from kit.network.wifi.names import MAX_BYTES, MAX_LABEL, Name, label
from kit.network.wifi.secrets import Secret
from kit.network.wifi.security import Access, access, key

WORDS = r"WIFI: T: S: P: H: E: R: K: WPA WEP SAE nopass true ; ;; \ \; \\ : \" , % %3B"
PIECES = [*WORDS.split(), '"', " ", "å", "\u202e", "\0", "\n"]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=24).map("".join)
CANARY = "kanariefågel"
special = str.maketrans({character: "\\" + character for character in '\\;,:"'})


@settings(max_examples=2000, deadline=None)
@given(texts | texts.map("WIFI:".__add__) | st.text(max_size=2000))
def test_any_text_is_a_network_that_can_be_or_a_trouble(text: str) -> None:
    found = read(text)
    if isinstance(found, WifiTrouble):
        assert found is not WifiTrouble.NONE
        return
    assert 1 <= len(found.name.octets) <= MAX_BYTES
    assert 1 <= len(label(found.name)) <= MAX_LABEL
    assert found.secret is None or found.secret.fits_wpa2 or found.secret.fits_sae


@settings(max_examples=1000, deadline=None)
@given(
    st.text(min_size=1, max_size=8).filter(lambda name: name.isprintable()),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=63),
)
def test_what_is_written_by_the_rules_is_read_again(name: str, password: str) -> None:
    text = f"WIFI:T:WPA;S:{name.translate(special)};P:{password.translate(special)};;"
    assert read(text) == WifiCode(name=Name(name.encode()), secret=Secret(password))


@given(texts)
def test_nothing_of_a_code_is_in_what_it_shows_of_itself(text: str) -> None:
    assert CANARY not in repr(read(f"WIFI:S:{CANARY}{text};P:{CANARY}{text};;"))


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_any_line_is_a_message_or_unreadable(line: bytes) -> None:
    for read_line in (read_hold, read_told):
        try:
            message = read_line(line)
        except Unreadable:
            continue
        encode(message)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.text(max_size=140))
def test_any_flags_and_password_give_a_key_or_a_trouble(flags: int, wpa: int, rsn: int, text: str) -> None:
    kind = access(flags, wpa, rsn)
    made = key(kind, Name(b"x"), Secret(text))
    if kind in (Access.WEP, Access.ENTERPRISE):
        assert made is WifiTrouble.NOT_SUPPORTED
    elif not isinstance(made, WifiTrouble):
        assert len(made.encode()) <= 512
