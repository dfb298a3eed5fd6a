"""Every question that a room asks before it gives a seat, and what the kit makes of it."""

import ssl
from typing import Any

import pytest

from kit.ipc.call import LoginWay
from kit.meeting.login import PLACE, Ticket
from kit.meeting.pexip.door import MAX_QUESTIONS
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import (
    ExtensionNeeded,
    LoginNeeded,
    LoginShown,
    PinNeeded,
    Refused,
    RoomEvent,
)
from kit.visit.model import Invitation, Refusal
from tests.kit.meeting.pexip.node import GRANTED, Node, result

EXTENSION = result({"conference_extension": "required", "conference_extension_type": "standard"}, 403)
OLD_EXTENSION = result({"conference_extension": "standard"}, 403)
NO_ROOM = result("Neither conference nor gateway found", 404)
SITHS = {"name": "SITHS eID", "uuid": "siths", "disable_popup_flow": True}
BANKID = {"name": "BankID", "uuid": "bankid", "disable_popup_flow": True}
POPUP = {"name": "Popup", "uuid": "popup"}
LOGIN = "https://idp.region.test/login?ticket=1"


def providers(*entries: object) -> bytes:
    return result({"idp": list(entries), "version": {}}, 403)


def redirect(uuid: str = "siths", url: str = LOGIN, **more: object) -> bytes:
    idp = {"name": "SITHS eID", "uuid": uuid}
    return result({"redirect_url": url, "redirect_idp": idp, "disable_popup_flow": True, **more}, 403)


class Logins:
    """The region's backend: somebody logs in at once, or nobody does."""

    def __init__(self, token: str = "sso-1") -> None:
        self.token = token
        self.begun = 0
        self.announced = 0
        self.target = f"https://retur.region.test/n/{PLACE}"

    def begin(self) -> Ticket:
        self.begun += 1
        return self

    async def announce(self) -> None:
        self.announced += 1

    async def collect(self) -> str:
        if not self.token:
            raise Refused(Refusal.ROOM_LOGIN_NEEDED)
        return self.token


class Visitor:
    """Somebody at the door of the scripted node."""

    def __init__(
        self,
        node: Node,
        tls: ssl.SSLContext,
        *,
        logins: Logins | None = None,
        name: str = "Hembesök",
        **wants: Any,
    ) -> None:
        self.node = node
        self.events: list[RoomEvent] = []
        invitation = Invitation(host=node.host, alias="sip-1", **wants)
        self.room = PexipRoom(invitation, name, tls, self.events.append, logins=logins)

    @property
    def asked(self) -> list[dict[str, object]]:
        return [request.json for request in self.node.asked("request_token")]


async def test_a_reception_asks_for_a_room_and_gets_its_number(node: Node, tls: ssl.SSLContext) -> None:
    for challenge in (EXTENSION, OLD_EXTENSION):
        node.queue("request_token", challenge)
        visitor = Visitor(node, tls)
        with pytest.raises(ExtensionNeeded) as asked:
            await visitor.room.join()
        assert asked.value.wrong is False
        await visitor.room.leave()
    visitor = Visitor(node, tls, extension="4711")
    await visitor.room.join()
    assert visitor.asked[-1]["conference_extension"] == "4711"
    await visitor.room.leave()


@pytest.mark.parametrize("answer", [EXTENSION, OLD_EXTENSION, NO_ROOM])
async def test_a_number_that_leads_nowhere_is_called_wrong(
    node: Node, tls: ssl.SSLContext, answer: bytes
) -> None:
    node.standing["request_token"] = answer
    visitor = Visitor(node, tls, extension="4711")
    with pytest.raises(ExtensionNeeded) as asked:
        await visitor.room.join()
    assert asked.value.wrong is True
    await visitor.room.leave()


async def test_the_room_behind_a_reception_may_want_a_pin(node: Node, tls: ssl.SSLContext) -> None:
    node.queue("request_token", result({"pin": "required", "guest_pin": "required", "version": {}}, 403))
    visitor = Visitor(node, tls, extension="4711")
    with pytest.raises(PinNeeded):
        await visitor.room.join()
    assert visitor.asked[0]["conference_extension"] == "4711"
    await visitor.room.leave()


async def test_a_login_is_shown_and_its_token_opens_the_room(node: Node, tls: ssl.SSLContext) -> None:
    node.queue("request_token", providers(SITHS), redirect())
    logins = Logins()
    visitor = Visitor(node, tls, logins=logins, pin="1234")
    await visitor.room.join()
    first, chosen, logged_in = visitor.asked
    assert (first["chosen_idp"], first["sso_token"]) == ("none", "none")
    assert (chosen["chosen_idp"], chosen["sso_redirect_target"]) == ("siths", logins.target)
    assert (logged_in["chosen_idp"], logged_in["sso_token"]) == ("siths", "sso-1")
    assert [request.headers["pin"] for request in node.asked("request_token")] == ["1234"] * 3
    assert [e for e in visitor.events if isinstance(e, LoginShown)] == [LoginShown(LOGIN), LoginShown(None)]
    assert (logins.begun, logins.announced) == (1, 1)
    await visitor.room.leave()


