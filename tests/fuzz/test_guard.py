"""Whatever is said to the guard, what it gives nft is a ruleset of addresses."""

import ipaddress
import re

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.network.firewall import Firewall, ruleset
from kit.network.firewall import Guest as Closed
from kit.network.guard.words import Guest, Unreadable, encode, read_word

addresses = st.ip_addresses().map(str)
TRICKS = ("%wlan0", "; accept", "/0", " ", "\n}", "%\n accept", "}", ",::/0", "\0", "٣")
texts = st.one_of(addresses, st.tuples(addresses, st.sampled_from(TRICKS)).map("".join), st.text(max_size=50))
PLACE = re.compile(r"ip6? daddr \{ ([0-9a-f.:/, ]+) \} meta l4proto \{ tcp, udp \} th dport 53 accept")


@settings(max_examples=2000, deadline=None)
@given(st.lists(texts, max_size=10))
def test_resolvers_of_any_text_are_addresses_or_refused(resolvers: list[str]) -> None:
    line = msgspec.json.encode({"type": "guest", "resolvers": resolvers})
    try:
        word = read_word(line)
    except Unreadable:
        return
    assert isinstance(word, Guest)
    rules = ruleset(Firewall(guest=Closed(interface="wl*", resolvers=word.resolvers)))
    opened = [address for found in PLACE.findall(rules) for address in found.split(", ")]
    meant = {str(ipaddress.ip_network(resolver)) for resolver in word.resolvers}
    assert set(opened) == meant
    assert len(rules.splitlines()) <= len(ruleset(Firewall(guest=Closed(interface="wl*"))).splitlines()) + 2


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_any_line_is_a_word_or_unreadable(line: bytes) -> None:
    try:
        word = read_word(line)
    except Unreadable:
        return
    assert read_word(encode(word)) == word
