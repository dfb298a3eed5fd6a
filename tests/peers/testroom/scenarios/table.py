"""What happens in each meeting, and what a client must see of it. Data only: who runs it is elsewhere.

A step has an actor: the client under test, a host who speaks the bare API, the lab, or ``sees``, which waits
until the client's state holds all of the values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Actor = Literal["client", "host", "lab", "sees"]


@dataclass(frozen=True)
class Step:
    actor: Actor
    verb: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    name: str
    room: str
    steps: tuple[Step, ...]


def joins(**values: Any) -> Step:
    """With ``pin``, ``extension`` or ``way``."""
    return Step("client", "join", values)


def client(verb: str, **values: Any) -> Step:
    return Step("client", verb, values)


def host(verb: str, **values: Any) -> Step:
    return Step("host", verb, values)


def lab(verb: str, **values: Any) -> Step:
    return Step("lab", verb, values)


def sees(**values: Any) -> Step:
    return Step("sees", "", values)


HOST = host("join", pin="1234")
IN_MEETING = (HOST, joins(pin="none"), sees(phase="in", people=["Samordnare"]))


def put_out(reason: str, code: str) -> Scenario:
    steps = (*IN_MEETING, lab("put_out", reason=reason), sees(phase="ended", code=code))
    return Scenario(f"is put out: {reason}", "hembesok", steps)


SCENARIOS = (
    Scenario("comes into an open room", "oppet", (joins(), sees(phase="in", waiting=False))),
    Scenario("is asked for a PIN", "konsult", (joins(), sees(phase="asked", asks="pin"))),
    Scenario("has the host's PIN", "hembesok", (joins(pin="1234"), sees(phase="in", host=True))),
    Scenario("has the guests' PIN", "konsult", (joins(pin="5678"), sees(phase="in", host=False))),
    Scenario(
        "has a wrong PIN, then the right one",
        "hembesok",
        (
            joins(pin="9999"),
            sees(phase="asked", asks="wrong pin"),
            joins(pin="1234"),
            sees(phase="in", asks=""),
        ),
    ),
    Scenario("is a guest without PIN and waits", "hembesok", (joins(pin="none"), sees(waiting=True))),
    Scenario(
        "is led on by a reception",
        "mottagning",
        (
            joins(),
            sees(phase="asked", asks="extension"),
            joins(extension="4712"),
            sees(asks="wrong extension"),
            joins(extension="4711"),
            sees(phase="in", asks=""),
            client("say", text="Hej"),
        ),
    ),
    Scenario("logs in", "inloggat", (joins(), client("log_in"), sees(phase="in"))),
    Scenario(
        "chooses how to log in",
        "valbart",
        (
            joins(),
            sees(phase="asked", asks="login", ways=["BankID", "SITHS eID"]),
            joins(way="bankid"),
            client("log_in"),
            sees(phase="in"),
        ),
    ),
    Scenario(
        "waits until the host comes",
        "hembesok",
        (joins(pin="none"), sees(waiting=True, people=[]), HOST, sees(waiting=False, people=["Samordnare"])),
    ),
    Scenario(
        "waits before a locked room until the host lets it in",
        "last",
        (HOST, joins(pin="none"), sees(waiting=True), host("admit"), sees(waiting=False)),
    ),
    Scenario(
        "waits when the host locks in the meantime",
        "hembesok",
        (
            HOST,
            host("lock"),
            joins(pin="none"),
            sees(waiting=True, people=[]),
            host("unlock"),
            sees(waiting=False),
        ),
    ),
    Scenario(
        "writes and is written to",
        "hembesok",
        (
            *IN_MEETING,
            host("say", text="Välkomna"),
            sees(chat="Välkomna"),
            client("say", text="Tack"),
            host("read", text="Tack"),
        ),
    ),
    Scenario(
        "raises its hand, and the host lowers it",
        "hembesok",
        (
            *IN_MEETING,
            client("raise_hand", on=True),
            sees(hand=True),
            host("lower_hand"),
            sees(hand=False),
            client("raise_hand", on=True),
            sees(hand=True),
            client("raise_hand", on=False),
            sees(hand=False),
        ),
    ),
    Scenario(
        "is muted by the host and may speak again",
        "hembesok",
        (*IN_MEETING, host("mute"), sees(moderated=True), host("unmute"), sees(moderated=False)),
    ),
    Scenario(
        "sees a presentation begin and end",
        "hembesok",
        (
            *IN_MEETING,
            host("media"),
            host("present"),
            sees(slides=True),
            host("stop_presenting"),
            sees(slides=False),
        ),
    ),
    Scenario(
        "loses the floor when it is revoked",
        "hembesok",
        (
            *IN_MEETING,
            client("present"),
            sees(floor=True),
            lab("revoke"),
            sees(floor=False, slides=False),
        ),
    ),
    Scenario(
        "loses the floor to somebody else",
        "hembesok",
        (
            *IN_MEETING,
            host("media"),
            client("present"),
            sees(floor=True),
            host("present"),
            sees(floor=False, slides=True),
        ),
    ),
    Scenario(
        "sees who speaks",
        "hembesok",
        (
            *IN_MEETING,
            lab("stage", vad=100),
            sees(speaking=["Samordnare"]),
            lab("stage", vad=0),
            sees(speaking=[]),
        ),
    ),
    Scenario(
        "reads what is said, when it wants to",
        "textat",
        (
            joins(),
            sees(phase="in", can_caption=True),
            client("captions", on=True),
            lab("caption", text="God morgon", final=False),
            sees(caption="God morgon"),
            lab("caption", text="God morgon allihop", final=True),
            sees(caption="God morgon allihop"),
        ),
    ),
    Scenario("is offered no captions where there are none", "oppet", (joins(), sees(can_caption=False))),
    Scenario(
        "is sent to another room",
        "hembesok",
        (*IN_MEETING, host("transfer", to="bokat"), sees(phase="in", room="bokat", people=[], waiting=False)),
    ),
    Scenario(
        "is there when the host ends it for all",
        "hembesok",
        (*IN_MEETING, host("end"), sees(phase="ended", code="#pex125")),
    ),
    put_out("Disconnected by another participant", "#pex124"),
    put_out("Disconnected by an administrator", "#pex123"),
    put_out("API initiated participant disconnect", "#pex122"),
    put_out("All conference hosts departed hosted conference", "#pex141"),
    put_out("Last remaining participant removed from conference after timeout", "#pex142"),
    put_out("Something that no table has", "#pex117"),
    Scenario("finds the room full", "fullt", (joins(), sees(phase="refused", code="#pex194"))),
    Scenario(
        "finds no licence left",
        "oppet",
        (
            lab("refuse", command="request_token", http=503, text="Insufficient licenses"),
            joins(),
            sees(phase="refused", code="#pex195"),
        ),
    ),
    Scenario(
        "comes in maintenance, and after it",
        "oppet",
        (
            lab("maintenance", on=True),
            joins(),
            sees(phase="refused", code="#pex110"),
            lab("maintenance", on=False),
            joins(),
            sees(phase="in"),
        ),
    ),
    Scenario("finds no such room", "finnsinte", (joins(), sees(phase="refused", code="#pex154"))),
    Scenario(
        "misses nothing that lasts when its events are cut",
        "hembesok",
        (
            *IN_MEETING,
            lab("refuse", command="events", http=503),
            lab("cut_events"),
            host("guest", name="Tolk"),
            lab("heal"),
            sees(phase="in", people=["Samordnare", "Tolk"]),
        ),
    ),
    Scenario(
        "comes back when its token is lost",
        "oppet",
        (
            joins(),
            sees(phase="in"),
            lab("expire"),
            sees(phase="in", seats=2),
            client("say", text="Är jag kvar?"),
        ),
    ),
    Scenario(
        "passes over what it does not know",
        "hembesok",
        (
            *IN_MEETING,
            lab("push", event="made_up", data={"x": 1}),
            lab("push", event="participant_delete", data={"uuid": "nobody"}),
            host("say", text="Hör ni?"),
            sees(phase="in", chat="Hör ni?"),
        ),
    ),
)