async def test_a_room_that_chose_its_only_provider_is_first_told_where_to_lead_back(
    node: Node, tls: ssl.SSLContext
) -> None:
    node.queue("request_token", redirect(), redirect(url=LOGIN + "2"))
    visitor = Visitor(node, tls, logins=Logins())
    await visitor.room.join()
    assert visitor.asked[1]["sso_redirect_target"] == f"https://retur.region.test/n/{PLACE}"
    assert LoginShown(LOGIN + "2") in visitor.events
    await visitor.room.leave()


async def test_among_several_ways_of_logging_in_staff_chooses(node: Node, tls: ssl.SSLContext) -> None:
    node.standing["request_token"] = providers(SITHS, BANKID, POPUP)
    visitor = Visitor(node, tls, logins=Logins())
    with pytest.raises(LoginNeeded) as asked:
        await visitor.room.join()
    assert asked.value.ways == (LoginWay(id="siths", name="SITHS eID"), LoginWay(id="bankid", name="BankID"))
    await visitor.room.leave()
    node.queue("request_token", providers(SITHS, BANKID), redirect("bankid"), result(GRANTED))
    chosen = Visitor(node, tls, logins=Logins(), login="bankid")
    await chosen.room.join()
    assert chosen.asked[-1]["chosen_idp"] == "bankid"
    await chosen.room.leave()


async def test_after_a_lost_seat_the_same_login_serves_until_the_room_wants_a_new_one(
    node: Node, tls: ssl.SSLContext
) -> None:
    node.queue("request_token", providers(SITHS), redirect())
    logins = Logins()
    visitor = Visitor(node, tls, logins=logins)
    await visitor.room.join()
    await visitor.room.join()
    assert visitor.asked[-1]["sso_token"] == "sso-1"
    assert logins.begun == 1
    node.queue(
        "request_token",
        result("SSO Authentication Failed", 403),
        providers(SITHS),
        redirect(),
        result(GRANTED),
    )
    logins.token = "sso-2"
    await visitor.room.join()
    assert [asked["sso_token"] for asked in visitor.asked[-4:]] == ["sso-1", "none", "none", "sso-2"]
    await visitor.room.leave()


@pytest.mark.parametrize(
    ("answers", "logins"),
    [
        ([providers(SITHS)], None),
        ([providers()], Logins()),
        ([providers({"name": "?"})], Logins()),
        ([providers(SITHS), redirect(disable_popup_flow=False)], Logins()),
        ([providers(SITHS), redirect(url="http://idp.region.test/")], Logins()),
        ([providers(SITHS), redirect(url="javascript:alert(1)")], Logins()),
        ([providers(SITHS), redirect()], Logins(token="")),
        ([providers(SITHS), providers(SITHS)], Logins()),
        ([result("SSO enabled but no Identity Providers configured", 403)], Logins()),
    ],
)
async def test_a_login_that_cannot_be_made_from_the_kit_is_refused(
    node: Node, tls: ssl.SSLContext, answers: list[bytes], logins: Logins | None
) -> None:
    node.queue("request_token", *answers)
    visitor = Visitor(node, tls, logins=logins)
    with pytest.raises(Refused) as refused:
        await visitor.room.join()
    assert refused.value.reason is Refusal.ROOM_LOGIN_NEEDED
    await visitor.room.leave()


async def test_a_room_that_wants_a_name_gets_one(node: Node, tls: ssl.SSLContext) -> None:
    node.queue("request_token", result({"display_name": "required", "version": {}}, 403))
    visitor = Visitor(node, tls, name="Kök 7")
    await visitor.room.join()
    assert [asked["display_name"] for asked in visitor.asked] == ["Kök 7", "Hembesök"]
    await visitor.room.leave()


async def test_a_room_that_asks_for_ever_is_refused(node: Node, tls: ssl.SSLContext) -> None:
    node.standing["request_token"] = redirect()
    visitor = Visitor(node, tls, logins=Logins())
    with pytest.raises(Refused):
        await visitor.room.join()
    assert len(visitor.asked) <= MAX_QUESTIONS
    await visitor.room.leave()


async def test_direct_media_is_never_asked_for(node: Node, tls: ssl.SSLContext) -> None:
    visitor = Visitor(node, tls)
    await visitor.room.join()
    assert visitor.asked[0]["direct_media"] is False
    await visitor.room.leave()
