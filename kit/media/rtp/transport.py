"""aiortc's DTLS transport with one estimator, one pacer and one log of arrivals for its bundle.

Of aiortc 1.16.0 it takes over what happens to decrypted RTP and RTCP; handshake, SRTP and SCTP stay aiortc's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from aiortc.stats import RTCStatsReport, RTCTransportStats

from kit.media.rtp import packet as rtp
from kit.media.rtp import rtcp
from kit.media.rtp.allocation import FLOOR_BPS, Allocation, Shares
from kit.media.rtp.congestion.estimator import Limits, SendSideEstimator
from kit.media.rtp.edge import GuardedTransport, sender_of
from kit.media.rtp.feedback import FeedbackReader, Reports, reported
from kit.media.rtp.guard import (
    ASKED_BURST,
    ASKED_PER_S,
    REPORTED_BURST,
    REPORTED_PER_S,
    Allowance,
    Refused,
)
from kit.media.rtp.lipsync import LipSync
from kit.media.rtp.pacer import BURST_S, FREE_PACE, PACE, Pacer
from kit.media.rtp.packet import ExtensionIds, MalformedError, RtpPacket
from kit.media.rtp.path import PathWatch, check
from kit.media.rtp.reporter import Reporter
from kit.media.rtp.router import Router
from kit.media.rtp.statistics import TransportStats
from kit.media.rtp.streams import OutgoingStream

TICK_S = 0.05
_TICK_LATE_S = 0.03
"""How much later the timer comes than the datagram that should have been the occasion for a tick."""
_SLACK_S = 0.001
_LIMITS = Limits(floor=FLOOR_BPS)


class Receiver(Protocol):
    """What a transport asks of a receiver."""

    def on_rtp(self, packet: RtpPacket) -> None:
        """Take a packet."""
        ...

    def on_rtcp(self, message: rtcp.Message, now: float) -> None:
        """Take a message about a received stream."""
        ...


class Sender(Protocol):
    """What a transport asks of a sender."""

    stream: OutgoingStream

    def shows(self, now: float) -> bool:
        """Whether pictures have been sent lately."""
        ...

    def on_rtcp(self, message: rtcp.Message, now: float) -> None:
        """Take a message about the sent stream."""
        ...

    def on_shares(self, shares: Shares, loss: float) -> None:
        """Follow the allocation."""
        ...


class Witness(Protocol):
    """Who watches each packet of a link test."""

    def left(self, sequence: int, size: int, now: float) -> None:
        """See a packet off; ``sequence`` is transport-wide, 16 bits."""
        ...

    def reported(self, reports: Reports) -> None:
        """Hear from the other side what has arrived there."""
        ...

    def came(self, packet: RtpPacket) -> None:
        """See a packet come."""
        ...


class Outgoing(NamedTuple):
    """A packet on its way through the pacer."""

    packet: RtpPacket
    stream: OutgoingStream


class KitTransport(GuardedTransport):
    """Replaces ``RTCDtlsTransport`` in aiortc's peer connection."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.estimator = SendSideEstimator(_LIMITS)
        self.allocation = Allocation()
        self.lipsync = LipSync()
        self.path = PathWatch()
        self.router: Router[Receiver] = Router()
        self._asked = Allowance(ASKED_PER_S, ASKED_BURST)
        self._reported = Allowance(REPORTED_PER_S, REPORTED_BURST)
        self.last_received: float | None = None
        """Monotonic seconds; the silence since then is how a dead path is noticed."""
        self.witness: Witness | None = None
        self._pacer: Pacer[Outgoing] = Pacer(lambda outgoing: outgoing.packet.size_on_link)
        self._senders: list[Sender] = []
        self._ids = ExtensionIds()
        self.reporter = Reporter()
        self._feedback_reader = FeedbackReader()
        self._next_departure: asyncio.TimerHandle | None = None
        self._next_tick: asyncio.TimerHandle | None = None
        self._tick_at = 0.0
        self._check: asyncio.Task[None] | None = None
        self._stopped = False

    def begin(self, extensions: list[tuple[str, int]]) -> None:
        """Start pacing; called by every sender and receiver when its negotiation is done."""
        found = ExtensionIds.of(extensions)
        self._ids = ExtensionIds(*(new or old for new, old in zip(found, self._ids, strict=True)))
        if self._next_tick is None and not self._stopped:
            self._next_tick = self.later(TICK_S, self._tick)

    def add_sender(self, sender: Sender) -> None:
        """Let a sender take part in the allocation."""
        self._senders.append(sender)

    def remove_sender(self, sender: Sender) -> None:
        """Forget a sender and what it queued."""
        self._senders = [other for other in self._senders if other is not sender]
        self._pacer.purge(lambda outgoing: outgoing.stream is sender.stream)

    async def stop(self) -> None:
        """Stop pacing, then the transport."""
        self._stopped = True
        for timer in (self._next_departure, self._next_tick):
            if timer is not None:
                timer.cancel()
        if self._check is not None:
            self._check.cancel()
            await asyncio.gather(self._check, return_exceptions=True)
        await super().stop()

    # Sending

    @property
    def queue_s(self) -> float:
        """Seconds of packets that wait in the pacer."""
        return self._pacer.queue_s

    @property
    def round_trip(self) -> float | None:
        """The shortest seen, seconds; None before anything is known."""
        return self.estimator.min_round_trip or self.path.round_trip

    def send_now(self, packet: RtpPacket, stream: OutgoingStream) -> None:
        """Send sound: it never waits."""
        self._send(Outgoing(packet, stream), 0)

    def send_again(self, packet: RtpPacket, stream: OutgoingStream) -> None:
        """Send the same packet once more, without a transport-wide number: its drop is no loss."""
        packet.transport_sequence = None
        stream.counters.retransmitted_packets_sent += 1
        self.send_media(rtp.serialize(packet, self._ids, stream.mid, time.time()))

    def queue(self, packets: Iterable[RtpPacket], stream: OutgoingStream) -> None:
        """Send a picture's packets, each when its turn comes."""
        for packet in packets:
            self._pacer.push(Outgoing(packet, stream))
        self._pace()

    def queue_retransmission(self, packet: RtpPacket, stream: OutgoingStream) -> None:
        """Send a copy, before pictures."""
        self._pacer.push_retransmission(Outgoing(packet, stream))
        self._pace()

    def drop_queued(self, stream: OutgoingStream) -> int:
        """Take a stream's frames that have not begun to leave, and its copies, out of the queue."""
        return self._pacer.purge(
            lambda outgoing: outgoing.stream is stream and outgoing.packet.timestamp != stream.leaving
        )

    def _send(self, outgoing: Outgoing, cluster: int) -> None:
        packet, stream = outgoing
        now = time.monotonic()
        stream.number(packet, now)
        if packet.repeated:
            # Who has the packet drops its copy unread: feedback would call each of them lost.
            self.estimator.flight.add_unnumbered(packet.size_on_link)
        elif self._ids.transport_sequence:
            packet.transport_sequence = self.estimator.on_sent(now, packet.size_on_link, cluster)
            if self.witness is not None:
                self.witness.left(packet.transport_sequence, packet.size_on_link, now)
        self.send_media(rtp.serialize(packet, self._ids, stream.mid, time.time()))

    def _pace(self) -> None:
        """Send what is due, and come back when the next is."""
        if self._next_departure is not None:
            self._next_departure.cancel()
            self._next_departure = None
        while not self._stopped:
            now = time.monotonic()
            self._begin_cluster(now)
            wait = self._pacer.wait(now)
            if wait is None:
                return
            if wait > _SLACK_S:
                self._next_departure = self.later(wait, self._pace)
                return
            self._send_due(now)

    def _send_due(self, now: float) -> None:
        """Send what is due, and of pictures what will be within a burst: one timer for several packets."""
        until = now + (_SLACK_S if self._pacer.probing else BURST_S)
        while (departure := self._pacer.take(until)) is not None:
            if departure.item is not None:
                self._send(departure.item, departure.cluster)
            else:
                self._send_padding(departure.cluster, now)

    def _begin_cluster(self, now: float) -> None:
        estimator = self.estimator
        if estimator.last_feedback is None or not any(sender.stream.pads for sender in self._senders):
            return
        estimator.begin_probing(now)
        if not self._pacer.probing and (probe := estimator.take_probe()) is not None:
            self._pacer.probe(probe, now)

    def _send_padding(self, cluster: int, now: float) -> None:
        for sender in self._senders:
            padding = sender.stream.padding()
            if padding is not None:
                self._send(Outgoing(padding, sender.stream), cluster)
                self._pacer.sent_in_cluster(padding.size_on_link, now)
                return
        self._pacer.sent_in_cluster(0, now)

    def _heard(self, now: float) -> None:
        """Something came: an occasion for what is due, so that no timer need wake the machine up for it."""
        self.last_received = now
        if self._next_tick is not None and now >= self._tick_at and not self._stopped:
            self._next_tick.cancel()
            self.attempt(self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        self._tick_at = now + TICK_S
        self.estimator.on_tick(now)
        if self.reporter.brake.fell_lately(now):
            self.estimator.suspect(now, self.reporter.brake.carried)
        self._share(now)
        fed_back = self.estimator.last_feedback is not None
        if self.path.due(now, self.last_received, measured=fed_back):
            self._check = asyncio.create_task(self._ask_path())
        if self.estimator.prober.pending:
            self._pace()
        for message in self.reporter.on_tick(now):
            self.send_media(message)
        self._next_tick = self.later(TICK_S + _TICK_LATE_S, self._tick)

    async def _ask_path(self) -> None:
        asked = time.monotonic()
        if await check(self.transport, self.path.priority):
            self.path.answered(asked, time.monotonic())

    def _share(self, now: float) -> None:
        estimator = self.estimator
        self._pacer.set_target(estimator.target, FREE_PACE if estimator.target >= _LIMITS.ceiling else PACE)
        repetition = sum(sender.stream.history.spent_bps(now) for sender in self._senders)
        queued = estimator.queueing.smoothed
        shares = self.allocation.share(now, estimator.target, estimator.loss, repetition, queued)
        films = sum(sender.shows(now) for sender in self._senders)
        shares = shares._replace(video=shares.video / max(1, films))
        for sender in self._senders:
            sender.on_shares(shares, estimator.loss)

    # Receiving

    def _forget(self, ssrc: int) -> None:
        self.router.forget(ssrc)
        super()._forget(ssrc)

    def on_rtp_data(self, data: bytes) -> None:
        """Take decrypted RTP."""
        now = time.monotonic()
        self._heard(now)
        try:
            packet = rtp.parse(data, self._ids, now)
        except MalformedError:
            self.refusals.add(Refused.MALFORMED)
            return
        refused = self._guarded.judge(packet.ssrc, now)
        if refused is not None:
            self.refusals.add(refused)
            return
        if self.witness is not None:
            self.witness.came(packet)
        receiver = self.router.find(packet)
        if receiver is None:
            self.refusals.add(Refused.UNCLAIMED)
        else:
            receiver.on_rtp(packet)
        for message in self.reporter.on_packet(packet, len(data), now):
            self.send_media(message)

    def on_rtcp_data(self, data: bytes) -> None:
        """Take a decrypted compound."""
        now = time.monotonic()
        self._heard(now)
        refused = self._guarded.judge(sender_of(data), now, report=True)
        if refused is not None:
            self.refusals.add(refused)
            return
        reading = rtcp.parse(data)
        self.refusals.add(Refused.MALFORMED, reading.refused)
        for message in reading.messages:
            if isinstance(message, rtcp.TransportFeedback):
                self._on_feedback(message, now)
            elif not isinstance(message, rtcp.Nack) or self._asked.take(now, len(message.lost)):
                self._dispatch(message, now)
            else:
                self.refusals.add(Refused.ASKED)

    def _on_feedback(self, message: rtcp.TransportFeedback, now: float) -> None:
        if not self._reported.take(now, reported(message.fci)):
            self.refusals.add(Refused.REPORTS)
            return
        try:
            reports = self._feedback_reader.read(message.fci)
        except MalformedError:
            self.refusals.add(Refused.MALFORMED)
            return
        if self.witness is not None:
            self.witness.reported(reports)
        self.estimator.on_feedback(now, reports, self._feedback_reader.missed)
        self._share(now)
        self._pace()

    def _dispatch(self, message: rtcp.Message, now: float) -> None:
        if isinstance(message, rtcp.Remb):
            self.estimator.on_remb(now, message.bitrate)
        for ssrc in _about_received(message):
            if (receiver := self.router.by_ssrc(ssrc)) is not None:
                receiver.on_rtcp(message, now)
        about = _about_sent(message)
        for sender in self._senders:
            if sender.stream.ssrc in about or sender.stream.rtx_ssrc in about:
                sender.on_rtcp(message, now)

    # Statistics

    @property
    def totals(self) -> TransportStats:
        """What has gone over it since it was made, and what it knows of the way now."""
        plain = super()._get_stats()[self._stats_id]
        assert isinstance(plain, RTCTransportStats)
        silent = None if self.last_received is None else time.monotonic() - self.last_received
        plain.packetsReceived += self.taken_packets
        plain.bytesReceived += self.taken_bytes
        plain.packetsSent += self.sent_packets
        plain.bytesSent += self.sent_bytes
        return TransportStats(
            **vars(plain),
            availableOutgoingBitrate=self.estimator.target,
            currentRoundTripTime=(
                self.estimator.round_trip if self.estimator.last_feedback else self.path.round_trip
            ),
            packetLoss=self.estimator.loss,
            queueingDelay=self.estimator.queueing.smoothed,
            refusedPackets=self.refusals.total,
            refusedByKind=self.refusals.by_kind(),
            lastPacketReceived=silent,
        )

    def _get_stats(self) -> RTCStatsReport:
        report = RTCStatsReport()
        report.add(self.totals)
        return report


def _about_received(message: rtcp.Message) -> tuple[int, ...]:
    if isinstance(message, rtcp.SenderReport):
        return (message.ssrc,)
    return message.ssrcs if isinstance(message, rtcp.Bye) else ()


def _about_sent(message: rtcp.Message) -> tuple[int, ...]:
    if isinstance(message, rtcp.SenderReport | rtcp.ReceiverReport):
        return tuple(block.ssrc for block in message.blocks)
    if isinstance(message, rtcp.Nack):
        return (message.media_ssrc,)
    return message.media_ssrcs if isinstance(message, rtcp.KeyframeRequest) else ()
