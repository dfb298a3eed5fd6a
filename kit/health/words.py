"""What agent and reporter tell each other."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from fleet.contract import Case, Desired
from kit.hw.readings import Readings
from kit.ipc.call import Quality
from kit.ipc.network import LinkFigures, Mobile, Uplink, Verdict
from kit.ipc.state import Device, NoticeKind
from kit.network.guard.client import Guarding


class LinkFound(Struct, frozen=True, kw_only=True):
    """The last link test of one uplink. ``figures`` is None where nothing came back."""

    uplink: Uplink
    verdict: Verdict
    age_s: float
    figures: LinkFigures | None = None


class Seen(Struct, frozen=True, kw_only=True):
    """What only the agent knows of the kit's health. ``quality`` is None outside a call."""

    visit: bool = False
    camera: Device = Device()
    microphone: Device = Device()
    speaker: Device = Device()
    mobile: Mobile | None = None
    """None where the kit is not meant to have any."""
    link_tests: tuple[LinkFound, ...] = ()
    guard: Guarding | None = None
    """None where nothing guards."""
    encoder: str = ""
    encoder_ms: float | None = None
    encoder_cpu: float | None = None
    """What was chosen, and measured to cost then: ms a picture, CPU seconds per second."""
    quality: Quality | None = None


class Status(Struct, frozen=True, kw_only=True):
    """How the way to the fleet is.

    ``since``: unix seconds of the last change of ``connected``. ``pending``: reports kept, not yet
    acknowledged. ``trouble``: of BROKER_AWAY, OUTBOX_FULL and REPORT_REFUSED those that hold now.
    """

    connected: bool = False
    since: float = 0.0
    pending: int = 0
    trouble: tuple[NoticeKind, ...] = ()


News: TypeAlias = Desired | Case | Readings | Status
