"""A device in a thread of its own: opened while it is wanted, looked for while it is not, retried when ill.

Device calls block, so none of them happens in the event loop. Each worker keeps one thread for the whole life
of the engine: a device is never opened before it has been closed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, TypeVar

from kit.ipc.state import Condition, Device
from kit.log import failed

RETRY_S = 2.0
_WORKED_S = 0.3
LOOK_S = 1.0
"""Between two looks at what is plugged in, where no uevent says that it is time."""

Opened = TypeVar("Opened")


class DeviceGone(Exception):  # noqa: N818 - it names what happened
    """The device is not there (MISSING) or does not work (BAD)."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition.value)
        self.condition = condition


class GiveWay(Exception):  # noqa: N818 - it names what happened
    """The device works, but a better one is there."""


class Worker(ABC, Generic[Opened]):
    """Runs one device. Subclasses say, in the thread, how it is found, opened, used and closed."""

    def __init__(self, name: str, changed: Callable[[Device], None]) -> None:
        """``changed`` is called in the event loop that :meth:`start` ran in."""
        self._name = name
        self._changed = changed
        self._wanted = threading.Event()
        self._nudge = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._device = Device()
        self.known = asyncio.Event()
        """Set once the device has been looked for."""

    @property
    def device(self) -> Device:
        """What is known of the device now."""
        return self._device

    def start(self) -> None:
        """Begin to look for the device; call in the event loop, once."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def use(self, on: bool) -> None:
        """Open the device, or close it; takes effect within about 0.1 s."""
        if on == self._wanted.is_set():
            return
        if on:
            self._wanted.set()
        else:
            self._wanted.clear()
        self._nudge.set()

    def look_again(self) -> None:
        """Something was plugged in or pulled out: look now."""
        self._nudge.set()

    @property
    def wanted(self) -> bool:
        """Whether the device is to be open."""
        return self._wanted.is_set()

    @abstractmethod
    def look(self) -> Device:
        """Look for the device without using it; called about once a second."""

    @abstractmethod
    def open(self) -> tuple[Opened, Device]:
        """Open the best that works; DeviceGone when none does."""

    @abstractmethod
    def work(self, opened: Opened) -> None:
        """Do one piece of work, of about 0.1 s at most; DeviceGone when the device failed."""

    @abstractmethod
    def close(self, opened: Opened) -> None:
        """Close it; must not raise."""

    def better(self) -> bool:
        """Whether another device is to be used instead of the open one; called about once a second."""
        return False

    def post(self, callback: Callable[..., None], *arguments: object) -> None:
        """Call something in the event loop; dropped once that has ended."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(callback, *arguments)

    def _run(self) -> None:
        self._survive(lambda: self._report(self.look()))
        while True:
            self._nudge.wait(LOOK_S)
            self._nudge.clear()
            if self._wanted.is_set():
                self._survive(self._use_until_unwanted)
            else:
                self._survive(lambda: self._report(self.look()))

    def _survive(self, job: Callable[[], None]) -> None:
        """Try again whatever fails: without its thread the device would be dead for good."""
        try:
            job()
        except Exception as error:
            failed("device_failed", error)
            self._report(Device(condition=Condition.BAD, label=self._device.label))
            self._nudge.wait(RETRY_S)
            self._nudge.set()

    def _use_until_unwanted(self) -> None:
        while self._wanted.is_set():
            began = time.monotonic()
            try:
                self._use_until_gone()
            except GiveWay:
                continue
            except DeviceGone as gone:
                self._report(Device(condition=gone.condition, label=self._device.label))
                if time.monotonic() - began < _WORKED_S:
                    # What worked for a while is replaced at once; what does not even begin can wait.
                    self._nudge.wait(RETRY_S)
                    self._nudge.clear()

    def _use_until_gone(self) -> None:
        opened, device = self.open()
        try:
            self._report(device)
            looked = time.monotonic()
            while self._wanted.is_set():
                self.work(opened)
                if self._nudge.is_set() or time.monotonic() - looked > LOOK_S:
                    self._nudge.clear()
                    looked = time.monotonic()
                    if self.better():
                        raise GiveWay
        finally:
            self.close(opened)

    def _report(self, device: Device) -> None:
        self.post(self._take, device)

    def _take(self, device: Device) -> None:
        self.known.set()
        if device != self._device:
            self._device = device
            self._changed(device)
