"""The edge to the patient's Wi-Fi, played: what is in reach, how a join ends, whether removal is verified."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kit.ipc.network import Signal, WifiSecurity, WifiTrouble
from kit.network.guard import client
from kit.network.guard.client import Guarding
from kit.network.wifi.names import Name
from kit.network.wifi.patient import Found, unheard
from kit.network.wifi.secrets import Secret

NAME, KEY = "Kanarieburen", "kanariefagel-4711"
NETWORK = Found(
    name=Name(NAME.encode()), label=NAME, signal=Signal.FAIR, security=WifiSecurity.KEY, hotspot=False
)


class Radio:
    """Keeps the Protocol's promises, and notes what it was asked."""

    def __init__(self) -> None:
        self.gone: Callable[[WifiTrouble], None] = unheard
        self.guarded: Callable[[Guarding], None] = client.unheard
        self.answers: list[WifiTrouble] = []
        """How the next joins end; then all end well."""
        self.may_join = asyncio.Event()
        self.may_join.set()
        self.verified = True
        self.left_behind = 0
        self.on = False
        self.asked: list[str] = []
        self.secrets: list[bool] = []
        """Whether the password that came was the right one."""

    async def scan(self) -> tuple[Found, ...]:
        self.asked.append("scan")
        return (NETWORK,)

    async def join(self, where: Found | Name, secret: Secret | None, limit_s: float) -> WifiTrouble:
        assert limit_s > 0
        self.asked.append("join")
        self.secrets.append(secret == Secret(KEY))
        name = where.name if isinstance(where, Found) else where
        assert name == NETWORK.name
        await self.may_join.wait()
        trouble = self.answers.pop(0) if self.answers else WifiTrouble.NONE
        self.on = trouble is WifiTrouble.NONE
        return trouble

    async def remove(self) -> bool:
        self.asked.append("remove")
        await asyncio.sleep(0)
        self.on = self.on and not self.verified
        return self.verified

    async def sweep(self) -> int:
        self.asked.append("sweep")
        return self.left_behind

    async def keep_guarded(self) -> None:
        await asyncio.Event().wait()
