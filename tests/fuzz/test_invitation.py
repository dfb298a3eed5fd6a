"""Hostile invitation texts: whatever comes, the only way out is an allow-listed host and a harmless alias."""

from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from kit.meeting.invitation import MAX_ALIAS, Refused, parse
from kit.visit.model import Refusal

HOSTS = ("meet.region.test", "localhost:8443")
WORDS = """https:// http:// pexip:// HTTPS: // / \\ @ # ? & = % %2f %25 %2e : :443 :8443 .. webapp /webapp/m/
/webapp/#/?conference= conference= host= pin= role=guest meet.region.test localhost:8443 evil.test
[::1] 127.1 ＠ 。 ℀ xn--80ak6aa92e"""
PIECES = st.sampled_from([*WORDS.split(), "\t", "\n", "\0", " ", "\u202e", "\ud800"])
texts = st.lists(PIECES | st.text(max_size=8), max_size=14).map("".join)


@settings(max_examples=1500, deadline=None)
@given(texts)
def test_no_text_leads_outside_the_allowed_hosts(text: str) -> None:
    outcome = parse(text, HOSTS)
    if isinstance(outcome, Refused):
        assert outcome.reason in set(Refusal)
        return
    assert outcome.host in HOSTS
    assert 0 < len(outcome.alias) <= MAX_ALIAS
    assert not set(outcome.alias) & set("/\\?#%&\0\n\t ")
    assert outcome.alias not in {".", ".."}
    assert quote(outcome.alias, safe="")
    assert outcome.pin is None or outcome.pin == "" or outcome.pin.isdecimal()


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=600))
def test_bytes_read_as_text_never_raise(junk: bytes) -> None:
    parse(junk.decode("latin-1"), HOSTS)
    parse("https://meet.region.test/webapp/m/" + junk.decode("latin-1"), HOSTS)
