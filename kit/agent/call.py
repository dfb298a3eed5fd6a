"""What the agent knows of the call: roster, chat, own switches. Pure, in memory, forgotten with the visit."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from kit.ipc import engine as ng
from kit.ipc.call import Call, ChatLine, Participant

CHAT_KEPT = 200
"""Lines kept; the oldest go first."""
ANNOUNCED_S = 6.0
CAPTION_LINES = 2


class CallBook(Struct, frozen=True, kw_only=True):
    """The call so far. ``in_room``: past the waiting room. ``session`` lets a fresh engine take the seat."""

    shown: Call = Call()
    in_room: bool = False
    session: bytes | None = None
    announced_until: float = 0.0
    sent: int = 0
    caption_open: bool = False
    """The last line of captions may still change."""
    floor_said_until: float = 0.0
    silenced: bool = False
    """Muted already when "video utan ljud" began."""

    def __repr__(self) -> str:
        """Say nothing: names and chat never reach a log."""
        return "CallBook(…)"


def heard(book: CallBook, event: ng.Event, at: float, *, chat_open: bool) -> CallBook:
    """Return the call after an event of the engine."""
    match event:
        case ng.Roster(participants):
            return _roster(book, participants, at)
        case ng.ChatReceived(author, text):
            return _line(book, ChatLine(author=author, text=text, at=at), unread=not chat_open)
        case ng.ChatSent(number, delivered):
            return _delivered(book, number, delivered=delivered)
        case ng.MediaChanged(remote_picture, slides):
            return _show(book, remote_picture=remote_picture, slides=slides)
        case ng.CallQuality(quality):
            return _show(book, quality=quality)
        case ng.PathChanging(on):
            return _show(book, changing_path=on)
        case _:
            return _room(book, event)


def _room(book: CallBook, event: ng.Event) -> CallBook:
    match event:
        case ng.CallCapabilities(capabilities):
            captions = book.shown.captions if capabilities.captions else ()
            return _show(book, capabilities=capabilities, captions=captions)
        case ng.Moderated(muted):
            return _show(book, moderated=muted)
        case ng.RoomChanged():
            return _show(book, moving=True)
        case ng.LoginAsked(url, ways):
            return _show(book, login_url=url or "", login_ways=ways)
        case ng.PicturesShown(uuids, pinned):
            return _show(book, pictures=uuids, pinned=pinned)
        case ng.CaptionHeard(text, final):
            return _caption(book, text, final=final)
        case _:
            return _seat(book, event)


def _caption(book: CallBook, text: str, *, final: bool) -> CallBook:
    """The last line is rewritten until it is final."""
    if not book.shown.captions_on:
        return book
    lines = book.shown.captions[:-1] if book.caption_open else book.shown.captions
    return _show(replace(book, caption_open=not final), captions=(*lines, text)[-CAPTION_LINES:])


def _seat(book: CallBook, event: ng.Event) -> CallBook:
    match event:
        case ng.RoomJoined(waiting):
            return _arrived(replace(book, in_room=not waiting))
        case ng.CallRestored():
            return _arrived(book)
        case ng.RoomWaiting():
            return replace(book, in_room=False)
        case ng.RoomAdmitted():
            return replace(book, in_room=True)
        case ng.Session(blob):
            return replace(book, session=blob)
        case ng.CallEnded() | ng.RoomRefused():
            return _arrived(_show(replace(book, session=None, in_room=False), changing_path=False))
        case ng.CallInterrupted():
            return _show(book, changing_path=False)
        case _:
            return book


def _arrived(book: CallBook) -> CallBook:
    """What was shown of the way in is over."""
    return _show(book, moving=False, login_url="", login_ways=())


def together(book: CallBook) -> bool:
    """Whether the kit is in the meeting and somebody else is too."""
    return book.in_room and any(not p.me and not p.waiting for p in book.shown.participants)


def count(book: CallBook) -> int:
    """How many take part, this kit included, the waiting room not."""
    return sum(not p.waiting for p in book.shown.participants)


def written(book: CallBook, text: str, at: float) -> CallBook:
    """Return the call with an own chat line under way; its number is ``sent``."""
    book = replace(book, sent=book.sent + 1)
    return _line(book, ChatLine(author="", text=text, at=at, mine=True, delivered=False), unread=False)


def switched(book: CallBook, *, muted: bool | None = None, camera_off: bool | None = None) -> CallBook:
    """Return the call with microphone or camera switched."""
    shown = book.shown
    return _show(
        book,
        muted=shown.muted if muted is None else muted,
        camera_off=shown.camera_off if camera_off is None else camera_off,
    )


def captioned(book: CallBook, *, on: bool) -> CallBook:
    """Return the call with what is said in writing, or without."""
    return _show(replace(book, caption_open=False), captions_on=on, captions=())


def voice_by_phone(book: CallBook, *, on: bool) -> CallBook:
    """Return the call with "video utan ljud" on or off; off brings back what the microphone was before."""
    if on == book.shown.voice_by_phone:
        return book
    silenced = book.shown.muted if on else book.silenced
    return _show(replace(book, silenced=silenced), voice_by_phone=on, muted=on or book.silenced)


def introduced(book: CallBook, name: str) -> CallBook:
    """Return the call with who is there, in one line of what can be shown."""
    shown = "".join(sign if sign.isprintable() else " " for sign in name)
    return _show(book, staff=" ".join(shown.split()))


def self_view(book: CallBook, *, shown: bool) -> CallBook:
    """Return the call with the own picture shown or hidden."""
    return _show(book, self_view=shown)


def chat_read(book: CallBook) -> CallBook:
    """Return the call with no unread message."""
    return _show(book, unread=0)


def ticked(book: CallBook, at: float) -> CallBook:
    """Return the call with an old announcement taken away."""
    if book.shown.announced and at >= book.announced_until:
        return _show(book, announced="")
    return book


def _show(book: CallBook, **changes: object) -> CallBook:
    return replace(book, shown=replace(book.shown, **changes))


def _roster(book: CallBook, participants: tuple[Participant, ...], at: float) -> CallBook:
    known = {p.uuid for p in book.shown.participants}
    new = [p for p in participants if p.uuid not in known and not p.me and not p.waiting]
    unknown = tuple(p.name for p in participants if not p.me and _is_unknown(p))
    hand = any(p.me and p.hand_raised for p in participants)
    book = _show(book, participants=participants, unknown_names=unknown, hand_raised=hand)
    if new and known:
        return _show(replace(book, announced_until=at + ANNOUNCED_S), announced=new[-1].name)
    return book


def _is_unknown(participant: Participant) -> bool:
    """Without a name of letters (a phone number, an empty name): staff must ask who it is."""
    return not any(sign.isalpha() for sign in participant.name)


def _line(book: CallBook, line: ChatLine, *, unread: bool) -> CallBook:
    chat = (*book.shown.chat, line)[-CHAT_KEPT:]
    return _show(book, chat=chat, unread=book.shown.unread + unread)


def _delivered(book: CallBook, number: int, *, delivered: bool) -> CallBook:
    mine = [at for at, line in enumerate(book.shown.chat) if line.mine]
    back = book.sent - number
    if not 0 <= back < len(mine):
        return book
    place = mine[-1 - back]
    line = replace(book.shown.chat[place], delivered=delivered, failed=not delivered)
    return _show(book, chat=(*book.shown.chat[:place], line, *book.shown.chat[place + 1 :]))
