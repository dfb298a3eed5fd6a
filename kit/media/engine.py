"""The engine: does what the agent orders with camera, sound and the call, and tells it what happens.

Without an agent there is no call: when the connection ends, the room is left and every device is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from kit.config import KitConfig
from kit.ipc import engine as ng
from kit.ipc.call import PresentSource
from kit.ipc.linktest import StopTryingLink, TryLink
from kit.ipc.pictures import PictureServer, Stream, picture_socket
from kit.ipc.scan import ScanCodes
from kit.ipc.wire import FrameTooLong, Link, Peer, agent_socket, connect
from kit.log import failed, log
from kit.media import ice, paths, rtp
from kit.media.call import Call
from kit.media.encoders import EncoderChoice, Encoders, install
from kit.media.forwarded import ForwardedLeg
from kit.media.leftovers import Leftovers, set_aside
from kit.media.leg import MediaLeg
from kit.media.legs import CallLeg
from kit.media.links import Tidings, changes
from kit.media.linktest.tester import Tester
from kit.media.measuring import Measurements
from kit.media.probing import reasonable_bps
from kit.media.reception import PLACES, Reception
from kit.media.rehearsal import rehearse
from kit.media.stats import Counters, Meter
from kit.media.studio import Studio
from kit.meeting.login import Logins
from kit.meeting.pexip.api import trust
from kit.meeting.room import IceServers, Room, RoomEvent
from kit.meeting.rooms import make_room, read_logins, read_relays
from kit.network import interface
from kit.visit.model import EndReason, Refusal, Service

CONNECT_AGAIN_S = 0.3
LEAVE_S = 1.5
"""A little more than a call takes to leave (:data:`kit.media.call.LEAVE_S`)."""
REPORT_S = 1.0
_EVENTS_KEPT = 500
"""An agent that does not read so many events is taken for dead."""
_EXPENDABLE = (ng.Level, ng.CallQuality)


class Engine:
    """One for the process. Implements :class:`kit.media.call.Stage`."""

    def __init__(self, config: KitConfig, measurements: Path | None = None) -> None:
        """``measurements`` is the file of ``--measure``."""
        self._config = config
        self._pictures = PictureServer()
        self._measurements = None if measurements is None else Measurements(measurements)
        leaving = None if self._measurements is None else self._measurements.leaving
        writers = self._pictures.writers
        self._studio = Studio(
            config, writers[Stream.SELF], self.tell, self._leg, writers[Stream.SHARED], leaving
        )
        self._reception = Reception(writers, self.tell)
        camera = config.camera
        self._most_bps = reasonable_bps(camera.width, camera.height, camera.fps)
        self._encoder: EncoderChoice | None = None
        self._meter = Meter()
        self._tidings = Tidings()
        self._leftovers = Leftovers()
        self._tester = Tester(self.tell)
        self._tls: ssl.SSLContext | None = None
        self._relays = IceServers()
        self._logins: Logins | None = None
        self._events: asyncio.Queue[ng.Event] = asyncio.Queue()
        self._link: Link[ng.Order] | None = None
        self._call: Call | None = None
        self._call_task: asyncio.Task[None] | None = None
        self._joined: ng.JoinRoom | None = None
        self._muted = self._camera_off = False
        self._handlers = self._handling()
        self._jobs: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve one agent after the other until cancelled; then leave cleanly."""
        self._config.run_dir.mkdir(parents=True, exist_ok=True)
        await self._prepare()
        listener = self._pictures.listen(picture_socket(self._config.run_dir))
        pictures = asyncio.create_task(self._pictures.serve(listener))
        links = asyncio.create_task(self._watch_links())
        try:
            while True:
                try:
                    link = await connect(agent_socket(self._config.run_dir), Peer.ENGINE, ng.Order)
                except OSError:
                    await asyncio.sleep(CONNECT_AGAIN_S)
                    continue
                await self._serve(link)
        finally:
            await self._abandon()
            pictures.cancel()
            links.cancel()

    def tell(self, event: ng.Event) -> None:
        """Send an event to the agent; without one it is dropped, and figures are when the agent is slow."""
        if self._link is None:
            return
        waiting = self._events.qsize()
        if waiting >= _EVENTS_KEPT:
            self._start(self._link.close())
            self._link = None
        elif waiting < _EVENTS_KEPT // 10 or not isinstance(event, _EXPENDABLE):
            self._events.put_nowait(event)

    def make_leg(self, servers: IceServers) -> CallLeg:
        """See :class:`kit.media.call.Stage`."""
        if self._joined is not None and self._joined.invitation.service is Service.JANUS:
            return ForwardedLeg(servers, self._reception, self._most_bps, len(PLACES), self._tls)
        return MediaLeg(servers, self._reception, self._most_bps, self._tls)

    def switched(self, leg: CallLeg | None) -> None:
        """See :class:`kit.media.call.Stage`."""
        self._studio.feed.listen(None if leg is None else leg.pull)
        self._meter.restart()

    def media_gone(self) -> None:
        """See :class:`kit.media.call.Stage`."""
        self._reception.gone()

    def presented(self, *, on: bool) -> None:
        """See :class:`kit.media.call.Stage`."""
        self._reception.presented(on=on)

    def floor_lost(self) -> None:
        """See :class:`kit.media.call.Stage`."""
        self._show(PresentSource.NONE)

    def counted(self, counters: Counters) -> None:
        """See :class:`kit.media.call.Stage`."""
        self._meter.add(time.monotonic(), counters)

    async def _prepare(self) -> None:
        if self._config.loopback_media:
            ice.add_loopback()
        rtp.install()
        ice.hasten()
        paths.install()
        interface.install()
        camera = self._config.camera
        encoders = Encoders(self._config.state_dir)
        choices = await asyncio.to_thread(encoders.choose, camera.width, camera.height)
        self._encoder = choices.get("H264")
        install(encoders)
        try:
            self._tls = await asyncio.to_thread(trust, self._config.meeting.ca)
        except (OSError, ssl.SSLError):
            log.warning("room_authorities_unreadable")
        try:
            self._relays = await asyncio.to_thread(read_relays, self._config.meeting.relays)
        except (OSError, UnicodeError):
            log.warning("relay_credentials_unreadable")
        try:
            self._logins = await asyncio.to_thread(read_logins, self._config)
        except (OSError, ssl.SSLError):
            log.warning("login_key_unreadable")
        await rehearse(self._reception, self._most_bps, self._tls)
        await self._studio.start()
        set_aside()

    # the agent

    def _handling(self) -> dict[type, Callable[..., None]]:
        return {
            ng.Preview: lambda order: self._studio.preview(order.on),
            ScanCodes: lambda order: self._studio.scan(order.on),
            ng.TestSpeaker: lambda _: self._studio.test_speaker(),
            ng.TestMicrophone: lambda _: self._studio.test_microphone(),
            ng.Mute: self._mute,
            ng.CameraOff: self._switch_camera,
            ng.SpeakerOff: lambda order: setattr(self._studio.feed, "off", order.off),
            ng.SendChat: self._say,
            ng.PinPicture: self._pin,
            ng.RaiseHand: lambda order: self._ask(lambda room: room.raise_hand(on=order.on)),
            ng.ShowCaptions: lambda order: self._ask(lambda room: room.captions(on=order.on)),
            ng.Present: lambda order: self._start(self._present(order.source, self._call)),
            ng.Aim: lambda order: self._studio.aim(order.source),
            ng.TakeStill: lambda _: self._studio.take_still(),
            ng.Ring: lambda order: self._studio.ring(order.on),
            TryLink: self._try_link,
            StopTryingLink: lambda _: self._start(self._tester.stop()),
            ng.UplinkChanged: lambda _: self._moved(self._tidings.from_agent(time.monotonic())),
        }

    async def _serve(self, link: Link[ng.Order]) -> None:
        """One connection, to its end."""
        log.info("agent_connected")
        self._events, self._link = asyncio.Queue(), link
        self.tell(self._ready())
        sending = asyncio.create_task(self._send(link))
        try:
            async for order in link:
                await self._obey(order)
        except (FrameTooLong, ConnectionError):
            pass
        finally:
            self._link = None
            sending.cancel()
            await self._abandon()
            await link.close()
            log.info("agent_gone", refused=link.refused)

    def _ready(self) -> ng.EngineReady:
        (camera, microphone, speaker, second), chosen = self._studio.devices, self._encoder
        name, cost = ("", None) if chosen is None else (chosen.name, chosen.cost)
        return ng.EngineReady(
            camera,
            microphone,
            speaker,
            name,
            None if cost is None else cost.milliseconds,
            None if cost is None else cost.cpu,
            second,
        )

    async def _send(self, link: Link[ng.Order]) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await link.send(await self._events.get())

    async def _obey(self, order: ng.Order) -> None:
        if isinstance(order, ng.JoinRoom):
            await self._join(order)
        elif isinstance(order, ng.LeaveRoom):
            await self._leave()
        else:
            self._handlers[type(order)](order)

    def _try_link(self, order: TryLink) -> None:
        self._tester.start(order, self._tls, self._relays, in_call=self._call is not None)

    async def _abandon(self) -> None:
        await self._tester.stop()
        await self._leave()
        self._studio.stop()
        self._studio.feed.off = False

    # the call

    async def _join(self, order: ng.JoinRoom) -> None:
        call, joined = self._call, self._joined
        if call is not None and joined is not None and not call.ended and _same_room(order, joined):
            call.hurry()
            return
        await self._tester.stop()
        await self._leave()
        self._leftovers.leave()
        if self._tls is None:
            self.tell(ng.RoomRefused(Refusal.ROOM_CERTIFICATE))
            return
        self._joined, self._muted, self._camera_off = order, order.muted, order.camera_off
        self._meter = Meter()
        self._call = Call(self, partial(self._make_room, order, self._tls))
        self._call.switched(muted=order.muted, camera_off=order.camera_off)
        self._studio.call(True, muted=order.muted, camera_off=order.camera_off)
        self._call_task = asyncio.create_task(self._run_call(self._call, order.session))

    def _make_room(self, order: ng.JoinRoom, tls: ssl.SSLContext, emit: Callable[[RoomEvent], None]) -> Room:
        return make_room(
            order.invitation,
            order.display_name,
            tls,
            emit,
            self._relays,
            allowed=order.allowed_hosts,
            logins=self._logins,
        )

    async def _run_call(self, call: Call, seat: bytes | None) -> None:
        report = asyncio.create_task(self._report(call))
        try:
            await call.run(seat)
        except Exception as error:
            failed("call_failed", error)
            self.tell(ng.CallEnded(EndReason.CONNECTION_LOST))
        finally:
            report.cancel()
            if self._call is call:
                self._forget()

    async def _leave(self) -> None:
        """Within :data:`LEAVE_S`, whatever the room's server does."""
        task, self._call_task = self._call_task, None
        self._forget()
        if task is not None and not task.done():
            task.cancel()
            _, late = await asyncio.wait({task}, timeout=LEAVE_S)
            for unfinished in late:
                unfinished.cancel()

    def _forget(self) -> None:
        self._call = self._joined = None
        self._studio.sharing.stop()
        self._studio.call(False)
        self._leftovers.clear_soon()

    def _leg(self) -> CallLeg | None:
        return None if self._call is None else self._call.leg

    async def _watch_links(self) -> None:
        async for _ in changes():
            log.info("uplink_changed")
            self._moved(self._tidings.from_kernel(time.monotonic()))

    def _moved(self, is_news: bool) -> None:
        if self._call is not None and is_news:
            self._call.moved()

    def _mute(self, order: ng.Mute) -> None:
        self._muted = order.muted
        self._studio.mute(order.muted)
        self._tell_switches()

    def _switch_camera(self, order: ng.CameraOff) -> None:
        self._camera_off = order.off
        self._studio.camera_off(order.off)
        self._tell_switches()

    def _tell_switches(self) -> None:
        if self._call is not None:
            self._call.switched(muted=self._muted, camera_off=self._camera_off)

    def _say(self, order: ng.SendChat) -> None:
        self._start(self._said(order, self._call))

    def _pin(self, order: ng.PinPicture) -> None:
        if self._call is not None:
            self._call.room.pin(order.uuid)

    def _ask(self, what: Callable[[Room], Coroutine[Any, Any, Any]]) -> None:
        """Ask something of the room that the call is in."""
        if self._call is not None:
            self._start(what(self._call.room))

    async def _present(self, source: PresentSource, call: Call | None) -> None:
        """Take the floor and show something, or show nothing and give it back."""
        if source is PresentSource.NONE:
            self._show(source)
            if call is not None:
                await call.room.present(on=False)
        elif call is None or not await call.room.present(on=True):
            self.tell(ng.FloorChanged(mine=False))
        elif self._call is not call or not self._show(source):
            await call.room.present(on=False)
            self.tell(ng.FloorChanged(mine=False))

    def _show(self, source: PresentSource) -> bool:
        sharing = self._studio.sharing
        shows = sharing.show(source)
        if self._call is not None:
            self._call.show(sharing.content if sharing.on else None)
        return shows

    def _start(self, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _said(self, order: ng.SendChat, call: Call | None) -> None:
        delivered = call is not None and await call.room.say(order.text)
        self.tell(ng.ChatSent(order.number, delivered))

    async def _report(self, call: Call) -> None:
        """Figures, once a second."""
        while True:
            await asyncio.sleep(REPORT_S)
            quality = self._meter.quality(self._studio.level_dbfs, self._studio.lost)
            self.tell(ng.CallQuality(quality))
            call.room.measured(self._meter.posted())
            if self._measurements is not None:
                await asyncio.to_thread(self._measurements.write, quality, len(asyncio.all_tasks()))


def _same_room(one: ng.JoinRoom, other: ng.JoinRoom) -> bool:
    return (one.invitation.host, one.invitation.alias) == (other.invitation.host, other.invitation.alias)
