"""Somebody else in the room: joins as host, sends a picture and a tone, and notes what comes back."""

from __future__ import annotations

import asyncio
import ssl
import time

import av
import numpy as np

from kit.ipc.call import Participant
from kit.media import timecode
from kit.media.camera import Shot, planes
from kit.media.leg import MediaLeg
from kit.media.level import BLOCK, BLOCK_S, RATE, Block, dbfs
from kit.media.scene import Scene
from kit.media.timecode import BEEP_HZ, BEEP_MS
from kit.media.tracks import CameraTrack
from kit.meeting.pexip.room import PexipRoom
from kit.meeting.room import Message, RoomEvent, RosterChanged
from kit.visit.model import Invitation
from tests.peers.media.kit import LIMIT_S

FPS = 10
TONE_HZ = 440.0


class Other:
    """``async with Other(...)`` joins and leaves."""

    def __init__(
        self, host: str, alias: str, tls: ssl.SSLContext, pin: str | None = "1234", *, beeps: bool = False
    ) -> None:
        """``beeps``: a beep at each full second of the wall clock instead of a steady tone."""
        self._beeps = beeps
        self.room = PexipRoom(
            Invitation(host=host, alias=alias, pin=pin), "Sjuksköterska Norr", tls, self._heard
        )
        self.leg: MediaLeg | None = None
        self.roster: tuple[Participant, ...] = ()
        self.chat: list[Message] = []
        self.heard: list[tuple[float, Block]] = []
        self.pictures: list[tuple[float, av.VideoFrame]] = []
        self._scene = Scene(640, 360)
        self._slides: CameraTrack | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Other:
        await self.room.join()
        self.leg = MediaLeg(self.room.servers, self, 400_000)
        await self.room.place(self.leg)
        assert await self.leg.connected(LIMIT_S)
        self._tasks = [asyncio.create_task(job) for job in (self._film(), self._sing(), self._listen())]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        if self.leg is not None:
            await self.leg.close()
        await self.room.leave()

    async def end_for_all(self) -> None:
        await self.room._api.command("disconnect")

    async def present(self) -> None:
        """Show slides: pictures of the scene on the slides line."""
        assert self.leg is not None
        await self.room._api.command(f"participants/{self.room._holding().participant_uuid}/take_floor")
        self._slides = CameraTrack()
        self.leg._slides.sender.replaceTrack(self._slides)
        self.leg._slides.direction = "sendonly"
        await self.room.renegotiate(self.leg)

    async def stop_presenting(self) -> None:
        assert self.leg is not None
        await self.room._api.command(f"participants/{self.room._holding().participant_uuid}/release_floor")
        self.leg.want_slides(False)
        await self.room.renegotiate(self.leg)

    async def remove(self, uuid: str) -> None:
        await self.room._api.command(f"participants/{uuid}/disconnect")

    @property
    def kit(self) -> Participant | None:
        return next((p for p in self.roster if p.name == "Hembesök"), None)

    def level_dbfs(self, seconds: float = 0.5) -> float:
        recent = [block for at, block in self.heard if at > time.monotonic() - seconds]
        return dbfs(np.concatenate(recent)) if recent else -120.0

    def picture_ages_ms(self) -> list[int]:
        codes = [(at, timecode.read(planes(picture).y)) for at, picture in self.pictures[-20:]]
        return [timecode.age_ms(code, int(at * 1000)) for at, code in codes if code is not None]

    def picture(self, picture: av.VideoFrame) -> None:
        self.pictures.append((time.time(), picture))
        del self.pictures[:-50]

    def slide(self, picture: av.VideoFrame) -> None:
        raise AssertionError("nobody presents here")

    def _heard(self, event: RoomEvent) -> None:
        if isinstance(event, RosterChanged):
            self.roster = event.participants
        elif isinstance(event, Message):
            self.chat.append(event)

    async def _film(self) -> None:
        while self.leg is not None:
            frame = av.VideoFrame(640, 360, "yuv420p")
            self._scene.draw(planes(frame), int(time.time() * 1000))
            self.leg.camera.put(Shot(frame, time.time_ns() // 1000))
            if self._slides is not None:
                self._slides.put(Shot(frame.reformat(width=640, height=360), time.time_ns() // 1000))
            await asyncio.sleep(1 / FPS)

    async def _listen(self) -> None:
        """In the place of a sound card."""
        due = time.monotonic()
        while self.leg is not None:
            due += BLOCK_S
            await asyncio.sleep(max(due - time.monotonic(), 0))
            if (samples := self.leg.pull(0.0)) is not None:
                self.heard.append((time.monotonic(), samples))
                del self.heard[:-500]

    async def _sing(self) -> None:
        began, began_wall, count = time.monotonic(), time.time(), 0
        at = np.arange(BLOCK)
        while self.leg is not None:
            if self._beeps:
                second = (began_wall + (at + count * BLOCK) / RATE) % 1
                wave = 8000 * np.sin(2 * np.pi * BEEP_HZ * second) * (second < BEEP_MS / 1000)
            else:
                wave = 8000 * np.sin(2 * np.pi * TONE_HZ * (at + count * BLOCK) / RATE)
            self.leg.microphone.put(wave.astype(np.int16))
            count += 1
            await asyncio.sleep(max(began + count * BLOCK / RATE - time.monotonic(), 0))
