"""Joins the media of one room: whose picture and sound goes to whom, on the room's own 20 ms clock."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

import av

from kit.meeting.testroom.config import PictureConfig
from kit.meeting.testroom.media.call import Call
from kit.meeting.testroom.media.composer import PictureSource, Scene, Tile
from kit.meeting.testroom.media.mixer import STEP_S, Mixer, Samples
from kit.meeting.testroom.rooms.model import Meeting
from kit.meeting.testroom.rooms.participant import Participant
from kit.meeting.testroom.rooms.speakers import Speakers

ALONE = "Väntar på att fler ansluter"
NOT_ADMITTED = "Du är i väntrummet"
_STALE_S = 3.0
_LATE_S = 0.5
_STAGE_EVERY = 10
MAX_CALLS = 2
REPLACED_S = 5.0

Stage = list[dict[str, object]]


class Leg:
    """The media of one participant: its call, what comes from it, and what it is shown."""

    def __init__(self, uuid: str, bridge: "Bridge") -> None:
        self.uuid = uuid
        self.picture = PictureSource()
        self.slides = PictureSource()
        self.calls: list[Call] = []
        """Oldest first; a client that changes its network has two for some seconds."""
        self.slides_in_main = False
        """The client asked for a single video: slides take the place of the participants."""
        self.sound: Samples | None = None
        """What was said in this step."""
        self._bridge = bridge
        self._echo: Leg | None = None
        self._echoed: deque[Samples | None] = deque()

    @property
    def call(self) -> Call | None:
        """The newest."""
        return self.calls[-1] if self.calls else None

    def echo_to(self, other: "Leg") -> None:
        """Let another leg return what comes from this one, a little later."""
        self._echo = other

    def scene(self) -> Scene:
        """The main picture."""
        return self._bridge.scene(self)

    def slides_scene(self) -> Scene:
        """The presentation, when somebody else gives one."""
        return self._bridge.slides_scene(self)

    def see(self, frame: av.VideoFrame) -> None:
        """A picture came from this participant."""
        self.picture.put(frame, time.monotonic())
        if self._echo is not None:
            self._bridge.later(self._echo.see, frame)

    def see_slides(self, frame: av.VideoFrame) -> None:
        """A picture of its presentation came."""
        self.slides.put(frame, time.monotonic())

    def listen(self) -> None:
        """Take a step of sound, once in each step of the room's clock."""
        if self.calls:
            said = (call.listen() for call in reversed(self.calls))
            self.sound = next((samples for samples in said if samples is not None), None)
        if self._echo is not None:
            self._echoed.append(self.sound)
            late = len(self._echoed) > self._bridge.echo_steps
            self._echo.sound = self._echoed.popleft() if late else None

    def replaced(self, now: float) -> list[Call]:
        """Calls in whose place a newer one has been for a while: their client has forgotten them."""
        newest = self.call
        if newest is None or newest.connected_at is None or now - newest.connected_at < REPLACED_S:
            return []
        return self.calls[:-1]

    def lost(self, call_uuid: str) -> None:
        """The media path of a call is gone."""
        self._bridge.on_lost(self.uuid, call_uuid)


