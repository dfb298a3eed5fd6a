"""Hostile invitation texts: whatever comes, the only way out is an allow-listed host and a harmless alias."""

from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.contract.links import MeetingLink, read_link, spell_link
from kit.meeting.invitation import MAX_ALIAS, PortalOrigin, Refused, parse, scanned
from kit.meeting.reading import KINDS, REASONS, outcome
from kit.visit.model import Refusal, Service

HOSTS = ("meet.region.test", "localhost:8443")
WILD = (*HOSTS, "*.region.test")
PORTALS = (PortalOrigin(name="Visiba", origin="https://portal.test"),)
WORDS = """https:// http:// pexip:// janus:// /janus/ ?token= portal.test a.region.test WIFI: bankid.
 HTTPS: // / \\ @ # ? & = % %2f %25 %2e : :443 :8443 .. webapp /webapp/m/
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


@settings(max_examples=1500, deadline=None)
@given(texts)
def test_of_all_services_only_allowed_hosts_and_portals_are_led_to(text: str) -> None:
    for read in (parse, scanned):
        found = read(text, WILD, PORTALS)
        if isinstance(found, Refused):
            assert found.reason in set(Refusal)
        elif found.service is Service.PORTAL:
            assert (found.host, found.alias) == ("portal.test", "Visiba")
            assert found.address.lower().startswith("https://portal.test")
            assert found.address.isascii()
            assert found.address.isprintable()
        else:
            name = found.host.partition(":")[0]
            assert found.host in HOSTS or (name.endswith(".region.test") and "xn--" not in name)
            assert not set(found.alias) & set("/\\?#%&\0\n\t ")


@settings(max_examples=700, deadline=None)
@given(texts)
def test_a_link_that_is_spelled_and_read_again_leads_to_the_same_room(text: str) -> None:
    link = read_link(text, WILD, PORTALS)
    if isinstance(link, MeetingLink):
        again = read_link(spell_link(link), WILD, PORTALS)
        assert isinstance(again, MeetingLink)
        assert (again.service, again.host, again.alias) == (link.service, link.host, link.alias)


@settings(max_examples=700, deadline=None)
@given(texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=600))
def test_every_line_gets_one_answer_of_the_same_form(line: bytes) -> None:
    row = outcome(line, WILD, PORTALS)
    assert set(row) == {"accepted", "kind", "host", "room", "reason"}
    if row["accepted"]:
        assert row["kind"] in set(Service)
        assert not row["reason"]
    else:
        assert row["kind"] in {*KINDS.values(), "link"}
        assert (row["host"], row["room"]) == (None, None)
        assert row["reason"] in REASONS.values()


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=600))
def test_bytes_read_as_text_never_raise(junk: bytes) -> None:
    parse(junk.decode("latin-1"), HOSTS)
    parse("https://meet.region.test/webapp/m/" + junk.decode("latin-1"), HOSTS)
