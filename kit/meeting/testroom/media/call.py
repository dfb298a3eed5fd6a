"""One media leg: an aiortc peer connection that answers a client's offers."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any, Protocol

import av
import structlog
from aiortc import (
    RTCConfiguration,
    RTCIceCandidate,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy
from aiortc.sdp import candidate_from_sdp

from kit.media.rtp import KitReceiver, KitSender
from kit.media.rtp.video_out import Content
from kit.meeting.sdp_pictures import picture_limits
from kit.meeting.testroom.config import PictureConfig
from kit.meeting.testroom.media import sdp
from kit.meeting.testroom.media.composer import Scene, slides_size
from kit.meeting.testroom.media.mixer import Pcm, Samples, from_pcm
from kit.meeting.testroom.media.tracks import MixTrack, SceneTrack

log = structlog.get_logger()
MAX_CANDIDATES = 64


class Owner(Protocol):
    """What a call needs from its room."""

    def scene(self) -> Scene:
        """What the main picture shows now."""

    def slides_scene(self) -> Scene:
        """What the presentation shows now."""

    def see(self, frame: av.VideoFrame) -> None:
        """A picture came from the client."""

    def see_slides(self, frame: av.VideoFrame) -> None:
        """A picture of its presentation came."""

    def lost(self, call_uuid: str) -> None:
        """The media path of this call is gone and will not come back."""


class OfferError(ValueError):
    """The offer cannot be answered."""


class Call:
    """A leg. Media flow after ``ack``.

    An offer with a new ICE generation gets a fresh peer connection, because aiortc cannot restart ICE.
    """

    def __init__(self, uuid: str, owner: Owner, config: PictureConfig) -> None:
        self.uuid = uuid
        self.pictures_in = 0
        self.sound_steps_in = 0
        self.slides_in = 0
        self.generations = 0
        self.closed = False
        self.connected_at: float | None = None
        """Monotonic seconds; of the first connection."""
        self._owner = owner
        self._config = config
        self._acked = False
        self._pc: RTCPeerConnection | None = None
        self._ufrag = ""
        self._candidates = 0
        self._sections: list[sdp.Section] = []
        self._offer = ""
        self._mix: MixTrack | None = None
        self._ear: KitReceiver | None = None
        self._main: SceneTrack | None = None
        self._consumed: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._negotiating = asyncio.Lock()
        self._adding = asyncio.Lock()

    @property
    def state(self) -> str:
        """W3C connection state."""
        return self._pc.connectionState if self._pc is not None else "new"

    @property
    def pictures_out(self) -> int:
        """Composed pictures on the present peer connection."""
        return self._main.pictures if self._main is not None else 0

    @property
    def has_video(self) -> bool:
        """True when the client offered a main video line."""
        return any(section.kind == "video" and section.content != "slides" for section in self._sections)

    def video_codec(self) -> str | None:
        """MIME type of the main video that was agreed on."""
        for transceiver in self._pc.getTransceivers() if self._pc is not None else ():
            if transceiver.kind == "video" and transceiver._codecs:
                return str(transceiver._codecs[0].mimeType)
        return None

    async def answer(self, offer: str) -> str:
        """SDP answer to the first or a further offer; OfferError when there is none."""
        async with self._negotiating:
            try:
                return await self._answer(offer)
            except Exception as wrong:
                # aiortc's parser and state machine raise whatever they trip over: KeyError, AssertionError …
                if self._pc is None or self._pc.connectionState == "new":
                    await self._drop_pc()
                raise OfferError from wrong

    def ack(self) -> None:
        """The client has set the answer: start sending."""
        self._acked = True
        self._attach()

    def add_candidate(self, line: str, mid: str | None, ufrag: str | None) -> None:
        """A trickled candidate, or the end of them; of an ICE generation that is gone, ignored.

        ValueError when malformed.
        """
        candidate = _candidate(line, mid or (self._sections[0].mid if self._sections else "0"))
        self._candidates += 1
        if self._pc is None or (ufrag and ufrag != self._ufrag) or self._candidates > MAX_CANDIDATES:
            return
        self._spawn(self._add(self._pc, candidate))

    def play(self, pcm: Pcm) -> None:
        """20 ms of the mix for this client."""
        if self._mix is not None and self._acked:
            self._mix.push(pcm)

    def listen(self) -> Samples | None:
        """Take the next 20 ms of the client's sound, by the room's clock."""
        pcm = None if self._ear is None else self._ear.pull()
        if pcm is None:
            return None
        self.sound_steps_in += 1
        return from_pcm(pcm.reshape(-1))

    async def drop_media(self) -> None:
        """Cut the media path as a network fault would; signalling goes on, and an ICE restart repairs it."""
        await self._drop_pc()

    async def close(self) -> None:
        """End the leg."""
        self.closed = True
        await self._drop_pc()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._closing, return_exceptions=True)

    async def _answer(self, offer: str) -> str:
        self._sections, self._offer = sdp.sections(offer), offer
        if self._pc is None or sdp.ufrag(offer) != self._ufrag:
            self._fresh_pc(sdp.ufrag(offer))
        pc = self._pc
        assert pc is not None
        await pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in pc.getTransceivers():
            transceiver.direction = "sendrecv"
        self._attach()
        answer = await pc.createAnswer()
        await pc.setLocalDescription(answer)
        self._consume()
        return sdp.dress(pc.localDescription.sdp, self._sections, self._config.max_bitrate)

    def _fresh_pc(self, ufrag: str) -> None:
        old, self._ufrag, self._candidates = self._pc, ufrag, 0
        self.generations += 1
        # An empty list and not None: with None aiortc asks a public STUN server.
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._pc, self._mix, self._main, self._ear = pc, None, None, None
        self._consumed.clear()
        pc.on("connectionstatechange", lambda: self._state_changed(pc))
        # aiortc chooses codecs inside setRemoteDescription: the wish must be stated before.
        for section in self._sections:
            if section.kind in ("audio", "video"):
                transceiver = pc.addTransceiver(section.kind, direction="recvonly")
                if section.kind == "video" and self._config.codec != "offer":
                    # Without H.264's levels slides need not be made smaller.
                    _prefer(transceiver, "VP8" if section.content == "slides" else self._config.codec)
        if old is not None:
            self._begin_close(old)

    def _state_changed(self, pc: RTCPeerConnection) -> None:
        if pc.connectionState == "connected" and self.connected_at is None:
            self.connected_at = time.monotonic()
        if pc is self._pc and pc.connectionState in ("failed", "closed") and not self.closed:
            self._owner.lost(self.uuid)

    def _attach(self) -> None:
        """Give each sender its track, once media may flow."""
        if not self._acked or self._pc is None:
            return
        for transceiver, section in self._lines():
            sender = transceiver.sender
            assert isinstance(sender, KitSender)
            if sender.track is not None:
                continue
            slides = section.content == "slides"
            content = Content.SCREEN if slides else Content.CAMERA
            largest = picture_limits(self._offer, section.mid).macroblocks
            sender.configure(max_bitrate=self._config.max_bitrate, content=content, macroblocks=largest)
            if transceiver.kind == "audio":
                self._mix = MixTrack()
                sender.replaceTrack(self._mix)
            elif slides:
                sender.replaceTrack(SceneTrack(self._owner.slides_scene, slides_size, self._config))
            else:
                self._main = SceneTrack(self._owner.scene, self._main_size, self._config)
                sender.replaceTrack(self._main)

    def _main_size(self, _: Scene) -> tuple[int, int]:
        return self._config.width, self._config.height

    def _consume(self) -> None:
        """Start reading each incoming track, once."""
        for transceiver, section in self._lines():
            track = transceiver.receiver.track
            if track is None or track.id in self._consumed:
                continue
            self._consumed.add(track.id)
            if transceiver.kind == "audio":
                assert isinstance(transceiver.receiver, KitReceiver)
                self._ear = transceiver.receiver
            else:
                self._spawn(self._read_pictures(track, slides=section.content == "slides"))

    def _lines(self) -> list[tuple[RTCRtpTransceiver, sdp.Section]]:
        by_mid = {section.mid: section for section in self._sections}
        transceivers = self._pc.getTransceivers() if self._pc is not None else []
        return [(t, by_mid[t.mid]) for t in transceivers if t.mid in by_mid]

    async def _read_pictures(self, track: MediaStreamTrack, *, slides: bool) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                if slides:
                    self.slides_in += 1
                    self._owner.see_slides(frame)
                else:
                    self.pictures_in += 1
                    self._owner.see(frame)

    async def _drop_pc(self) -> None:
        pc, self._pc, self._ufrag = self._pc, None, ""
        self._mix = self._main = self._ear = None
        if pc is not None:
            await asyncio.shield(self._begin_close(pc))

    def _begin_close(self, pc: RTCPeerConnection) -> asyncio.Task[None]:
        """Close in a task that nobody cancels: aiortc fails when one of two waiting closers is cancelled."""
        task = asyncio.get_running_loop().create_task(_close(pc))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        return task

    async def _add(self, pc: RTCPeerConnection, candidate: Any) -> None:
        # An mDNS name takes seconds to resolve, or never: the request must not wait for it. In order, because
        # nothing may follow the end of candidates.
        async with self._adding:
            with contextlib.suppress(Exception):
                await pc.addIceCandidate(candidate)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _close(pc: RTCPeerConnection) -> None:
    """aiortc fails to close a connection that a strange offer has left half built."""
    try:
        await pc.close()
    except Exception as wrong:
        log.warning("peer connection did not close", kind=type(wrong).__name__)


def _candidate(line: str, mid: str) -> RTCIceCandidate | None:
    """None for the empty line that ends the candidates."""
    if not line:
        return None
    try:
        candidate = candidate_from_sdp(line.split(":", 1)[1])
    except (AssertionError, IndexError) as wrong:
        raise ValueError("candidate") from wrong
    candidate.sdpMid = mid
    return candidate


def _prefer(transceiver: RTCRtpTransceiver, codec: str) -> None:
    wish = f"video/{codec}".lower()
    offered = KitSender.getCapabilities("video").codecs
    transceiver.setCodecPreferences(sorted(offered, key=lambda c: c.mimeType.lower() != wish))