class Bridge:
    """The legs of one room."""

    def __init__(
        self,
        meeting: Meeting,
        config: PictureConfig,
        echo_delay_s: float,
        on_lost: Callable[[str, str], None],
        on_stage: Callable[[Stage], None],
    ) -> None:
        self.mixer = Mixer()
        self.on_lost = on_lost
        self.legs: dict[str, Leg] = {}
        self._meeting = meeting
        self._config = config
        self.echo_steps = round(echo_delay_s / STEP_S)
        self._echo_delay_s = echo_delay_s
        self._on_stage = on_stage
        self._speakers = Speakers()
        self._clock: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticks = 0

    def leg(self, uuid: str) -> Leg:
        """The leg of a participant, made when it is asked for first."""
        if uuid not in self.legs:
            self.legs[uuid] = Leg(uuid, self)
        if self._clock is None:
            self._clock = asyncio.get_running_loop().create_task(self._run())
        return self.legs[uuid]

    async def place(self, uuid: str, call_uuid: str, *, slides_in_main: bool) -> Call:
        """A new call for a participant, beside the one that it has, which client or room end later."""
        leg = self.leg(uuid)
        for call in leg.calls[: 1 - MAX_CALLS]:
            await self.hang_up(uuid, call.uuid)
        leg.slides_in_main = slides_in_main
        call = Call(call_uuid, leg, self._config)
        leg.calls.append(call)
        return call

    async def hang_up(self, uuid: str, call_uuid: str | None = None) -> None:
        """End a participant's call, or all; after the last its pictures are forgotten. Harmless when gone."""
        leg = self.legs.get(uuid)
        if leg is None:
            return
        ended = [call for call in leg.calls if call_uuid in (None, call.uuid)]
        leg.calls = [call for call in leg.calls if call not in ended]
        if not leg.calls:
            leg.picture.clear()
            leg.slides.clear()
            leg.sound = None
        for call in ended:
            await call.close()

    async def remove(self, uuid: str) -> None:
        """End and forget a participant's media."""
        await self.hang_up(uuid)
        self.legs.pop(uuid, None)
        self.mixer.forget(uuid)

    async def close(self) -> None:
        """End all media."""
        for uuid in list(self.legs):
            await self.remove(uuid)
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.gather(self._clock, *self._tasks, return_exceptions=True)

    def later(self, action: Callable[..., None], *arguments: object) -> None:
        """Do something after the time of the echo."""
        asyncio.get_running_loop().call_later(self._echo_delay_s, action, *arguments)

    def scene(self, leg: Leg) -> Scene:
        """What a participant's main picture shows now."""
        me = self._meeting.participants.get(leg.uuid)
        if me is None or me.is_waiting:
            return Scene(hold=NOT_ADMITTED)
        slides = self.slides_scene(leg) if leg.slides_in_main or me.presentation_in_mix else Scene()
        if not slides.is_empty:
            return slides
        now = time.monotonic()
        tiles = tuple(self._tile(p, now) for p in self._meeting.others(leg.uuid) if p.has_media)
        return Scene(tiles=tiles, hold=ALONE)

    def slides_scene(self, leg: Leg) -> Scene:
        """The presentation of somebody else; empty when there is none."""
        me = self._meeting.participants.get(leg.uuid)
        presenter = self.legs.get(self._meeting.presenter or "")
        if me is None or me.is_waiting or not me.rx_presentation:
            return Scene()
        if presenter is None or presenter is leg or not presenter.slides.has_picture:
            return Scene()
        return Scene(tiles=(Tile("", presenter.slides),))

    def _tile(self, participant: Participant, now: float) -> Tile:
        leg = self.legs.get(participant.uuid)
        shows = leg is not None and not participant.is_video_muted and now - leg.picture.at < _STALE_S
        return Tile(
            name=participant.overlay_text or participant.display_name,
            source=leg.picture if leg is not None and shows else None,
            muted=participant.is_silent,
        )

    async def _run(self) -> None:
        due = time.monotonic()
        while True:
            due += STEP_S
            wait = due - time.monotonic()
            if wait < -_LATE_S:
                due = time.monotonic()
            await asyncio.sleep(max(0.0, wait))
            self._tick()

    def _tick(self) -> None:
        for leg in self.legs.values():
            leg.listen()
        people = self._meeting.participants
        silent = {p.uuid for p in people.values() if p.is_silent or p.is_waiting}
        audience = {
            uuid: {other.uuid for other in self._meeting.others(uuid)}
            for uuid, leg in self.legs.items()
            if leg.calls
        }
        said = {uuid: leg.sound for uuid, leg in self.legs.items()}
        for uuid, pcm in self.mixer.tick(said, silent, audience).items():
            for call in self.legs[uuid].calls:
                call.play(pcm)
        self._ticks += 1
        self._speakers.hear(self.mixer.levels, time.time())
        if self._ticks % _STAGE_EVERY == 0:
            self._end_replaced()
            stage = self._speakers.stage(time.time())
            if stage is not None:
                self._on_stage(stage)

    def _end_replaced(self) -> None:
        for uuid, leg in self.legs.items():
            for call in leg.replaced(time.monotonic()):
                self._spawn(self.hang_up(uuid, call.uuid))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
