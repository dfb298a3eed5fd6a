"""What happens in each meeting, and what a client must see of it. Data only: who runs it is elsewhere."""

from tests.peers.testroom.scenarios.doors import DOORS
from tests.peers.testroom.scenarios.steps import IN_MEETING, Scenario, client, host, joins, lab, room, sees


def put_out(reason: str, code: str) -> Scenario:
    steps = (*IN_MEETING, lab("put_out", reason=reason), sees(phase="ended", code=code))
    return Scenario(f"is put out: {reason}", "hembesok", steps)


SCENARIOS = (
    *DOORS,
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
        "is offered no chat while there is none",
        "hembesok",
        (
            *IN_MEETING,
            sees(can_chat=True),
            lab("push", event="conference_update", data={"chat_enabled": False}),
            sees(can_chat=False),
        ),
    ),
    Scenario(
        "switches microphone and camera off and on, and the others see it",
        "hembesok",
        (
            *IN_MEETING,
            client("switch", muted=True, camera_off=True),
            room("knows", is_client_muted=True, is_video_muted=True, is_muted=False),
            client("switch", muted=False, camera_off=False),
            room("knows", is_client_muted=False, is_video_muted=False),
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
        "may show nothing where guests may not, and is given no floor",
        "visas-ej",
        (*IN_MEETING, sees(can_present=False), client("present"), sees(denied=True, floor=False)),
    ),
    Scenario(
        "may show something as host where guests may not",
        "visas-ej",
        (joins(pin="1234"), sees(phase="in", host=True, can_present=True)),
    ),
    Scenario(
        "sees who is in the picture",
        "hembesok",
        (
            *IN_MEETING,
            lab("layout", names=["Samordnare"]),
            sees(pictured=["Samordnare"]),
            lab("layout", names=[]),
            sees(pictured=[]),
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
    Scenario("leaves, and is gone for the others", "hembesok", (*IN_MEETING, client("leave"), room("left"))),
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
    put_out("Timeout waiting for conference host to join or permit access to locked conference", "#pex126"),
    put_out("No participants can keep conference alive", "#pex140"),
    put_out("Test call finished", "#pex143"),
    put_out("Call rejected", "#pex150"),
    put_out("Something that no table has", "#pex117"),
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
        "comes back when the room says that its token was not refreshed",
        "oppet",
        (
            joins(),
            sees(phase="in"),
            lab("put_out", reason="Timer expired awaiting token refresh"),
            sees(phase="in", seats=2),
        ),
    ),
    Scenario(
        "exchanges its token when it is asked to",
        "hembesok",
        (*IN_MEETING, lab("ask_refresh"), room("refreshed"), host("say", text="Hej"), sees(chat="Hej")),
    ),
    Scenario(
        "has its call placed anew on the same seat when the room has lost it",
        "hembesok",
        (*IN_MEETING, lab("lose_call"), room("placed_anew"), sees(phase="in", seats=1)),
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
