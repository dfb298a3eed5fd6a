"""The half of a call with a forwarding room that receives: a line for each voice, a few for pictures, texts.

The room offers, and offers anew whenever what it forwards changes; lines come and go while the others flow.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

import av
from aiortc import RTCDataChannel, RTCPeerConnection, RTCRtpTransceiver, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kit.media.ice import configuration, trust_relay
from kit.media.leg import inbound, receiver_of
from kit.media.level import Block
from kit.media.mixing import Mixer
from kit.media.rtp import KitTransport
from kit.media.rtp.statistics import InboundStats
from kit.media.tallies import Tally
from kit.meeting import sdp_limits
from kit.meeting.room import IceServers
from kit.meeting.sdp_feedback import ask_for_sound_again

SIZE_LIMIT = 5
"""Times what a description with one line of each kind may have."""
LABEL = "JanusDataChannel"
MAX_TEXT = 64 * 1024
_MAX_SENDERS = 100


class Gallery(Protocol):
    """Where pictures go; called in the event loop. Place 0 is the large one."""

    def picture_at(self, place: int, picture: av.VideoFrame) -> None:
        """Take a picture."""

    def vacate(self, place: int) -> None:
        """Nobody is there any more."""


class Subscription:
    """One connection. Begins with the first :meth:`receive`."""

    def __init__(
        self,
        servers: IceServers,
        gallery: Gallery,
        tls: ssl.SSLContext | None,
        heard: Callable[[str, str], None],
    ) -> None:
        """``heard`` is given texts, and by whom."""
        self._gallery, self._heard = gallery, heard
        self._tls = tls
        self.pc = RTCPeerConnection(configuration(servers))
        self._codecs: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._texts: RTCDataChannel | None = None
        self._senders: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._voices: tuple[RTCRtpTransceiver, ...] = ()
        """Read in the speaker's thread; replaced, never changed."""
        self._mixer = Mixer()
        self._tally = Tally()
        self._state_changed = asyncio.Event()
        self.pc.on("connectionstatechange", self._state_changed.set)
        self.pc.on("track", self._consume)
        self.pc.on("datachannel", self._listen)

    async def receive(self, offer: str) -> str:
        """Take an offer; return the answer. ValueError when it is no use."""
        sdp_limits.check(offer, SIZE_LIMIT)
        try:
            await self.pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            if self.pc.sctp is not None and self._texts is None:
                # The room forwards texts once a channel was opened from here.
                self._texts = self.pc.createDataChannel(LABEL)
            if self._tls is not None:
                trust_relay(self.transport.transport, self._tls)
            await self.pc.setLocalDescription(await self.pc.createAnswer())
        except Exception:
            # For an offer that it cannot follow aiortc raises many kinds.
            raise ValueError("unusable offer") from None
        self._check_codecs()
        self._voices = tuple(line for line in self.pc.getTransceivers() if line.kind == "audio")
        return ask_for_sound_again(str(self.pc.localDescription.sdp))

    async def connected(self) -> None:
        """Wait for the connection; returns too when it has failed."""
        while self.pc.connectionState in {"new", "connecting"}:
            self._state_changed.clear()
            await self._state_changed.wait()

    @property
    def transport(self) -> KitTransport:
        """Of the bundle."""
        lines = self.pc.getTransceivers()
        found = lines[0].receiver.transport if lines else self.pc.sctp and self.pc.sctp.transport
        assert isinstance(found, KitTransport)
        return found

    def renew(self, mid: str) -> None:
        """What this line carries begins anew, with the next key frame."""
        for line in self.pc.getTransceivers():
            if line.mid == mid and (video := receiver_of(line).video) is not None:
                video.restart()

    def show(self, mids: Sequence[str | None], places: int) -> None:
        """Show these lines in this order, and nothing in the rest of the places."""
        self._places = {mid: place for place, mid in enumerate(mids) if mid is not None}
        for empty in range(len(mids), places):
            self._gallery.vacate(empty)

    def pull(self, delay_s: float) -> Block | None:
        """Return 20 ms of everybody's sound, heard in ``delay_s``; in the speaker's thread, by its clock."""
        sounds = [receiver_of(line).pull(delay_s) for line in self._voices]
        return self._mixer.mix([sound.reshape(-1) for sound in sounds if sound is not None])

    async def tally(self) -> Tally:
        """Return the totals of what was received."""
        for line in self.pc.getTransceivers():
            stats = await inbound(line)
            if isinstance(stats, InboundStats):
                self._tally.add(stats, large=self._places.get(line.mid or "") == 0)
        self._tally.bytes = self.transport._get_stats()[self.transport._stats_id].bytesReceived
        return self._tally

    async def close(self) -> None:
        """End the connection and everything that it fed. Never raises."""
        self._voices, self._places = (), {}
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(self.pc.close(), return_exceptions=True)

    def _check_codecs(self) -> None:
        """A line that carries another codec than before would stay dark: its decoder is the former one's."""
        for line in self.pc.getTransceivers():
            codec = next((c.mimeType for c in line._codecs if "rtx" not in c.mimeType.lower()), "")
            if self._codecs.setdefault(str(line.mid), codec) != codec and line.kind == "video":
                raise ValueError("another codec")

    def _consume(self, track: MediaStreamTrack) -> None:
        line = next(line for line in self.pc.getTransceivers() if line.receiver.track is track)
        if track.kind == "video":
            self._start(self._take_pictures(line, track))

    async def _take_pictures(self, line: RTCRtpTransceiver, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                place = self._places.get(line.mid or "")
                if place is not None and isinstance(frame, av.VideoFrame):
                    self._gallery.picture_at(place, frame)

    def _listen(self, channel: RTCDataChannel) -> None:
        """A channel is named after the one whose texts it carries."""
        if len(self._senders) >= _MAX_SENDERS:
            return
        self._senders.add(channel.label)

        def take(text: str | bytes) -> None:
            if isinstance(text, str) and len(text) <= MAX_TEXT:
                self._heard(channel.label, text)

        channel.on("message", take)

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
