"""Camera, microphone, speaker and encoder as the engine found them, and how loud it is."""

from __future__ import annotations

from kit.health import LinkFound, Seen
from kit.ipc import engine as ng
from kit.ipc.call import Quality
from kit.ipc.network import Mobile
from kit.ipc.state import Condition, Device
from kit.network.guard.client import Guarding
from kit.visit.model import Check


class Parts:
    """What the engine told last."""

    def __init__(self) -> None:
        """Nothing is known before the engine is there."""
        self._found: dict[Check, Device] = {}
        self.second_camera = Device(condition=Condition.MISSING)
        self.level: ng.Level | None = None
        """Of the microphone, until the engine is gone or the visit over."""
        self._encoder = ng.EngineReady(Device(), Device(), Device(), "")

    def heard(self, event: ng.Event) -> bool:
        """Take what the engine says of them; True where a device came or went."""
        match event:
            case ng.EngineReady(camera, microphone, speaker, second_camera=second):
                self._encoder = event
            case ng.DevicesChanged(camera, microphone, speaker, second):
                pass
            case ng.Level():
                self.level = event
                return False
            case _:
                return False
        self.second_camera = second
        self._found = {Check.CAMERA: camera, Check.MICROPHONE: microphone, Check.SPEAKER: speaker}
        return True

    def device(self, check: Check) -> Device:
        """Camera, microphone or speaker."""
        return self._found.get(check, Device())

    def seen(
        self,
        *,
        visit: bool,
        quality: Quality | None,
        mobile: Mobile | None,
        link_tests: tuple[LinkFound, ...],
        guard: Guarding | None,
    ) -> Seen:
        """What health reports need to know: whether there is a visit, and how well it runs."""
        return Seen(
            visit=visit,
            camera=self.device(Check.CAMERA),
            microphone=self.device(Check.MICROPHONE),
            speaker=self.device(Check.SPEAKER),
            mobile=mobile,
            link_tests=link_tests,
            guard=guard,
            encoder=self._encoder.encoder,
            encoder_ms=self._encoder.encoder_ms,
            encoder_cpu=self._encoder.encoder_cpu,
            quality=quality,
        )
