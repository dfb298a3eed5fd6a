"""Media legs: calls, ack, new_candidate, update, disconnect, statistics, and the floor for presentations."""

from typing import Any

from kit.meeting.testroom.api.base import Caller
from kit.meeting.testroom.conference import new_id
from kit.meeting.testroom.media.call import Call, OfferError
from kit.meeting.testroom.wire import Ack, Candidate, Empty, NewCall, Refusal, Statistics, Update


async def calls(caller: Caller[NewCall]) -> object:
    """A new leg beside the one before, whose place it takes: the client changes its network, or came back."""
    if caller.body.present in ("send", "receive"):
        raise Refusal(400, "Presentation calls are not supported")
    conference, me = caller.conference, caller.me.uuid
    call = await conference.bridge.place(me, new_id(), slides_in_main=caller.body.present == "main")
    try:
        answer = await call.answer(caller.body.sdp)
    except OfferError as wrong:
        await conference.bridge.hang_up(me, call.uuid)
        raise Refusal(400, "Invalid SDP") from wrong
    if me not in conference.meeting.participants:
        await conference.bridge.remove(me)
        raise Refusal(403, "Invalid token")
    caller.publish(conference.meeting.change(me, has_media=True, has_video=call.has_video))
    return {"call_uuid": call.uuid, "sdp": answer}


def ack(caller: Caller[Ack]) -> object:
    """The client has the answer: media may flow."""
    _call(caller).ack()
    return True


def new_candidate(caller: Caller[Candidate]) -> None:
    """A trickled candidate."""
    body = caller.body
    try:
        _call(caller).add_candidate(body.candidate, body.mid, body.ufrag)
    except ValueError as wrong:
        raise Refusal(400, "Invalid candidate") from wrong


async def update(caller: Caller[Update]) -> object:
    """A further offer: slides on or off, ICE restart."""
    call = _call(caller)
    try:
        answer = await call.answer(caller.body.sdp)
    except OfferError as wrong:
        raise Refusal(400, "Invalid SDP") from wrong
    return {"call_uuid": call.uuid, "sdp": answer}


async def disconnect(caller: Caller[Empty]) -> None:
    """End the leg; the participant stays."""
    call = _call(caller)
    await caller.conference.call_ended(caller.me.uuid, call.uuid)


def statistics(caller: Caller[Statistics]) -> None:
    """What the client measures."""
    _call(caller)
    caller.conference.statistics[caller.me.uuid] = caller.body


def take_floor(caller: Caller[Empty]) -> None:
    """Begin to present. The answer must be null: on ``true`` Pexip's SDK fails to send."""
    meeting = caller.conference.meeting
    if not meeting.may_present(caller.me.uuid):
        raise Refusal(403, "Presentation is not allowed")
    if meeting.presenter not in (None, caller.me.uuid):
        caller.conference.bridge.leg(meeting.presenter or "").slides.clear()
    caller.publish(meeting.take_floor(caller.me.uuid))


def release_floor(caller: Caller[Empty]) -> None:
    """End the presentation."""
    caller.publish(caller.conference.meeting.release_floor(caller.me.uuid))
    caller.conference.bridge.leg(caller.me.uuid).slides.clear()


def _call(caller: Caller[Any]) -> Call:
    leg = caller.conference.bridge.legs.get(caller.me.uuid)
    for call in leg.calls if leg is not None else ():
        if call.uuid == caller.call:
            return call
    raise Refusal(403, "Call not found")
