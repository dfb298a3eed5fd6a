"""Which uplink carries the kit, and when another one takes over. Pure; seconds of a monotonic clock come in.

Cable first, then the care's own Wi-Fi, then mobile broadband, then a phone's, then the patient's Wi-Fi. An
uplink that is lost, or that carries the call badly, gives way at once. A better one comes back only when it
has been there for a while and the region's server has answered through it; one that failed before waits
longer each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from kit.ipc.call import Quality
from kit.ipc.network import Signal, Technology, Uplink, UplinkState, UplinkView

ORDER: Final = (Uplink.CABLE, Uplink.CARE_WIFI, Uplink.MOBILE, Uplink.PATIENT_WIFI)
STABLE_S: Final = 15.0
"""So long without a break must a better uplink have been there: somebody may still be plugging."""
BAD_WAIT_S: Final = 60.0
"""So long is an uplink left alone that was up and carried badly, the first time."""
LONGEST_WAIT_S: Final = 600.0
POOR_S: Final = 5.0
"""So long must it be poor: a burst of loss is over sooner than a change is made."""
NEW_S: Final = 6.0
"""So long the call needs to come over to a new uplink; what it says before then is about the former one."""
ANSWER_HOLDS_S: Final = 5.0
FORGIVEN_S: Final = 120.0
"""Who has carried well for so long has not failed before."""
LOSS_PERCENT: Final = 20.0
"""What the call's own repair cannot hide for long; a link test says "går" up to 27."""
ROUND_TRIP_MS: Final = 1500.0
"""Nobody can talk like that; queues of mobile networks reach it when they carry too little."""
_LONG_AGO: Final = float("-inf")


class Seen(Struct, frozen=True, kw_only=True):
    """One uplink as it stands. ``state`` is never IN_USE: who carries is decided here."""

    state: UplinkState = UplinkState.ABSENT
    technology: Technology = Technology.NONE
    signal: Signal | None = None
    metered: bool = False
    hotspot: bool = False


class Carrying(StrEnum):
    """How the uplink in use carries, by those who use it."""

    UNKNOWN = "unknown"
    WELL = "well"
    POOR = "poor"
    DEAD = "dead"
    """Nothing comes through."""


class Record(Struct, frozen=True, kw_only=True):
    """What is remembered of one uplink."""

    ready_since: float | None = None
    failed_at: float = _LONG_AGO
    wait_s: float = STABLE_S
    answered_at: float = _LONG_AGO
    """When the region's server last answered through it."""


class Choice(Struct, frozen=True, kw_only=True):
    """Who carries, and what is remembered for the next decision."""

    carrier: Uplink = Uplink.NONE
    took_at: float = 0.0
    poor_since: float | None = None
    records: Mapping[Uplink, Record] = {}
    order: tuple[Uplink, ...] = ORDER
    ask: tuple[Uplink, ...] = ()
    """Through these the region's server should be asked now: they could take over if it answers."""

    def record(self, uplink: Uplink) -> Record:
        """What is remembered of ``uplink``."""
        return self.records.get(uplink, _NEW)


_NEW: Final = Record()


def carrying(quality: Quality) -> Carrying:
    """Judge the call's figures of the last seconds."""
    if not quality.receive_kbps:
        # Nothing comes from a room where nobody is; that a path is dead, the engine tells by other means.
        return Carrying.UNKNOWN
    lost, round_trip = quality.packets_lost_percent or 0.0, quality.round_trip_ms or 0.0
    stopped = quality.video_stopped or quality.their_video_stopped
    if lost >= LOSS_PERCENT or round_trip >= ROUND_TRIP_MS or stopped:
        return Carrying.POOR
    return Carrying.WELL


def decide(former: Choice, seen: Mapping[Uplink, Seen], carried: Carrying, now: float) -> Choice:
    """Return who carries from ``now`` on. ``carried`` is about the carrier of ``former``."""
    records = {uplink: _watched(former.record(uplink), _ready(seen, uplink), now) for uplink in ORDER}
    poor_since = _poor_since(former, carried, now)
    choice = replace(former, records=records, poor_since=poor_since, order=_order(seen), ask=())
    if not _ready(seen, choice.carrier):
        return _lost(choice, now)
    if _is_bad(choice, carried, now):
        return _bad(choice, now)
    if now - choice.took_at >= FORGIVEN_S and carried is not Carrying.POOR:
        choice = _remember(choice, choice.carrier, Record(ready_since=records[choice.carrier].ready_since))
    return _better(choice, now)


def answered(choice: Choice, uplink: Uplink, now: float, *, well: bool) -> Choice:
    """The region's server was asked through ``uplink``. No answer counts as a failure."""
    record = choice.record(uplink)
    record = replace(record, answered_at=now) if well else _failed(record, now, STABLE_S)
    return _remember(choice, uplink, record)


