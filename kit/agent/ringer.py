"""Keeps the kit registered as a device that can be called, and lets the visit know who calls.

In the agent and not in the engine: a call must be heard while the engine restarts, whether it may disturb is
the visit's to decide, and a registration is HTTP and no media.
"""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog

from kit import files
from kit.config import Registration as Wish
from kit.ipc.call import Ringing
from kit.meeting.pexip.api import trust
from kit.meeting.pexip.registration import Account, Registration
from kit.visit import events as ev
from kit.visit.model import Invitation, Refusal, Step

if TYPE_CHECKING:
    from kit.agent.agent import Agent

RINGS_KEPT = 4
"""Calls at a time; another one is refused."""
UNREACHABLE_AFTER_S = 60.0

log = structlog.get_logger()


class _Call(NamedTuple):
    invitation: Invitation
    since: float


class Ringer:
    """Calls that ring now, and the registration that they come through."""

    def __init__(self, agent: Agent) -> None:
        """Nothing is touched before :meth:`run`."""
        self._agent = agent
        self._registration: Registration | None = None
        self._calls: dict[str, _Call] = {}
        self._unreachable_since: float | None = None

    async def run(self) -> None:
        """Stay registered until cancelled; return at once where the kit is not to be called."""
        wish = self._agent.config.meeting.registration
        if wish is None:
            return
        self._unreachable_since = self._agent.wall()
        # Beside the loop: certificates and the secret are files.
        account = await asyncio.to_thread(_account, wish)
        tls = await asyncio.to_thread(_trust, self._agent.config.meeting.ca)
        if account is None or tls is None:
            return
        self._registration = Registration(
            account, tls, self._rang, self._cancelled, self._agent.allowed_hosts, misread=self._misread
        )
        await self._registration.run()

    @property
    def unreachable(self) -> bool:
        """Whether nobody could call the kit for a while, though somebody should be able to."""
        since = self._unreachable_since
        return since is not None and self._agent.wall() - since >= UNREACHABLE_AFTER_S

    def shown(self) -> Ringing | None:
        """Who calls: the visit's caller while it rings, else whoever calls in the middle of a visit."""
        visit, policy = self._agent.visit, self._agent.config.policy
        if visit.step is Step.RINGING and visit.invitation is not None:
            after = policy.answers_itself_s
            answers_at = None if after is None else visit.since + after
            return Ringing(caller=visit.invitation.caller, answers_at=answers_at)
        for call in self._calls.values():
            return Ringing(caller=call.invitation.caller)
        return None

    def decline(self, invitation: Invitation) -> None:
        """Nobody answers this call."""
        self.taken(invitation)
        if self._registration is not None and invitation.ring_token is not None:
            self._agent.beside(self._registration.decline(invitation))

    def taken(self, invitation: Invitation) -> None:
        """This call does not ring any more: it was answered."""
        self._calls.pop(invitation.ring_token or "", None)

    def tick(self) -> None:
        """Time has passed: refuse what rang for too long during a visit; ring when the visit is over."""
        reachable = self._registration is not None and self._registration.reachable
        if reachable or self._agent.config.meeting.registration is None:
            self._unreachable_since = None
        elif self._unreachable_since is None:
            self._unreachable_since = self._agent.wall()
        limit = self._agent.config.policy.ring_limit_s
        for call in tuple(self._calls.values()):
            if self._agent.visit.step is Step.IDLE:
                self._agent.happen(ev.Rang(call.invitation))
            elif self._agent.visit.step is not Step.RINGING and self._agent.wall() - call.since >= limit:
                self._agent.reporter.counters.count(Refusal.CALL_MISSED.value)
                self.decline(call.invitation)

    def _rang(self, invitation: Invitation) -> None:
        if self._agent.is_locked or len(self._calls) >= RINGS_KEPT:
            self.decline(invitation)
            return
        log.info("call_rings")
        self._calls[invitation.ring_token or ""] = _Call(invitation, self._agent.wall())
        self._agent.happen(ev.Rang(invitation))
        self._agent.publish()

    def _misread(self) -> None:
        self._agent.reporter.counters.count("ring_message_misfit")

    def _cancelled(self, ring_token: str) -> None:
        self._calls.pop(ring_token, None)
        self._agent.happen(ev.RingCancelled(ring_token))
        self._agent.publish()


def _trust(ca: Path | None) -> ssl.SSLContext | None:
    try:
        return trust(ca)
    except (OSError, ssl.SSLError):
        log.warning("room_authorities_unreadable")
        return None


def _account(wish: Wish) -> Account | None:
    """Return what the kit registers with; None when its secret cannot be read, or others could read it."""
    password = files.secret(wish.password_file)
    return None if password is None else Account(wish.host, wish.alias, wish.user, password)
