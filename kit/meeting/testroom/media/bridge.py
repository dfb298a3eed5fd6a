"""Joins the media of one room: whose picture and sound goes to whom, on the room's own 20 ms clock."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

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

Stage = list[dict[str, object]]


class Leg:
    """The media of one participant: its call, what comes from it, and what it is shown."""

    def __init__(self, uuid: str, bridge: "Bridge") -> None:
        self.uuid = uuid
        self.picture = PictureSource()
        self.slides = PictureSource()
        self.call: Call | None = None
        self.slides_in_main = False
        """The client asked for a single video: slides take the place of the participants."""
        self.sound: Samples | None = None
        """What was said in this step."""
        self._bridge = bridge
        self._echo: Leg | None = None
        self._echoed: deque[Samples | None] = deque()

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
        if self.call is not None:
            self.sound = self.call.listen()
        if self._echo is not None:
            self._echoed.append(self.sound)
            late = len(self._echoed) > self._bridge.echo_steps
            self._echo.sound = self._echoed.popleft() if late else None

    def lost(self) -> None:
        """The media path is gone."""
        self._bridge.on_lost(self.uuid)


class Bridge:
    """The legs of one room."""

    def __init__(
        self,
        meeting: Meeting,
        config: PictureConfig,
        echo_delay_s: float,
        on_lost: Callable[[str], None],
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
        self._ticks = 0

    def leg(self, uuid: str) -> Leg:
        """The leg of a participant, made when it is asked for first."""
        if uuid not in self.legs:
            self.legs[uuid] = Leg(uuid, self)
        if self._clock is None:
            self._clock = asyncio.get_running_loop().create_task(self._run())
        return self.legs[uuid]

    async def place(self, uuid: str, call_uuid: str, *, slides_in_main: bool) -> Call:
        """A new call for a participant; one that it had before is ended first."""
        await self.hang_up(uuid)
        leg = self.leg(uuid)
        leg.slides_in_main = slides_in_main
        leg.call = Call(call_uuid, leg, self._config)
        return leg.call

    async def hang_up(self, uuid: str) -> None:
        """End a participant's call and forget its pictures; harmless when it has none."""
        leg = self.legs.get(uuid)
        if leg is None:
            return
        call, leg.call = leg.call, None
        leg.picture.clear()
        leg.slides.clear()
        if call is not None:
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
            await asyncio.gather(self._clock, return_exceptions=True)

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
            if leg.call is not None
        }
        said = {uuid: leg.sound for uuid, leg in self.legs.items()}
        for uuid, pcm in self.mixer.tick(said, silent, audience).items():
            call = self.legs[uuid].call
            if call is not None:
                call.play(pcm)
        self._ticks += 1
        self._speakers.hear(self.mixer.levels, time.time())
        if self._ticks % _STAGE_EVERY == 0:
            stage = self._speakers.stage(time.time())
            if stage is not None:
                self._on_stage(stage)
