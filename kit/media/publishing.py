"""The half of a call with a forwarding room that sends: sound, picture and texts, and nothing comes back."""

from __future__ import annotations

import ssl

from aiortc import RTCDataChannel, RTCPeerConnection, RTCSessionDescription
from aiortc.exceptions import InvalidStateError

from kit.media.ice import configuration, trust_relay
from kit.media.leg import outbound, sender_of, video_preferences
from kit.media.rtp import KitTransport
from kit.media.stats import Counters, sent
from kit.media.tracks import CameraTrack, MicrophoneTrack
from kit.meeting import sdp_limits
from kit.meeting.room import IceServers

LABEL = "JanusDataChannel"
MAX_TEXT = 16_000
"""Bytes of one text: larger messages need what not every client has."""


class Publishing:
    """One connection."""

    def __init__(self, servers: IceServers, most_bps: int, tls: ssl.SSLContext | None) -> None:
        """``most_bps`` is the most that is worth sending of the picture, ``tls`` is for relays."""
        self._most_bps = most_bps
        self.microphone, self.camera = MicrophoneTrack(), CameraTrack()
        self.pc = RTCPeerConnection(configuration(servers))
        self._audio = self.pc.addTransceiver(self.microphone, direction="sendonly")
        self._video = self.pc.addTransceiver(self.camera, direction="sendonly")
        self._video.setCodecPreferences(video_preferences())
        self._texts: RTCDataChannel = self.pc.createDataChannel(LABEL)
        trust_relay(self.transport.transport, tls)

    @property
    def transport(self) -> KitTransport:
        """Of the bundle."""
        found = self._audio.receiver.transport
        assert isinstance(found, KitTransport)
        return found

    async def offer(self) -> str:
        """Gathers candidates first."""
        try:
            await self.pc.setLocalDescription(await self.pc.createOffer())
        except InvalidStateError:
            raise ValueError("closed") from None
        return str(self.pc.localDescription.sdp)

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        """The first answer starts the connection."""
        allowed = self._most_bps if max_video_bps is None else min(max_video_bps, self._most_bps)
        sender_of(self._video).configure(max_bitrate=allowed, forwarded=True)
        sdp_limits.check(sdp)
        try:
            await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        except Exception:
            # For an answer that it cannot follow aiortc raises many kinds.
            raise ValueError("unusable answer") from None

    def send_text(self, text: str) -> bool:
        """Send to all who listen; whether there was a way."""
        if self._texts.readyState != "open" or len(text.encode()) > MAX_TEXT:
            return False
        self._texts.send(text)
        return True

    async def counters(self) -> Counters:
        """Return the totals of what was sent."""
        video = sender_of(self._video).video
        counters = Counters(video_stopped=video is not None and video.stopped)
        (sound, transport), (pictures, _) = await outbound(self._audio), await outbound(self._video)
        return sent(counters, sound, pictures, transport)

    def stop(self) -> None:
        """Nothing more is sent."""
        self.microphone.stop()
        self.camera.stop()
