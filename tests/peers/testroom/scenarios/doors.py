"""Getting into a room, or not: every branch of ``request_token``."""

from tests.peers.testroom.scenarios.steps import HOST, Scenario, client, host, joins, lab, sees


def refused(http: int, text: str, code: str) -> Scenario:
    steps = (
        lab("refuse", command="request_token", http=http, text=text),
        joins(),
        sees(phase="refused", code=code),
    )
    return Scenario(f"is refused: {http} {text}", "oppet", steps)


DOORS = (
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
    Scenario(
        "has used up its tries of the PIN",
        "konsult",
        (
            joins(pin="1"),
            sees(asks="wrong pin"),
            joins(pin="2"),
            sees(asks="wrong pin"),
            joins(pin="3"),
            sees(phase="refused", code="#pex192"),
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
    Scenario(
        "is asked for a PIN behind a reception",
        "mottagning",
        (
            joins(extension="4713"),
            sees(phase="asked", asks="pin"),
            joins(extension="4713", pin="9999"),
            sees(asks="wrong pin"),
            joins(extension="4713", pin="5678"),
            sees(phase="in", host=False),
        ),
    ),
    Scenario(
        "gives a PIN, and then logs in",
        "inloggat-pin",
        (
            joins(),
            sees(phase="asked", asks="pin"),
            joins(pin="1234"),
            client("log_in"),
            sees(phase="in", host=True),
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
    refused(403, "SSO Authentication Failed", "#pex200"),
    refused(403, "SSO enabled but no Identity Providers configured", "#pex201"),
    refused(403, "SSO Authentication Failed. SSO is not available from this domain", "#pex204"),
    refused(415, "Invalid role", "#pex100"),
    refused(502, "502 Bad Gateway", "#pex111"),
    refused(503, "503 Service Unavailable", "#pex112"),
    refused(503, "Out of resource", "#pex114"),
    refused(504, "Something that no table has", "#pex117"),
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
)
