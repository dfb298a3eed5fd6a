"""Commands for the conference and for its participants: chat, mutes, lock, admission, roles, the end."""

import time
from typing import Any

from starlette.responses import Response

from kit.meeting.testroom.api.base import Caller
from kit.meeting.testroom.conference import ENDED, REMOVED
from kit.meeting.testroom.rooms.notices import roster
from kit.meeting.testroom.rooms.participant import Role
from kit.meeting.testroom.wire import (
    AspectRatio,
    Empty,
    Message,
    NewRole,
    OverlayText,
    Refusal,
    Setting,
    State,
)


def participants(caller: Caller[Empty]) -> object:
    """The roster."""
    return roster(caller.conference.meeting.participants, caller.me)


def conference_status(caller: Caller[Empty]) -> object:
    """The state of the conference."""
    return caller.conference.meeting.status()


def theme(caller: Caller[Empty]) -> object:  # noqa: ARG001
    """There is none."""
    return Response(status_code=204)


def message(caller: Caller[Message]) -> object:
    """Chat to all."""
    body = caller.body
    caller.publish(caller.conference.meeting.message(caller.me.uuid, body.type, body.payload))
    return True


def direct_message(caller: Caller[Message]) -> object:
    """Chat to one."""
    if caller.target is None:
        return False
    body = caller.body
    caller.publish(caller.conference.meeting.message(caller.me.uuid, body.type, body.payload, caller.who))
    return True


def lock(caller: Caller[Empty]) -> object:
    """Who comes from now on waits."""
    caller.publish(caller.conference.meeting.set_lock(True))
    return True


def unlock(caller: Caller[Empty]) -> object:
    """Who comes or waits is let in."""
    caller.publish(caller.conference.meeting.set_lock(False))
    return True


def start(caller: Caller[Empty]) -> object:
    """Begin: who waited for that is let in."""
    caller.publish(caller.conference.meeting.start())
    return True


def mute_guests(caller: Caller[Empty]) -> object:
    """Mute all guests."""
    caller.publish(caller.conference.meeting.mute_guests(True))
    return True


def unmute_guests(caller: Caller[Empty]) -> object:
    """Give them back their voice."""
    caller.publish(caller.conference.meeting.mute_guests(False))
    return True


def set_guests_can_unmute(caller: Caller[Setting]) -> object:
    """May a muted guest unmute itself?"""
    caller.publish(caller.conference.meeting.set_guests_can_unmute(caller.body.setting))
    return True


def clear_all_buzz(caller: Caller[Empty]) -> object:
    """Lower all hands."""
    caller.publish(caller.conference.meeting.clear_all_buzz())
    return True


def end_all(caller: Caller[Empty]) -> object:
    """The host ends the meeting for everybody, itself included."""
    caller.conference.end_soon(ENDED)
    return True


def disconnect(caller: Caller[Empty]) -> object:
    """Put one out, or call no more somebody who has not answered."""
    if caller.target is None:
        return caller.conference.devices.hang_up(caller.conference.meeting.config.alias, caller.who)
    caller.conference.remove_soon(caller.who, REMOVED)
    return True


def admit(caller: Caller[Empty]) -> object:
    """Let one in from the waiting room."""
    caller.publish(caller.conference.meeting.admit(caller.who))
    return caller.target is not None


def mute(caller: Caller[Empty]) -> object:
    """Silence one."""
    return _change(caller, is_muted=True)


def unmute(caller: Caller[Empty]) -> object:
    """Let one be heard again; guests unmute themselves only where that is allowed."""
    if not caller.me.is_host and not caller.conference.meeting.guests_can_unmute:
        return False
    return _change(caller, is_muted=False)


def client_mute(caller: Caller[Empty]) -> object:
    """The client says that it has silenced itself."""
    return _change(caller, is_client_muted=True)


def client_unmute(caller: Caller[Empty]) -> object:
    """The client says that it can be heard again."""
    return _change(caller, is_client_muted=False)


def video_muted(caller: Caller[Empty]) -> object:
    """Camera off: a name plate stands for the picture."""
    return _change(caller, is_video_muted=True)


def video_unmuted(caller: Caller[Empty]) -> object:
    """Camera on."""
    return _change(caller, is_video_muted=False)


def buzz(caller: Caller[Empty]) -> object:
    """Raise a hand."""
    return _change(caller, buzz_time=time.time())


def clear_buzz(caller: Caller[Empty]) -> object:
    """Lower a hand."""
    return _change(caller, buzz_time=0)


def spotlight_on(caller: Caller[Empty]) -> object:
    """Mark one as the most important."""
    return _change(caller, spotlight=time.time())


def spotlight_off(caller: Caller[Empty]) -> object:
    """Take the mark away."""
    return _change(caller, spotlight=0)


def allow_rx_presentation(caller: Caller[Empty]) -> object:
    """One may see presentations."""
    return _change(caller, rx_presentation=True)


def deny_rx_presentation(caller: Caller[Empty]) -> object:
    """One may not."""
    return _change(caller, rx_presentation=False)


def pres_in_mix(caller: Caller[State]) -> object:
    """Show presentations in the main picture."""
    return _change(caller, presentation_in_mix=caller.body.state)


def role(caller: Caller[NewRole]) -> object:
    """Make one host or guest."""
    meeting = caller.conference.meeting
    caller.publish(meeting.set_role(caller.who, Role(caller.body.role), time.time()))
    return caller.target is not None


def show_captions(caller: Caller[Empty]) -> None:
    """Write for one what is said."""
    _change(caller, show_live_captions=True)


def hide_captions(caller: Caller[Empty]) -> None:
    """No longer."""
    _change(caller, show_live_captions=False)


def overlay_text(caller: Caller[OverlayText]) -> object:
    """Change the name in the picture."""
    return _change(caller, overlay_text=caller.body.text)


def preferred_aspect_ratio(caller: Caller[AspectRatio]) -> object:  # noqa: ARG001
    """Accepted and not followed: this room composes one shape for all."""
    return True


def not_afk(caller: Caller[Empty]) -> object:  # noqa: ARG001
    """Somebody is at the client; this room asks nobody."""
    return True


def avatar(caller: Caller[Empty]) -> object:  # noqa: ARG001
    """There are none."""
    raise Refusal(404, "No image available")


def _change(caller: Caller[Any], **fields: object) -> bool:
    caller.publish(caller.conference.meeting.change(caller.who, **fields))
    return caller.target is not None