def views(
    choice: Choice, seen: Mapping[Uplink, Seen], carried: Carrying, now: float
) -> tuple[UplinkView, ...]:
    """The uplinks as the screen shows them, in their order. The patient's is shown while it is there."""
    return tuple(
        _view(uplink, seen[uplink], _state(choice, uplink, seen[uplink].state, carried, now))
        for uplink in ORDER
        if uplink in seen and (uplink, seen[uplink].state) != (Uplink.PATIENT_WIFI, UplinkState.ABSENT)
    )


def _view(uplink: Uplink, seen: Seen, state: UplinkState) -> UplinkView:
    return UplinkView(
        uplink=uplink,
        state=state,
        technology=seen.technology,
        signal=seen.signal,
        metered=seen.metered,
        hotspot=seen.hotspot,
    )


def _state(choice: Choice, uplink: Uplink, state: UplinkState, carried: Carrying, now: float) -> UplinkState:
    """One that is up and leads nowhere has failed, as far as staff must know."""
    if state is not UplinkState.READY:
        return state
    if uplink is choice.carrier:
        return UplinkState.FAILED if carried is Carrying.DEAD else UplinkState.IN_USE
    return state if _trusted(choice.record(uplink), now) else UplinkState.FAILED


def _lost(choice: Choice, now: float) -> Choice:
    """Nobody carries: take the best that did not fail lately, else the one whose failure is the oldest."""
    if choice.carrier is not Uplink.NONE:
        choice = _remember(choice, choice.carrier, _failed(choice.record(choice.carrier), now, STABLE_S))
    there = [uplink for uplink in choice.order if choice.record(uplink).ready_since is not None]
    trusted = [uplink for uplink in there if _trusted(choice.record(uplink), now)]
    rest = sorted(there, key=lambda uplink: choice.record(uplink).failed_at)
    return _taken(choice, next(iter(trusted + rest), Uplink.NONE), now)


def _bad(choice: Choice, now: float) -> Choice:
    """It is there and carries badly: go to the best other one that did not fail lately, else stay."""
    for uplink in choice.order:
        record = choice.record(uplink)
        if uplink is not choice.carrier and record.ready_since is not None and _trusted(record, now):
            failed = _failed(choice.record(choice.carrier), now, BAD_WAIT_S)
            return _taken(_remember(choice, choice.carrier, failed), uplink, now)
    return choice


def _better(choice: Choice, now: float) -> Choice:
    """All is well: go to a better one once it is stable and has proved to lead to the region."""
    for uplink in choice.order[: choice.order.index(choice.carrier)]:
        record = choice.record(uplink)
        if record.ready_since is None or not _stable(record, now):
            continue
        if now - record.answered_at <= ANSWER_HOLDS_S:
            return _taken(choice, uplink, now)
        choice = replace(choice, ask=(*choice.ask, uplink))
    return choice


def _is_bad(choice: Choice, carried: Carrying, now: float) -> bool:
    if now - choice.took_at < NEW_S:
        return False
    poor_s = 0.0 if choice.poor_since is None else now - choice.poor_since
    return carried is Carrying.DEAD or poor_s >= POOR_S


def _taken(choice: Choice, uplink: Uplink, now: float) -> Choice:
    return replace(choice, carrier=uplink, took_at=now, poor_since=None)


def _remember(choice: Choice, uplink: Uplink, record: Record) -> Choice:
    return replace(choice, records={**choice.records, uplink: record})


def _watched(record: Record, ready: bool, now: float) -> Record:
    if ready == (record.ready_since is not None):
        return record
    return replace(record, ready_since=now if ready else None)


def _failed(record: Record, now: float, least_s: float) -> Record:
    """It waits twice as long as after its last failure."""
    before = record.wait_s if record.failed_at > _LONG_AGO else 0.0
    wait_s = min(LONGEST_WAIT_S, max(least_s, 2 * before))
    return replace(record, failed_at=now, wait_s=wait_s, answered_at=_LONG_AGO)


def _trusted(record: Record, now: float) -> bool:
    return now - record.failed_at >= record.wait_s


def _stable(record: Record, now: float) -> bool:
    return record.ready_since is not None and now - record.ready_since >= STABLE_S and _trusted(record, now)


def _poor_since(former: Choice, carried: Carrying, now: float) -> float | None:
    match carried:
        case Carrying.POOR | Carrying.DEAD:
            return now if former.poor_since is None else former.poor_since
        case _:
            return None


def _order(seen: Mapping[Uplink, Seen]) -> tuple[Uplink, ...]:
    phones = {uplink for uplink, one in seen.items() if one.hotspot}
    return tuple(sorted(ORDER, key=lambda uplink: (uplink is Uplink.PATIENT_WIFI, uplink in phones)))


def _ready(seen: Mapping[Uplink, Seen], uplink: Uplink) -> bool:
    return uplink in seen and seen[uplink].state is UplinkState.READY
