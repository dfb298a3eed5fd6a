"""Which texts lead to a room, and that no text leads to a host outside the allow-list."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.meeting.invitation import MAX_TEXT, Refused, parse
from kit.visit.model import Invitation, Refusal

HOSTS = ("meet.region.test", "localhost:8443")


@pytest.mark.parametrize(
    ("text", "host", "alias", "pin"),
    [
        ("https://meet.region.test/webapp/m/hembesok", HOSTS[0], "hembesok", None),
        ("https://meet.region.test/webapp/m/hembesok/", HOSTS[0], "hembesok", None),
        ("https://meet.region.test/webapp3/m/hembesok?join=1", HOSTS[0], "hembesok", None),
        ("  https://MEET.region.test:443/webapp/m/hembesok\n", HOSTS[0], "hembesok", None),
        ("https://localhost:8443/webapp/m/sip.norr?pin=1234", HOSTS[1], "sip.norr", "1234"),
        ("https://localhost:8443/webapp/m/?conference=sip-1&pin=1234%23", HOSTS[1], "sip-1", "1234"),
        ("https://localhost:8443/webapp/m/sip-1?role=guest", HOSTS[1], "sip-1", ""),
        ("https://localhost:8443/webapp/m/sip-1?role=guest&pin=42", HOSTS[1], "sip-1", "42"),
        ("https://localhost:8443/webapp/m/sip-1?pin=none", HOSTS[1], "sip-1", ""),
        ("https://localhost:8443/webapp/conference/sip-1?name=&bw=1280", HOSTS[1], "sip-1", None),
        ("https://localhost:8443/webapp/#/?conference=sip-1&pin=7", HOSTS[1], "sip-1", "7"),
        (
            "https://localhost:8443/webapp/?conference=a%40meet.region.test",
            HOSTS[1],
            "a@meet.region.test",
            None,
        ),
        ("https://localhost:8443/webapp/home?conference=sip-1", HOSTS[1], "sip-1", None),
        ("https://localhost:8443/webapp/m/m%C3%B6te", HOSTS[1], "möte", None),
        ("pexip://sip-1?host=localhost:8443", HOSTS[1], "sip-1", None),
        ("pexip://sip-1@meet.region.test", HOSTS[0], "sip-1@meet.region.test", None),
        ("hembesok", HOSTS[0], "hembesok", None),
        (" Hembesok_2.norr-1 ", HOSTS[0], "Hembesok_2.norr-1", None),
    ],
)
def test_every_form_of_invitation_leads_to_its_room(
    text: str, host: str, alias: str, pin: str | None
) -> None:
    assert parse(text, HOSTS) == Invitation(host=host, alias=alias, pin=pin)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://evil.test/webapp/m/hembesok", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://meet.region.test.evil.test/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://meet.region.test@evil.test/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://user:secret@meet.region.test/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://meet.region.test:8443/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://meet.region.test./webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://localhost/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://mееt.region.test/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://ｍeet.region.test/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://meet%2eregion.test/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://[::1/webapp/m/x", Refusal.LINK_HOST_NOT_ALLOWED),
        ("pexip://sip-1?host=evil.test", Refusal.LINK_HOST_NOT_ALLOWED),
        ("pexip://sip-1", Refusal.LINK_HOST_NOT_ALLOWED),
        ("http://meet.region.test/webapp/m/x", Refusal.LINK_SCHEME),
        ("javascript:alert(1)", Refusal.LINK_SCHEME),
        ("file:///etc/passwd", Refusal.LINK_SCHEME),
        ("sip:hembesok@meet.region.test", Refusal.LINK_SCHEME),
        ("https://meet.region.test/", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/..", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/%2e%2e", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a%2fb", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a%252fb", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/%ff", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a%00b", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a\\b", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a\tb", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a?pin=12%0a34", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a?pin=1&pin=2", Refusal.LINK_INVALID),
        ("https://meet.region.test/webapp/m/a#b", Refusal.LINK_INVALID),
        ("https://meet.region.test/api/client/v2/conferences/a", Refusal.LINK_INVALID),
        ("https:meet.region.test/webapp/m/a", Refusal.LINK_INVALID),
        ("https:///webapp/m/a", Refusal.LINK_INVALID),
        ("//meet.region.test/webapp/m/a", Refusal.LINK_INVALID),
        ("", Refusal.CODE_UNKNOWN),
        ("..", Refusal.CODE_UNKNOWN),
        ("två ord", Refusal.CODE_UNKNOWN),
        ("rum?", Refusal.CODE_UNKNOWN),
        ("x" * 65, Refusal.CODE_UNKNOWN),
        ("https://meet.region.test/webapp/m/" + "x" * 10_000, Refusal.LINK_TOO_LONG),
        ("x" * 10_000, Refusal.LINK_TOO_LONG),
    ],
)
def test_what_is_no_invitation_is_refused_with_its_reason(text: str, reason: Refusal) -> None:
    assert parse(text, HOSTS) == Refused(reason)


def test_without_allowed_hosts_nothing_is_accepted() -> None:
    assert parse("hembesok", ()) == Refused(Refusal.CODE_UNKNOWN)
    assert parse("https:///webapp/m/x", ("",)) == Refused(Refusal.LINK_INVALID)
    assert parse("pexip://x?host=", ("",)) == Refused(Refusal.LINK_HOST_NOT_ALLOWED)


aliases = st.text("abcdefghijklmnopqrstuvwxyzåäö0123456789-._@+~=:", min_size=1, max_size=60).filter(
    lambda alias: alias not in {".", ".."}
)


@given(alias=aliases, pin=st.none() | st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_an_alias_survives_the_way_through_any_link(alias: str, pin: str | None) -> None:
    extra = {} if pin is None else {"pin": pin}
    wanted = Invitation(host=HOSTS[1], alias=alias, pin=pin)
    in_path = f"https://localhost:8443/webapp/m/{quote(alias, safe='')}?{urlencode(extra)}"
    in_query = f"https://localhost:8443/webapp/m/?{urlencode({'conference': alias} | extra)}"
    assert parse(in_path, HOSTS) == wanted
    assert parse(in_query, HOSTS) == wanted


@given(st.text(max_size=MAX_TEXT + 10))
def test_a_refusal_and_an_invitation_tell_nothing_when_printed(text: str) -> None:
    assert "Invitation(…)" in repr(parse("hembesok", HOSTS))
    outcome = parse(text, HOSTS)
    assert isinstance(outcome, Refused) or repr(outcome) == "Invitation(…)"
