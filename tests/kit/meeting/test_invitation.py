"""Which texts lead to a room, and that no text leads to a host outside the allow-list."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.contract.links import MeetingLink, looks_personal, read_link, spell_link
from kit.meeting.invitation import MAX_TEXT, PortalOrigin, Refused, home_host, parse, scanned
from kit.visit.model import Invitation, Refusal, Service

HOSTS = ("meet.region.test", "localhost:8443")
PORTALS = (PortalOrigin(name="Visiba", origin="https://mitt.vardmote.test"),)


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
        ("pexip://meet.region.test", Refusal.LINK_HOST_NOT_ALLOWED),
        ("pexip://sip-1@meet.region.test@evil.test", Refusal.LINK_HOST_NOT_ALLOWED),
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
        ("...", Refusal.CODE_UNKNOWN),
        ("-", Refusal.CODE_UNKNOWN),
        ("https://meet.region.test/webapp/m/...", Refusal.LINK_INVALID),
        ("https://meet.region.test/janus/%2D", Refusal.LINK_INVALID),
        ("två ord", Refusal.CODE_UNKNOWN),
        ("rum?", Refusal.CODE_UNKNOWN),
        ("x" * 65, Refusal.CODE_UNKNOWN),
        ("https://meet.region.test/webapp/m/" + "x" * 10_000, Refusal.LINK_TOO_LONG),
        ("x" * 10_000, Refusal.LINK_TOO_LONG),
    ],
)
def test_what_is_no_invitation_is_refused_with_its_reason(text: str, reason: Refusal) -> None:
    assert parse(text, HOSTS) == Refused(reason)


JANUS, PORTAL = Service.JANUS, Service.PORTAL


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://meet.region.test/janus/1234", Invitation(service=JANUS, host=HOSTS[0], alias="1234")),
        ("https://meet.region.test/janus/1234/", Invitation(service=JANUS, host=HOSTS[0], alias="1234")),
        (
            "https://meet.region.test/janus/sip-1?pin=aB3&token=17%2B9,x:y/z",
            Invitation(service=JANUS, host=HOSTS[0], alias="sip-1", pin="aB3", token="17+9,x:y/z"),
        ),
        (
            "janus://localhost:8443/7?pin=42",
            Invitation(service=JANUS, host=HOSTS[1], alias="7", pin="42"),
        ),
        (
            "https://mitt.vardmote.test/m/abc?t=1#/rum",
            Invitation(
                service=PORTAL,
                host="mitt.vardmote.test",
                alias="Visiba",
                address="https://mitt.vardmote.test/m/abc?t=1#/rum",
            ),
        ),
    ],
)
def test_rooms_of_janus_and_portals_are_invited_to_by_links_too(text: str, wanted: Invitation) -> None:
    assert parse(text, HOSTS, PORTALS) == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://evil.test/janus/1", Refusal.LINK_HOST_NOT_ALLOWED),
        ("janus://evil.test/1", Refusal.LINK_HOST_NOT_ALLOWED),
        ("janus://user@meet.region.test/1", Refusal.LINK_HOST_NOT_ALLOWED),
        ("janus://meet.region.test/", Refusal.LINK_INVALID),
        ("janus://meet.region.test/a/b", Refusal.LINK_INVALID),
        ("janus:meet.region.test/1", Refusal.LINK_INVALID),
        ("https://meet.region.test/janus/..", Refusal.LINK_INVALID),
        ("https://meet.region.test/janus/1?pin=a%20b", Refusal.LINK_INVALID),
        ("https://meet.region.test/janus/1?token=a%0ab", Refusal.LINK_INVALID),
        ("https://meet.region.test/janus/1#x", Refusal.LINK_INVALID),
        ("http://mitt.vardmote.test/", Refusal.LINK_SCHEME),
        ("https://mitt.vardmote.test@evil.test/", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://user@mitt.vardmote.test/", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://mitt.vardmote.test:8443/", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://mitt.vardmote.test.evil.test/", Refusal.LINK_HOST_NOT_ALLOWED),
        ("https://mitt.vårdmote.test/", Refusal.LINK_HOST_NOT_ALLOWED),
        ("tel:+46701740605", Refusal.LINK_SCHEME),
        ("data:text/html,x", Refusal.LINK_SCHEME),
        ("intent://x#Intent;end", Refusal.LINK_SCHEME),
    ],
)
def test_what_only_looks_like_a_room_or_a_portal_is_refused(text: str, reason: Refusal) -> None:
    assert parse(text, HOSTS, PORTALS) == Refused(reason)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("a.region.test", True),
        ("a.b.region.test", True),
        ("A.Region.test:443", True),
        ("region.test", False),
        ("evilregion.test", False),
        (".region.test", False),
        ("a..region.test", False),
        ("-a.region.test", False),
        ("xn--80ak6aa92e.region.test", False),
        ("a.region.test:8443", False),
        ("a.region.test.evil.test", False),
        ("a。region.test", False),
        ("\u212ait.region.test", False),
        ("b.lab.test:9443", True),
        ("b.lab.test", False),
    ],
)
def test_an_entry_for_all_names_below_a_name_stands_for_those_alone(host: str, allowed: bool) -> None:
    outcome = parse(f"https://{host}/webapp/m/x", ("*.region.test", "*.lab.test:9443"))
    if allowed:
        assert outcome == Invitation(host=host.lower().removesuffix(":443"), alias="x")
    else:
        assert outcome == Refused(Refusal.LINK_HOST_NOT_ALLOWED)


def test_a_letter_that_becomes_ascii_when_made_small_is_another_letter() -> None:
    assert parse("https://\u212ait.test/webapp/m/x", ("kit.test",)) == Refused(Refusal.LINK_HOST_NOT_ALLOWED)


def test_a_typed_code_leads_to_the_first_host_that_is_one_name() -> None:
    assert parse("rum1", ("*.region.test", HOSTS[1])) == Invitation(host=HOSTS[1], alias="rum1")
    assert parse("rum1", ("*.region.test",)) == Refused(Refusal.CODE_UNKNOWN)
    assert home_host(()) is None


@pytest.mark.parametrize("text", ["191212121212", "19121212-1212", "121212+1212", " 1212121212 "])
def test_a_personal_number_is_never_taken_for_a_room(text: str) -> None:
    assert parse(text, HOSTS) == Refused(Refusal.CODE_PERSONAL)
    assert scanned(text, HOSTS) == Refused(Refusal.CODE_PERSONAL)


@pytest.mark.parametrize(
    "link",
    [
        "https://meet.region.test/webapp/m/{}",
        "https://meet.region.test/webapp/m/?conference={}",
        "https://meet.region.test/janus/{}",
        "pexip://{}?host=meet.region.test",
    ],
)
def test_nor_is_it_the_name_of_a_room_in_a_link(link: str) -> None:
    for number in ("191212121212", "19121212-1212", "19121212%2B1212", "19121212%2D1212"):
        assert parse(link.format(number), HOSTS) == Refused(Refusal.CODE_PERSONAL)
        assert scanned(link.format(number), HOSTS) == Refused(Refusal.CODE_PERSONAL)
    # A day and an hour have a right check digit in one case of ten.
    for room in ("1212121212", "121212-1212", "202611221237", "19121212-1213"):
        assert not isinstance(parse(link.format(room), HOSTS), Refused)


@pytest.mark.parametrize("number", ["191212121212", "19121212-1212", "19121212%2D1212"])
def test_nor_is_it_anywhere_in_a_portals_address(number: str) -> None:
    for link in ("/m/{}", "/m?patient={}&x=1", "/m#/{}/rum"):
        text = "https://mitt.vardmote.test" + link.format(number)
        assert parse(text, HOSTS, PORTALS) == Refused(Refusal.CODE_PERSONAL)
    assert not isinstance(parse(f"https://mitt.vardmote.test/m/7{number}", HOSTS, PORTALS), Refused)


def test_a_link_may_name_the_room_behind_a_reception() -> None:
    wanted = Invitation(host=HOSTS[0], alias="mottagning", pin="12", extension="4711")
    for link in (
        "https://meet.region.test/webapp/m/?conference=mottagning&extension=4711&pin=12",
        "pexip://mottagning?host=meet.region.test&extension=4711&pin=12",
    ):
        assert parse(link, HOSTS) == wanted
    for number in ("1" * 21, "47a", "%2e%2e", "４７"):
        link = f"https://meet.region.test/webapp/m/mottagning?extension={number}"
        assert parse(link, HOSTS) == Refused(Refusal.LINK_INVALID)


@pytest.mark.parametrize("text", ["1234567890", "121212121", "991332-1212", "121212-1213", "hembesok"])
def test_other_digits_are_no_personal_number(text: str) -> None:
    assert not looks_personal(text)


@pytest.mark.parametrize("text", ["hembesok", "735006274001", "två ord", "", "a/b"])
def test_a_scanned_code_must_be_a_link(text: str) -> None:
    assert scanned(text, HOSTS) == Refused(Refusal.CODE_OTHER)


@pytest.mark.parametrize(
    "text",
    [
        "https://meet.region.test/webapp/m/sip-1?pin=12&name=Nobody",
        "https://meet.region.test/webapp/m/?conference=m%C3%B6te&role=guest",
        "https://meet.region.test/webapp/m/mottagning?role=guest&extension=4711",
        "https://localhost:8443/janus/9?token=a%2Bb&pin=x",
        "https://mitt.vardmote.test/m/abc?t=1",
    ],
)
def test_a_link_spelled_short_leads_where_it_led(text: str) -> None:
    link = read_link(text, HOSTS, PORTALS)
    assert isinstance(link, MeetingLink)
    short = read_link(spell_link(link), HOSTS, PORTALS)
    assert isinstance(short, MeetingLink)
    assert (short.service, short.host, short.alias, short.token, short.extension) == (
        link.service,
        link.host,
        link.alias,
        link.token,
        link.extension,
    )
    assert short.pin == (link.pin if link.pin == "" else None)
    assert "Nobody" not in spell_link(link)
    assert repr(link) == "MeetingLink(…)"


def test_without_allowed_hosts_nothing_is_accepted() -> None:
    assert parse("hembesok", ()) == Refused(Refusal.CODE_UNKNOWN)
    assert parse("https:///webapp/m/x", ("",)) == Refused(Refusal.LINK_INVALID)
    assert parse("pexip://x?host=", ("",)) == Refused(Refusal.LINK_HOST_NOT_ALLOWED)


aliases = st.text("abcdefghijklmnopqrstuvwxyzåäö0123456789-._@+~=:", min_size=1, max_size=60).filter(
    lambda alias: any(sign.isalnum() for sign in alias)
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
