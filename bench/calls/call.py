"""One call between two peers through the relay, straight or by way of a meeting server."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from bench.calls.choices import Behind, named
from bench.calls.conditions import Condition
from bench.calls.janus import Janus, Subscriber
from bench.calls.machine import stolen_ratio, times
from bench.calls.network import Network
from bench.calls.peer import Cost, Peer, Report
from bench.calls.relay import Account, Order
from kit.meeting.janus.leg import Fit
from kit.meeting.janus.room import LOOK_S

WARM_UP_S = 10.0


class Outcome(NamedTuple):
    """What both sides noted, and what the relay saw."""

    near: Report
    far: Report
    account: Account
    cost: Cost
    """Of the near side: CPU seconds of the counted time, and what it held at its end."""
    stolen_ratio: float
    """Share of all cores' counted time that the host gave to other machines."""


class Plan(NamedTuple):
    """How a call is held."""

    condition: Condition
    seed: int
    seconds: float
    warm_up: float = WARM_UP_S
    behind: Behind = "direct"

    @property
    def name(self) -> str:
        """What its rows are called."""
        return named(self.condition, self.behind)


async def hold(near: Peer, far: Peer, plan: Plan) -> Outcome:
    """Let the near side call the far one; both are closed afterwards."""
    if plan.behind == "direct":
        return await _hold(near, far, plan, Network(Order(plan.condition, plan.seed)), None)
    janus = Janus()
    try:
        await janus.start()
        order = Order(plan.condition, plan.seed, 2, janus.outside, janus.inside)
        return await _hold(near, far, plan, Network(order), janus)
    finally:
        await janus.close()


async def _hold(near: Peer, far: Peer, plan: Plan, network: Network, janus: Janus | None) -> Outcome:
    await network.open()
    heeding, over = None, asyncio.Event()
    try:
        await asyncio.gather(near.start(), far.start())
        if janus is None:
            await connect(near, far, network)
        else:
            watching = await _join(near, far, network, janus)
            heeding = asyncio.create_task(_heed(near, watching, over))
        await asyncio.sleep(plan.warm_up)
        await asyncio.gather(near.mark(), far.mark(), network.start())
        before, began = await asyncio.to_thread(near.cost), times()
        await asyncio.sleep(plan.seconds)
        after, ended = await asyncio.to_thread(near.cost), times()
        heard_near, heard_far = await asyncio.gather(near.collect(), far.collect())
    finally:
        over.set()
        if heeding is not None:
            await asyncio.gather(heeding, return_exceptions=True)
        await asyncio.gather(near.close(), far.close())
        account = await network.close()
    cost = Cost(after.cpu_seconds - before.cpu_seconds, after.rss_mb, after.own_mb)
    return Outcome(heard_near, heard_far, account, cost, stolen_ratio(began, ended))


async def connect(near: Peer, far: Peer, network: Network) -> None:
    """Let the near side call the far one straight through the network."""
    offer = await near.offer("call")
    answer = await far.answer("call", network.for_far(0, offer))
    await network.meet(0, offer, answer)
    await near.accept("call", network.for_near(0, answer))


async def _join(near: Peer, far: Peer, network: Network, janus: Janus) -> Subscriber:
    """Both publish into a room, then each subscribes to the other; the relay is before the near side only.

    Returns what the near side receives with.
    """
    publishing = await asyncio.gather(janus.publisher(), janus.publisher())
    offer = await near.offer("publish")
    answer = await publishing[0].publish(network.for_far(0, offer))
    await network.meet(0, offer, answer)
    await near.accept("publish", network.for_near(0, answer))
    await far.accept("publish", await publishing[1].publish(await far.offer("publish")))
    await asyncio.gather(*(publisher.up() for publisher in publishing))
    watching = await janus.subscriber()
    offer = await watching.subscribe(publishing[1].feed)
    answer = await near.answer("subscribe", network.for_near(1, offer))
    await network.meet(1, answer, offer)
    await watching.start(network.for_far(1, answer))
    watched = await janus.subscriber()
    await watched.start(await far.answer("subscribe", await watched.subscribe(publishing[0].feed)))
    return watching


async def _heed(near: Peer, watching: Subscriber, over: asyncio.Event) -> None:
    """Ask the room for what the near side can take, as the kit's room does.

    Ends when it is over: Python 3.11 loses a cancellation that comes together with an answer.
    """
    fit = Fit.ALL
    while not over.is_set():
        await asyncio.sleep(LOOK_S)
        before, fit = fit, await near.fit()
        if (fit is Fit.ALL) is not (before is Fit.ALL):
            await watching.show(on=fit is Fit.ALL)
