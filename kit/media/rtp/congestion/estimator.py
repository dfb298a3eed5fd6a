"""The send-side estimate: delay-based rate, loss bound and probes together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kit.media.rtp.congestion.aimd import Aimd
from kit.media.rtp.congestion.caution import Caution
from kit.media.rtp.congestion.flight import Flight, Sent
from kit.media.rtp.congestion.groups import ArrivalGroups
from kit.media.rtp.congestion.hearing import Hearing
from kit.media.rtp.congestion.loss import LossBound
from kit.media.rtp.congestion.probes import Probe, Prober, ProbeResult
from kit.media.rtp.congestion.queueing import QueueingDelay, Slowdown
from kit.media.rtp.congestion.throughput import LastSecond, Throughput
from kit.media.rtp.congestion.trendline import Trendline, Usage

_WINDOW_EXTRA_S = 0.35
_SUSPECT_EXTRA_S, _SUSPECT_S = 0.1, 0.8
_PRESUMED_AFTER_S = 0.2
_MIN_WINDOW = 4500.0
_IDLE_SHARE = 0.65
_SILENCE_S = 0.7
_STALL_S = 0.2
"""Ticks that are this far apart show that this machine stood still: what came meanwhile is not read yet."""
_SHORT_QUEUE_S = 0.05
_LATELY_S = 0.2
_CLIFF_QUEUE_S = 0.1
_CLIFF_SLOWER, _CLIFF_AGAIN_SLOWER = 2.0, 1.4
_CLIFF_DRAIN = 0.85
_CLIFF_INTERVAL_S, _CLIFF_AGAIN_S = 0.12, 1.0
_PROBE_VALID_S = 1.0
_RETURN_S = 0.5
_NOISE_FLOOR_S, _NOISE_FACTOR = 0.01, 3.0
_PROBE_QUIET_S = 1.5
_PROBE_QUEUE_S = 0.04
_START_PACKETS = 200
_FAR = 0.66


class Limits(NamedTuple):
    """bit/s on the link, sound included."""

    start: float = 300_000
    floor: float = 70_000
    ceiling: float = 2_400_000
    """720p30 at 2 Mbit/s, with its headers, and sound that is sent twice."""


class SendSideEstimator:
    """Give it what is sent and what the feedback says; read :attr:`target`."""

    def __init__(self, limits: Limits) -> None:
        self.target = limits.start
        self.round_trip = 0.2
        self.min_round_trip: float | None = None
        self.flight = Flight()
        self.cliffs = 0
        """How many times the link fell far: what is queued and on its way then is mostly lost."""
        self.prober = Prober()
        self.throughput = Throughput()
        self.queueing = QueueingDelay()
        self.slowdown = Slowdown()
        self.trendline = Trendline()
        self.aimd = Aimd(limits.start, limits.floor, limits.ceiling)
        self.losses = LossBound(limits.start, limits.floor, limits.ceiling)
        self.last_feedback: float | None = None
        self._limits = limits
        self._caution = Caution()
        self._hearing = Hearing()
        self._groups = ArrivalGroups()
        self._fresh = float("-inf")
        """What left before this moment waited for the end of a silence, or fell out of the queue before it.
        Infinite until the first that left after the silence is through."""
        self._before_silence = 0.0
        self._last_second = LastSecond()
        self._began_probing: float | None = None
        self._last_probe = self._last_over = self._last_cliff = self._last_silence = float("-inf")
        self._last_drop = float("-inf")
        self._probe_top: float | None = None
        self._probed = (float("-inf"), 0.0)
        self._presumed = 0.0
        self._returned = self._suspected = self._now = float("-inf")
        self._ticked_at = float("inf")

    @property
    def loss(self) -> float:
        """Share of packets lost over the last two seconds."""
        return self.losses.loss

    @property
    def window(self) -> float:
        """Bytes that may be on the way."""
        extra = _SUSPECT_EXTRA_S if self._now - self._suspected < _SUSPECT_S else _WINDOW_EXTRA_S
        known_after = self._way_s + self._hearing.pause_s
        return max(_MIN_WINDOW, self.target * (known_after + extra) / 8)

    @property
    def _way_s(self) -> float:
        """There and back without our queue. How long reports wait on the way back may be no sign of ours."""
        shortest = self.min_round_trip or 0.1
        if not self._hearing.apart:
            return shortest
        return max(shortest, self.round_trip - max(0.0, self.queueing.smoothed))

    @property
    def congested(self) -> bool:
        """More is on the way than the window allows."""
        return self.flight.bytes > self.window

    def on_sent(self, now: float, size: int, cluster: int = 0) -> int:
        """Note a packet; returns its transport-wide sequence number (wraps at 16 bits)."""
        number = self.flight.add(now, size, cluster)
        self._last_second.add(now, size)
        if cluster:
            self.prober.on_sent(cluster)
        return number & 0xFFFF

    def begin_probing(self, now: float) -> None:
        """At the first media: learn the link's rate within a second."""
        if self._began_probing is None:
            self._began_probing = now
            for factor in (3, 6):
                self._probe(now, factor * self.target)

    def take_probe(self) -> Probe | None:
        """Return the next cluster for the pacer."""
        return self.prober.take()

    def on_feedback(self, now: float, reports: Sequence[tuple[int, float | None]], missed: int = 0) -> None:
        """Take in one feedback message: (16-bit sequence number, arrival or None), in sequence order.

        ``missed``: how many messages were lost just before it.
        """
        arrived = self._match(now, reports)
        if arrived is None:
            return
        if self._hearing.on_report(now, missed) > _RETURN_S + self.round_trip:
            self._on_return(now)
        elif missed:
            self._on_lost_reports(now)
        self.last_feedback = now
        if arrived:
            newest = now - max(sent.at for sent, _ in arrived)
            self.round_trip = 0.8 * self.round_trip + 0.2 * newest
            self.min_round_trip = min(newest, self.min_round_trip or newest)
            self.aimd.round_trip = self.round_trip
        usage, probe = self._take_in(now, arrived)
        fallen = self._fallen_to(now)
        if fallen is not None:
            self._on_cliff(now, fallen)
        elif usage is Usage.OVER:
            self._on_overuse(now)
        elif probe is not None:
            self._on_probe(now, probe)
        else:
            self.aimd.update(usage, self.throughput.bps, now)
        self._settle(now)

    def on_remb(self, now: float, bitrate: float) -> None:
        """Follow the receiver's estimate, where it gives no transport-wide feedback."""
        if self.last_feedback is None:
            self.target = min(self._limits.ceiling, max(self._limits.floor, min(bitrate, 1.15 * self.target)))
            self.aimd.set(self.target, now)

    def suspect(self, now: float, carried: float) -> None:
        """The other way has fallen to ``carried`` bit/s, and a radio falls both ways: let less be on its way.

        Feedback about our own way may be stuck in that other queue. When it goes on, less than this is on its
        way and nothing changes. When it stays away, our way is presumed to carry no more than the other.
        """
        if now - self._suspected > _SUSPECT_S:
            self._presumed = carried
        self._suspected = self._now = now

    def on_tick(self, now: float) -> None:
        """About every 50 ms: react to silence, probe when all is quiet."""
        stalled, self._ticked_at = now - self._ticked_at > _STALL_S, now
        self._now = now
        if self.last_feedback is None:
            return
        if stalled:
            self.last_feedback = now
            self._hearing.on_stall(now)
        silent = now - self.last_feedback - self._hearing.pause_s
        self._presume(now, silent)
        if (
            self.flight.bytes > 3000
            and silent > _SILENCE_S + self.round_trip
            and now - self._last_silence > 0.5
        ):
            if self._last_silence < self.last_feedback:
                self._before_silence = self.target
            self._last_silence = now
            self.aimd.set(0.7 * self.aimd.rate, now)
            self.target = min(self.target, self.aimd.rate)
            self.losses.lower_to(1.1 * self.target)
        if silent < 0.5:
            self._probe_when_quiet(now)

    def _presume(self, now: float, silent: float) -> None:
        if now - self._suspected > _SUSPECT_S or not self._presumed or not self.congested:
            return
        if silent > _PRESUMED_AFTER_S + (self.min_round_trip or 0.0):
            carried, self._presumed, self._suspected = self._presumed, 0.0, float("-inf")
            if carried < self.target:
                self._on_cliff(now, carried)
                self._settle(now)

    def _match(
        self, now: float, reports: Sequence[tuple[int, float | None]]
    ) -> list[tuple[Sent, float]] | None:
        """Packets that arrived; None when the feedback is about nothing that is known."""
        matched = self.flight.find(reports)
        if not matched:
            return None
        arrived: list[tuple[Sent, float]] = []
        known = lost = 0
        for number, sent, arrival in matched:
            if arrival is None:
                news = not sent.reported_lost and not self._explained(number, sent)
                known += news
                lost += news
                sent.reported_lost |= news
                continue
            known += not sent.reported_lost
            lost -= sent.reported_lost
            self.flight.acknowledge(number)
            if self._fresh == float("inf") and sent.at >= self._returned:
                self._fresh = sent.at
            arrived.append((sent, arrival))
        self.flight.settle(now)
        self.losses.add(now, known, lost)
        return arrived

    def _explained(self, number: int, sent: Sent) -> bool:
        """Whether it went when the link fell or was silent: it says nothing of the link as it is now."""
        return sent.at < self._fresh or self.flight.is_written_off(number)

    def _take_in(self, now: float, arrived: list[tuple[Sent, float]]) -> tuple[Usage, ProbeResult | None]:
        idle = self._last_second.bps < _IDLE_SHARE * self.target
        over, probe = False, None
        for sent, arrival in arrived:
            self.throughput.add(arrival, sent.size, idle=idle)
            if sent.at < self._fresh:
                continue
            spacing = self._groups.add(sent.at, arrival)
            if spacing is not None:
                over |= self.trendline.update(spacing, arrival) is Usage.OVER
            self.queueing.add(now, arrival - sent.at)
            self.slowdown.add(sent.at, arrival, sent.size)
            if sent.cluster:
                inherent = self.losses.inherent
                found = self.prober.on_arrived(sent.cluster, sent.at, arrival, sent.size, inherent)
                probe = found or probe
        usage = Usage.OVER if over else self.trendline.usage
        noise = _NOISE_FLOOR_S + _NOISE_FACTOR * self.queueing.noise
        if usage is Usage.OVER and self.queueing.smoothed < noise:
            usage = Usage.NORMAL
        return usage, probe

    def _on_overuse(self, now: float) -> None:
        self._last_over = now
        before, throughput = self.aimd.rate, self.throughput.bps
        if throughput is None:
            if self.aimd.may_decrease(now, None):
                self.aimd.set(before / 2, now)
            return
        throughput = max(throughput, self._just_measured(now, throughput))
        # An idle sender's own burst (a key frame) is no reason to fall to what it happened to send.
        burst = self.queueing.smoothed < _SHORT_QUEUE_S and throughput < 0.85 * before
        throughput = max(throughput, 0.95 * before) if burst else throughput
        if self.aimd.may_decrease(now, throughput):
            self.aimd.decrease(throughput, now)
        if self.aimd.rate < _FAR * before:
            self._fell(now)

    def _just_measured(self, now: float, throughput: float) -> float:
        """Return what the link carried a moment ago: the smoothed rate lags behind a jump upwards."""
        lately = self.throughput.recent(_LATELY_S) or 0.0
        jumped = lately if lately > 1.3 * throughput else 0.0
        return max(jumped, self._probed[1] if now - self._probed[0] < _PROBE_VALID_S else 0.0)

    def _fallen_to(self, now: float) -> float | None:
        """Rate of the last moments, when the link has fallen far below what is sent."""
        measured = self.slowdown.measure()
        if measured is None or self.queueing.latest < _CLIFF_QUEUE_S:
            return None
        again = now - self._last_cliff < _CLIFF_AGAIN_S
        if now - self._last_cliff < _CLIFF_INTERVAL_S:
            return None
        slower, rate = measured
        # The span may begin before the fall: the last packets alone show what is left.
        just_now = self.slowdown.just_now()
        rate = rate if just_now is None else min(rate, just_now[0])
        limit = _CLIFF_AGAIN_SLOWER if again else _CLIFF_SLOWER
        fallen = slower > limit and rate < self.aimd.rate / limit
        return rate if fallen and not self.slowdown.one_gap() else None

    def _on_cliff(self, now: float, fallen: float) -> None:
        """Follow at once, and below, so that the queue drains: the trendline would need half a second."""
        self._last_over = self._last_cliff = now
        self._fell(now)
        self.cliffs += 1
        self.flight.write_off()
        self.throughput.restart(fallen)
        self.prober.forget()
        self.aimd.decrease(_CLIFF_DRAIN * fallen, now)

    def _fell(self, now: float) -> None:
        self._last_drop = now
        self._caution.fell(now)

    def _on_return(self, now: float) -> None:
        """Begin anew after silence: what was lost in it says nothing of the rate that the link has now."""
        self._returned, self._fresh = now, float("inf")
        self.losses.forgive()
        self.trendline = Trendline()
        self._groups = ArrivalGroups()
        self.slowdown.reset()

    def _on_lost_reports(self, now: float) -> None:
        """Take back what was done about a silence that was only on the way back."""
        self.throughput.skip()
        if self.last_feedback is not None and self._last_silence > self.last_feedback:
            self.aimd.set(max(self.aimd.rate, self._before_silence), now)
            self.losses.raise_to(self._before_silence)

    def _on_probe(self, now: float, probe: ProbeResult) -> None:
        first = self.throughput.bps is None
        self._probed = (now, probe.bps)
        # Timers here are noisy: only the first probes may lower the rate.
        if probe.bps > self.aimd.rate or (probe.saturated and first):
            self.aimd.set(probe.bps, now)
        if self.losses.excess < 0.06:
            self.losses.raise_to(probe.bps)
        top = self._probe_top or probe.sent_bps
        if probe.bps > 0.7 * top and probe.bps < self._limits.ceiling:
            self._probe_top = 2 * probe.bps
            self._probe(now, 2 * probe.bps)

    def _settle(self, now: float) -> None:
        self.losses.update(now, self.round_trip, self.aimd.rate, queueing=self.queueing.smoothed > 0.06)
        if self.flight.count < _START_PACKETS and self._began_probing is not None and self.loss < 0.02:
            self.losses.raise_to(self.aimd.rate)
        rate = self._caution.bounded(now, min(self.aimd.rate, self.losses.rate))
        self.target = min(self._limits.ceiling, max(self._limits.floor, rate))

    def _probe_when_quiet(self, now: float) -> None:
        if self._began_probing is None or self.prober.pending or self.target > 0.95 * self._limits.ceiling:
            return
        young, after_drop = now - self._began_probing < 4.0, now - self._last_drop < 30.0
        returned = now - self._returned < 4.0
        interval = 0.5 if returned else 1.0 if young else 2.0 if after_drop else 5.0
        pause = 0.3 if returned else _PROBE_QUIET_S
        held_by_loss = self.losses.rate < 0.5 * self.aimd.rate
        if not held_by_loss and not self._caution.worth_probing(now, self.target, returned=returned):
            return
        quiet = now - self._last_over > pause and now - self._last_probe > interval
        if quiet and self.losses.excess < 0.06 and self.queueing.smoothed < _PROBE_QUEUE_S:
            self._probe_top = None
            self._probe(now, max(2 * self.target, self._before_silence if returned else 0.0))

    def _probe(self, now: float, bps: float) -> None:
        self.prober.want(min(bps, 1.2 * self._limits.ceiling))
        self._last_probe = now
