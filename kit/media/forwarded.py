"""A leg with a room that forwards what each participant sends: one connection to send, another to receive."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from kit.media.fit import Fitting, Way
from kit.media.leg import CLOSE_S
from kit.media.level import Block
from kit.media.publishing import Publishing
from kit.media.rtp import KitTransport
from kit.media.stats import Counters
from kit.media.subscription import Gallery, Subscription
from kit.media.tracks import CameraTrack, MicrophoneTrack
from kit.meeting.janus.leg import Fit
from kit.meeting.room import IceServers

WATCH_S = 0.005


class ForwardedLeg:
    """Implements :class:`kit.media.legs.CallLeg` and :class:`kit.meeting.janus.leg.ForwardingLeg`."""

    def __init__(
        self,
        servers: IceServers,
        gallery: Gallery,
        most_bps: int,
        places: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """``places`` is how many pictures the gallery has room for."""
        self._publishing = Publishing(servers, most_bps, tls)
        self._subscribe = partial(Subscription, servers, gallery, tls, self._text)
        self._subscription: Subscription | None = None
        self._places = places
        self._fitting = Fitting()
        self._was_connected = False
        self._heard: Callable[[str, str], None] = lambda _sender, _text: None

    @property
    def microphone(self) -> MicrophoneTrack:
        """What is said here."""
        return self._publishing.microphone

    @property
    def camera(self) -> CameraTrack:
        """What is seen here."""
        return self._publishing.camera

    async def offer(self) -> str:
        """Of what is sent."""
        return await self._publishing.offer()

    async def answer(self, sdp: str, max_video_bps: int | None) -> None:
        """To the offer."""
        await self._publishing.answer(sdp, max_video_bps)

    async def candidate(self, candidate: str, mid: str | None) -> None:
        """These rooms put all candidates into their descriptions."""

    def want_slides(self, on: bool) -> None:
        """These rooms have no line for slides: who shows some is one more participant."""

    async def receive(self, offer: str) -> str:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        if self._subscription is None:
            self._subscription = self._subscribe()
        return await self._subscription.receive(offer)

    async def receiving(self) -> None:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        if self._subscription is not None:
            await self._subscription.connected()

    def renew(self, mid: str) -> None:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        if self._subscription is not None:
            self._subscription.renew(mid)

    def show(self, mids: Sequence[str | None]) -> None:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        if self._subscription is not None:
            self._subscription.show(mids, self._places)

    def fit(self, now: float) -> Fit:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        if self._subscription is None or not self._subscription.pc.getTransceivers():
            return self._fitting.fit
        way = Way.of(self._subscription.transport, self._publishing.transport)
        return self._fitting.look(now, way)

    def send_text(self, text: str) -> bool:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        return self._publishing.send_text(text)

    def hear_text(self, heard: Callable[[str, str], None]) -> None:
        """See :class:`kit.meeting.janus.leg.ForwardingLeg`."""
        self._heard = heard

    async def connected(self, limit_s: float) -> bool:
        """Wait for both connections; the one that receives may come later, when there is somebody."""
        end = time.monotonic() + limit_s
        while not self.broken and time.monotonic() < end:
            if all(state == "connected" for state in self._states):
                return True
            await asyncio.sleep(WATCH_S)
        return False

    @property
    def broken(self) -> bool:
        """Whether one has failed for good."""
        return any(state in {"failed", "closed"} for state in self._states)

    def pull(self, delay_s: float) -> Block | None:
        """Return 20 ms of everybody's sound, heard in ``delay_s``; in the speaker's thread, by its clock."""
        subscription = self._subscription
        return None if subscription is None else subscription.pull(delay_s)

    @property
    def path_dead(self) -> bool:
        """Whether nothing comes from the other side on one of them, not even answers to checks."""
        return any(transport.path.dead for transport in self._transports)

    @property
    def silent_s(self) -> float | None:
        """Seconds for which a path has been dead; None before the leg was connected.

        Nothing but checks may come for long: all others may be muted, and the kit too. That a server lost the
        other end is told by its signalling. The half that receives may begin in mid-call.
        """
        self._was_connected |= all(state == "connected" for state in self._states)
        if not self._was_connected:
            return None
        now = time.monotonic()
        return max(
            now - transport.last_received
            if transport.path.dead and transport.last_received is not None
            else 0.0
            for transport in self._transports
        )

    async def counters(self) -> Counters:
        """Return the totals since the leg was made."""
        counters = await self._publishing.counters()
        if self._subscription is None or not self._subscription.pc.getTransceivers():
            return counters
        rest = self._fitting.fit is not Fit.ALL
        return replace((await self._subscription.tally()).onto(counters), their_video_stopped=rest)

    async def close(self) -> None:
        """End both connections and everything that they fed. Never raises."""
        self._publishing.stop()
        ends = [self._publishing.pc.close()]
        if self._subscription is not None:
            ends.append(self._subscription.close())
        # Not cancelled when it takes long: aiortc may be closing by itself, and waits in the same future.
        closing = asyncio.ensure_future(asyncio.gather(*ends, return_exceptions=True))
        await asyncio.wait({closing}, timeout=CLOSE_S)

    def _text(self, sender: str, text: str) -> None:
        self._heard(sender, text)

    @property
    def _states(self) -> list[str]:
        halves = [self._publishing.pc]
        if self._subscription is not None:
            halves.append(self._subscription.pc)
        return [half.connectionState for half in halves]

    @property
    def _transports(self) -> list[KitTransport]:
        found = [self._publishing.transport]
        if self._subscription is not None and self._subscription.pc.getTransceivers():
            found.append(self._subscription.transport)
        return found
