"""The kit's own side: camera, microphone and speaker, who may use them, and their tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from kit.config import KitConfig
from kit.ipc import engine as ng
from kit.ipc.call import PresentSource
from kit.ipc.pictures import PictureWriter
from kit.ipc.state import Condition, Device
from kit.log import log
from kit.media import sound
from kit.media.camera import CameraWorker, SecondCamera, Shot
from kit.media.echo import EchoPath
from kit.media.feed import Feed, chime
from kit.media.hotplug import SOUND, VIDEO, Hotplug
from kit.media.leg import MediaLeg
from kit.media.legs import CallLeg
from kit.media.level import SILENCE_DBFS, Block, dbfs, overdriven
from kit.media.listening import SECONDS, Listening
from kit.media.qr import CodeReader
from kit.media.reception import write
from kit.media.ringing import RING_S, Ringing, ring_tone
from kit.media.sharing import Sharing
from kit.media.sound import Microphone, Speaker
from kit.media.stats import NOTHING_LOST, DevicesLost
from kit.media.tracks import CameraTrack

SELF_VIEW_FPS = 15
LEVEL_BLOCKS = 10
"""A level is told for each 0.2 s of sound."""
_LOOK_S = 1.0
_SLACK_S = 4.0
_CHIME_S = 5.0
_TAIL_S = 0.2
"""What the card still holds when the last block has been handed over."""


class Studio:
    """Opens each device for as long as something needs it, and no longer."""

    def __init__(
        self,
        config: KitConfig,
        self_view: PictureWriter,
        tell: Callable[[ng.Event], None],
        leg: Callable[[], CallLeg | None],
        shared: PictureWriter,
        leaving: Callable[[Block, float], None] | None = None,
    ) -> None:
        """``leg`` says what is to be fed; ``leaving`` is :class:`Speaker`'s."""
        self._config = config
        self._tell = tell
        self._leg = leg
        self._self_view = self_view
        self._self_view_us = 0
        self.feed = Feed(self._clip_ended)
        self._camera = CameraWorker(config.camera, self._taken, self._changed)
        self._codes = CodeReader(tell)
        self.sharing = Sharing(self._second_camera, shared, self._shared_track, tell)
        wish = config.sound
        self._echo = EchoPath(wish.processing)
        found = sound.microphones(wish.capture, wish.cancelling)
        self._microphone = Microphone(found, self._heard, self._changed, self._echo)
        found = sound.speakers(wish.playback, wish.cancelling)
        self._speaker = Speaker(found, self.feed.next_block, self._changed, self._echo, leaving)
        self._ringing = Ringing(self._ring)
        self._hotplug = Hotplug(self._plugged)
        self._lost_before = NOTHING_LOST
        self._clip_done = asyncio.Event()
        self._preview = self._in_call = self._muted = self._camera_off = self._playing = False
        self._listening: Listening | None = None
        self._listened = asyncio.Event()
        self._test: asyncio.Task[None] | None = None
        self._levels: list[float] = []
        self._clipping = False
        self.level_dbfs = SILENCE_DBFS
        """Of the last 0.2 s."""

    async def start(self) -> None:
        """Look for the devices and make ready for them; returns after about a second at most."""
        sound.quiet()
        if not self._hotplug.start():
            log.info("uevents_unheard")
        workers = (self._camera, self._microphone, self._speaker, self.sharing.second)
        for worker in workers:
            worker.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_S):
                await asyncio.gather(*(worker.known.wait() for worker in workers))
        await asyncio.to_thread(self._expect_sound)

    @property
    def devices(self) -> tuple[Device, Device, Device, Device]:
        """Camera, microphone, speaker, second camera."""
        workers = (self._camera, self._microphone, self._speaker, self.sharing.second)
        return workers[0].device, workers[1].device, workers[2].device, workers[3].device

    def preview(self, on: bool) -> None:
        """Camera and microphone on or off outside a call."""
        self._preview = on
        self._apply()

    def call(self, on: bool, *, muted: bool = False, camera_off: bool = False) -> None:
        """A call begins, with these switches, or ends."""
        if self._in_call and not on and any(self.lost):
            log.info("devices_lost", **self.lost._asdict())
        if on and not self._in_call:
            self._lost_before = self._lost()
        self._in_call, self._muted, self._camera_off = on, muted, camera_off
        self._apply()

    @property
    def lost(self) -> DevicesLost:
        """What cards and camera have lost since the call began."""
        now, before = self._lost(), self._lost_before
        return DevicesLost(now.xruns - before.xruns, now.pictures - before.pictures)

    def mute(self, muted: bool) -> None:
        """Send no sound; what waits to be sent is dropped."""
        self._muted = muted
        leg = self._leg()
        if muted and leg is not None:
            leg.microphone.flush()

    def camera_off(self, off: bool) -> None:
        """Send no picture, and give the camera back."""
        self._camera_off = off
        leg = self._leg()
        if off and leg is not None:
            leg.camera.flush()
        self._apply()

    def scan(self, on: bool) -> None:
        """Look for QR codes in the camera's pictures, or stop."""
        self._codes.switch(on)
        self._apply()

    def aim(self, source: PresentSource) -> None:
        """Let staff look at what could be shown to the others."""
        self.sharing.aim(source)
        self._apply()

    def take_still(self) -> None:
        """Take a picture in the camera's full size, for what is aimed at."""
        if self.sharing.aims_camera:
            self._camera.take_still(self.sharing.take)
        else:
            self.sharing.take(None)

    def ring(self, on: bool) -> None:
        """Ring until told to be quiet."""
        self._ringing.switch(on)

    def test_speaker(self) -> None:
        """Play the test tone; a test under way is stopped."""
        self._begin_test(self._play_chime)

    def test_microphone(self) -> None:
        """Listen, judge, play back; a test under way is stopped."""
        self._begin_test(self._listen)

    def stop(self) -> None:
        """Nobody is there: all devices off, tests stopped and forgotten."""
        if self._test is not None:
            self._test.cancel()
        self._preview = False
        self._codes.switch(on=False)
        self._ringing.switch(on=False)
        self.sharing.stop()
        self.call(False)
        self.feed.drop_clip()

    def _expect_sound(self) -> None:
        self._echo.expect(self._microphone.first, self._speaker.first)

    def _apply(self) -> None:
        camera = (self._preview or self._in_call) and not self._camera_off
        camera = camera or self.sharing.aims_camera or self._codes.on
        if not camera:
            self._self_view.clear()
        self._camera.use(camera)
        self._microphone.use(self._preview or self._in_call or self._listening is not None)
        self._speaker.use(self._in_call or self._playing)

    def _lost(self) -> DevicesLost:
        return DevicesLost(self._microphone.xruns + self._speaker.xruns, self._camera.corrupt)

    def _plugged(self, subsystem: str) -> None:
        if subsystem == VIDEO:
            self._camera.look_again()
            self.sharing.second.look_again()
        elif subsystem == SOUND:
            self._microphone.look_again()
            self._speaker.look_again()

    def _changed(self, _device: Device) -> None:
        self._tell(ng.DevicesChanged(*self.devices))

    def _taken(self, shot: Shot) -> None:
        if self._camera_off and not self.sharing.aims_camera:
            return
        if shot.captured_us - self._self_view_us >= 1_000_000 // SELF_VIEW_FPS - 2_000:
            self._self_view_us = shot.captured_us
            write(self._self_view, shot.picture, shot.captured_us)
        self._codes.offer(shot)
        leg = self._leg()
        if leg is not None and not self._camera_off:
            leg.camera.put(shot)

    def _second_camera(self, seen: Callable[[Shot], None]) -> SecondCamera:
        return SecondCamera(self._config.second_camera, seen, self._changed, lambda: self._camera.current)

    def _shared_track(self) -> CameraTrack | None:
        leg = self._leg()
        return leg.shared if isinstance(leg, MediaLeg) else None

    async def _ring(self) -> None:
        await self._play(ring_tone(), RING_S + _SLACK_S)

    def _heard(self, block: Block, clean: Block) -> None:
        self._levels.append(dbfs(block))
        self._clipping |= overdriven(block)
        if len(self._levels) >= LEVEL_BLOCKS:
            self.level_dbfs = max(self._levels)
            self._tell(ng.Level(self.level_dbfs, self._clipping))
            self._levels, self._clipping = [], False
        if self._listening is not None:
            self._listening.add(block)
            if self._listening.done:
                self._listened.set()
        leg = self._leg()
        if leg is not None and not self._muted:
            leg.microphone.put(clean)

    # tests

    def _begin_test(self, test: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._test = asyncio.create_task(self._run_test(self._test, test))

    async def _run_test(
        self, former: asyncio.Task[None] | None, test: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        if former is not None:
            former.cancel()
            await asyncio.wait({former})
        await test()

    async def _play_chime(self) -> None:
        self._tell(ng.SpeakerTested(await self._play(chime(), _CHIME_S)))

    async def _listen(self) -> None:
        self._listening, self._listened = Listening(), asyncio.Event()
        self._apply()
        try:
            await asyncio.wait_for(self._listened.wait(), SECONDS + _SLACK_S)
        except TimeoutError:
            self._tell(ng.MicrophoneTested(passed=False, dbfs=SILENCE_DBFS))
            return
        finally:
            heard, self._listening = self._listening, None
            self._apply()
        self._tell(ng.MicrophoneTested(heard.passed(), heard.level_dbfs()))
        await self._play(heard.replay(), SECONDS + _SLACK_S)

    async def _play(self, clip: Block, limit_s: float) -> bool:
        """Play something once; False when there was no speaker to play it to."""
        self._clip_done.clear()
        self._playing = True
        self._apply()
        self.feed.play(clip)
        try:
            await asyncio.wait_for(self._clip_done.wait(), limit_s)
            await asyncio.sleep(_TAIL_S)
        except TimeoutError:
            return False
        else:
            return self._speaker.device.condition is Condition.OK
        finally:
            self.feed.drop_clip()
            self._playing = False
            self._apply()

    def _clip_ended(self) -> None:
        self._speaker.post(self._clip_done.set)
